using System.Diagnostics.CodeAnalysis;
using Shop.Benchmarks.Micro;
using Shop.Benchmarks.Scenarios;

namespace Shop.Benchmarks;

/// <summary>All that can be measured, by name.</summary>
internal static class ScenarioList
{
    public const string Usage = """
        dotnet run -c Release --project Shop.Benchmarks -- SCENARIO [options]

        Starts the whole shop with fresh data, loads it, and writes what it measured to docs/benchmarks.

          intake                orders accepted a second at 1, 8, 32, 64 and 128 connections
          one-by-one            the same with one transaction an order
          intake-vs-one-by-one  both side by side in one run, by turns, and their ratio
          intake-with-telemetry with traces, metrics, logs and the dashboard, and without, by turns
          hot-sku               all want one SKU: how fast, and with limited stock exactly how many
          flash-sale            five times the ordinary load for 30 s, most of it on 1,000 pieces
          drain                 from accepted to confirmed: orders a second, what waits, memory
          browse                lists and single products
          catalogue             the same with 10,000 and 100,000 products, half of their SKUs sold out
          strangers             what outsiders once could do to the shop, done again: streams, poisoned pages, two tabs, …
          all                   each of these in turn
          micro                 what a single order costs in pieces, by BenchmarkDotNet
          chaos                 processes are killed and hang while customers order; nothing may be lost or doubled

          --runs N              measure each window so often and tell the medians (3); a comparison measures five pairs a run,
                                each run in new processes
          --seconds N           length of a window
          --connections N,N     connections of the load generator
          --rate N              requests a second where they come by the clock
          --api-replicas N      replicas of the API (1); a comparison has one of each kind
          --worker-replicas N   replicas of the worker (1), where the scenario measures it
          --orders N            orders that drain places (20000)
          --gateway             load the gateway instead of the API's replicas themselves; not in a comparison
          --with-worker         leave the worker running while the intake is measured
          --watched             whoever buys in the flash sale follows the order on its page
          --set NAME=VALUE      configuration of API and worker, as an environment variable; as often as you like
          --rounds N            rounds of chaos (30)
          --seed N              what the chaos draws its choices from
          --seconds-of-load N   how long each round of chaos orders (8)
          --output FOLDER       where JSON and charts go (docs/benchmarks)
        """;

    private static readonly Dictionary<string, string> NoSettings = [];

    private static readonly Dictionary<string, string> OneByOne = new()
    {
        ["Ordering__Intake__MaxBatch"] = "1",
        ["Ordering__Intake__Writers"] = "16",
    };

    /// <summary>https://opentelemetry.io/docs/specs/otel/configuration/sdk-environment-variables/</summary>
    private static readonly Dictionary<string, string> NoTelemetry = new() { ["OTEL_SDK_DISABLED"] = "true" };

    private static readonly Dictionary<string, Func<BenchmarkOptions, CancellationToken, Task<bool>>> All = new()
    {
        ["intake"] = (options, cancellationToken) => IntakeScenario.RunAsync("intake", NoSettings, options, cancellationToken),
        ["one-by-one"] = (options, cancellationToken) => IntakeScenario.RunAsync("one-by-one", OneByOne, options, cancellationToken),
        ["intake-vs-one-by-one"] = new RatioScenario("intake-vs-one-by-one", "together", "one by one", OneByOne).RunAsync,
        ["intake-with-telemetry"] = new RatioScenario("intake-with-telemetry", "with telemetry and dashboard", "without", NoTelemetry)
        {
            WithDashboard = true,
        }.RunAsync,
        ["hot-sku"] = HotSkuScenario.RunAsync,
        ["flash-sale"] = FlashSaleScenario.RunAsync,
        ["drain"] = DrainScenario.RunAsync,
        ["browse"] = BrowseScenario.RunAsync,
        ["catalogue"] = CatalogueScenario.RunAsync,
        ["strangers"] = StrangersScenario.RunAsync,
        ["micro"] = (options, _) => Task.FromResult(MicroBenchmarks.Run(options)),
        ["chaos"] = ChaosScenario.RunAsync,
    };

    private const string EachInTurn = "all";

    /// <summary>Without <c>one-by-one</c>, which its comparison measures as well.</summary>
    private static readonly string[] MeasuredForTheDocs = ["intake", "intake-vs-one-by-one", "hot-sku", "flash-sale", "drain", "browse"];

    public static IEnumerable<string> Names => All.Keys.Append(EachInTurn);

    /// <summary>Its result tells whether all that must hold did hold.</summary>
    public static bool TryFind(string name, [NotNullWhen(true)] out Func<BenchmarkOptions, CancellationToken, Task<bool>>? scenario)
    {
        if (name == EachInTurn)
            scenario = EachAsync;
        else
            All.TryGetValue(name, out scenario);
        return scenario is not null;
    }

    private static async Task<bool> EachAsync(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var good = true;
        foreach (var name in MeasuredForTheDocs)
            good &= await All[name](options, cancellationToken);
        return good;
    }
}
