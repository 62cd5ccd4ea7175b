namespace Shop.AppHost;

/// <summary>What the command line gets for an answer instead of a running shop: the help it asked for, or what is wrong with it.</summary>
public sealed record CommandLineAnswer(string Text, bool IsMistake)
{
    /// <returns>The process's exit code: 0 for help, 2 for a mistake.</returns>
    public int Print()
    {
        (IsMistake ? Console.Error : Console.Out).WriteLine(Text);
        return IsMistake ? 2 : 0;
    }
}
