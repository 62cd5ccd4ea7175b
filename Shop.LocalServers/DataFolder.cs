namespace Shop.LocalServers;

/// <summary>The folder of all that is kept on this machine from one run to the next.</summary>
public static class DataFolder
{
    /// <summary><c>SHOP_DATA</c>, else <c>shop</c> below the user's own application data (<c>~/.local/share</c>).</summary>
    public static string Path { get; } = Environment.GetEnvironmentVariable("SHOP_DATA") is { Length: > 0 } chosen
        ? System.IO.Path.GetFullPath(chosen)
        : System.IO.Path.Combine(
            Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "shop");
}
