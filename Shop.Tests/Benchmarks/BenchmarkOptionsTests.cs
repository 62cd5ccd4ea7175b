using Shop.Benchmarks.Scenarios;

namespace Shop.Tests.Benchmarks;

[Trait("Category", "Unit")]
public sealed class BenchmarkOptionsTests
{
    [Fact]
    public void What_is_asked_for_is_read()
    {
        Assert.Null(BenchmarkOptions.TryParse(
            ["--runs", "5", "--connections", "1,64", "--gateway", "--set", "Ordering__Intake__MaxBatch=32", "--seconds", "20"],
            out var options));

        Assert.Equal(5, options.Runs);
        Assert.Equal([1, 64], options.Connections!);
        Assert.True(options.Gateway);
        Assert.Equal("32", options.Settings["Ordering__Intake__MaxBatch"]);
        Assert.Equal(TimeSpan.FromSeconds(20), options.Window);
    }

    [Theory]
    [InlineData("'--fast' is not an option. --help lists all.", "--fast")]
    [InlineData("--runs needs a value.", "--runs")]
    [InlineData("--runs needs a whole number from 1 to 100, not 'many'.", "--runs", "many")]
    [InlineData("--connections needs a whole number from 1 to 4096, not '0'.", "--connections", "8,0")]
    [InlineData("--set needs NAME=VALUE, such as `--set Ordering__Intake__MaxBatch=100`, not 'MaxBatch'.", "--set", "MaxBatch")]
    public void A_mistake_is_answered_with_a_sentence(string sentence, params string[] arguments) =>
        Assert.Equal(sentence, BenchmarkOptions.TryParse(arguments, out _));

    [Fact]
    public void What_is_kept_of_the_arguments_names_no_folder_of_this_machine()
    {
        BenchmarkOptions.TryParse(["--runs", "1", "--output", "/home/me/figures", "--gateway"], out var options);

        Assert.Equal(["--runs", "1", "--gateway"], options.Arguments);
    }
}
