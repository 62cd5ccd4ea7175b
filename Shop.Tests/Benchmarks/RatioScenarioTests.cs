using Shop.Benchmarks.Scenarios;

namespace Shop.Tests.Benchmarks;

[Trait("Category", "Unit")]
public sealed class RatioScenarioTests
{
    [Theory]
    [InlineData("--gateway")]
    [InlineData("--api-replicas", "2")]
    public async Task What_a_comparison_would_have_to_leave_aside_is_refused(params string[] arguments)
    {
        Assert.Null(BenchmarkOptions.TryParse(arguments, out var options));
        var scenario = new RatioScenario("this-vs-other", "this", "other", new Dictionary<string, string>());

        // Cancelled, so that a shop that was started after all would end the test at once.
        Assert.False(await scenario.RunAsync(options, new CancellationToken(canceled: true)));
    }
}
