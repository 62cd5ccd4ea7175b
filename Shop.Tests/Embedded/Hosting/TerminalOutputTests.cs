namespace Shop.Tests.Embedded.Hosting;

public sealed class TerminalOutputTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Colours_are_there_only_when_they_can_be_seen(bool colours)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var terminal = new TerminalOutput(output, error, coloursOut: colours, coloursError: colours);

        terminal.Change("apiservice", "healthy", "after a while", Severity.Good);
        terminal.LastWord("It failed.");

        Assert.Contains("apiservice", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("after a while", output.ToString(), StringComparison.Ordinal);
        Assert.Contains("It failed.", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(colours, output.ToString().Contains('\e', StringComparison.Ordinal));
        Assert.Equal(colours, error.ToString().Contains('\e', StringComparison.Ordinal));
    }

    [Fact]
    public void A_table_keeps_its_columns_in_line()
    {
        using var output = new StringWriter();
        var terminal = new TerminalOutput(output, TextWriter.Null, coloursOut: false, coloursError: false);

        terminal.Table(["resource", "state"], [["a", "healthy"], ["webfrontend", "finished"]]);

        var lines = output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => line.Trim().Length > 0).ToList();
        Assert.Single(lines.Select(line => line.IndexOfAny(['s', 'h', 'f'], "  webfrontend".Length)).Distinct());
    }
}
