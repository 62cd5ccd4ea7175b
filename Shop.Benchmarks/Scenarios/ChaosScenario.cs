using Shop.Benchmarks.Chaos;

namespace Shop.Benchmarks.Scenarios;

/// <summary>Many rounds of chaos, each kind of fault in turn.</summary>
internal static class ChaosScenario
{
    public static async Task<bool> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var report = new Report("chaos", options);
        var seed = options.Seed ?? Random.Shared.Next();
        var random = new Random(seed);
        report.Say($"chaos: starting the shop (--seed {seed})");
        await using var shop = await ShopTopology.StartAsync(ChaosHarness.OptionsWith(options.Settings), cancellationToken);
        using var harness = new ChaosHarness(shop, report.Say);
        await harness.PrepareAsync(cancellationToken);

        var rounds = new List<ChaosRound>();
        for (var number = 1; number <= options.Rounds; number++)
        {
            var fault = Fault.Of(Fault.Kinds[(number - 1) % Fault.Kinds.Count], random);
            report.Say($"  round {number} of {options.Rounds}: {fault}");
            var round = await harness.RunAsync(number, fault, options.SecondsOfLoad, random, cancellationToken);
            report.Say($"    {Describe(round)}");
            foreach (var sentence in round.Broken)
                report.Say($"    BROKEN: {sentence}");
            rounds.Add(round);
        }

        Tell(report, rounds);
        report.Figures["seed"] = seed;
        report.Figures["rounds"] = new JsonArray([.. rounds.Select(round => round.ToJson())]);
        await report.SaveAsync(cancellationToken);
        return rounds.TrueForAll(round => round.Broken.Count == 0);
    }

    private static string Describe(ChaosRound round) => string.Create(
        CultureInfo.InvariantCulture,
        $"{round.Accepted} accepted, {round.PaidAgain} of them with a second card, {round.Refused} refused, troubles: {Troubles(round)}; "
        + $"orders again after {Seconds(round.Recovered)} s, settled {Seconds(round.Settled)} s after the load");

    private static string Troubles(ChaosRound round) =>
        round.Troubles.Count == 0 ? "none" : string.Join(", ", round.Troubles.Select(trouble => $"{trouble.Value} × {trouble.Key}"));

    private static string Seconds(TimeSpan? span) => span is { } known ? Figure.Seconds(known) : "never";

    private static void Tell(Report report, List<ChaosRound> rounds)
    {
        var table = new TextTable(
            "round", "fault", "orders", "accepted", "second cards", "refused", "written unheard", "orders again after, s",
            "settled after, s",
            "cancelled with a good card", "broken", "what customers saw");
        foreach (var round in rounds)
        {
            table.Add(
                round.Number.ToString(CultureInfo.InvariantCulture), round.Fault.ToString(),
                Figure.Count(round.Orders), Figure.Count(round.Accepted), Figure.Count(round.PaidAgain), Figure.Count(round.Refused),
                Figure.Count(round.WrittenUnheard),
                Seconds(round.Recovered), Seconds(round.Settled), Figure.Count(round.CancelledWithGoodCards),
                Figure.Count(round.Broken.Count), Troubles(round));
        }

        report.Show("Rounds", table);
        var summary = new TextTable(
            "fault", "rounds", "orders again after, median s", "longest s", "settled after, median s", "longest s", "broken");
        foreach (var kind in rounds.GroupBy(round => round.Fault.Kind))
        {
            summary.Add(
                kind.Key, Figure.Count(kind.Count()),
                Median(kind.Select(round => round.Recovered)), Longest(kind.Select(round => round.Recovered)),
                Median(kind.Select(round => round.Settled)), Longest(kind.Select(round => round.Settled)),
                Figure.Count(kind.Sum(round => round.Broken.Count)));
        }

        report.Show(
            "By kind of fault: from the fault to the next order accepted, and from the end of the load until all is settled",
            summary);
        report.Conclude(rounds.TrueForAll(round => round.Broken.Count == 0)
            ? $"{rounds.Count} rounds, {Figure.Count(rounds.Sum(round => round.Orders))} orders: nothing broken."
            : $"BROKEN in {rounds.Count(round => round.Broken.Count > 0)} of {rounds.Count} rounds.");
    }

    private static string Median(IEnumerable<TimeSpan?> spans) =>
        Figure.Median(spans.Select(span => span?.TotalSeconds ?? double.PositiveInfinity)) is var median && double.IsFinite(median)
            ? median.ToString("0.0", CultureInfo.InvariantCulture) : "never";

    private static string Longest(IEnumerable<TimeSpan?> spans) => spans.Any(span => span is null) ? "never" : Seconds(spans.Max());
}
