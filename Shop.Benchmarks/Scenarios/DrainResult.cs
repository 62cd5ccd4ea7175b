namespace Shop.Benchmarks.Scenarios;

/// <summary>What came of draining.</summary>
/// <param name="Accepted">Orders answered 202.</param>
/// <param name="Confirmed">Of them, in the end.</param>
/// <param name="EndToEnd">Orders a second, from the first acceptance to the last confirmation.</param>
/// <param name="OnlyDraining">Orders confirmed a second after the last acceptance.</param>
/// <param name="AcceptedRate">Orders accepted a second beside the worker.</param>
/// <param name="EmptyAfter">From the last answer until nothing is unsettled and outbox and queues are empty.</param>
/// <param name="Samples">The shop meanwhile.</param>
/// <param name="Cost">Of all of it.</param>
internal sealed record DrainResult(
    long Accepted,
    long Confirmed,
    double EndToEnd,
    double OnlyDraining,
    double AcceptedRate,
    TimeSpan EmptyAfter,
    IReadOnlyList<DrainSample> Samples,
    Cost Cost)
{
    public long PeakOutbox => Samples.Max(sample => sample.Outbox);

    public long PeakQueued => Samples.Max(sample => sample.Queued);

    public JsonObject ToJson() => new()
    {
        ["accepted"] = Accepted,
        ["confirmed"] = Confirmed,
        ["ordersPerSecondEndToEnd"] = Figure.Rounded(EndToEnd),
        ["ordersPerSecondOnlyDraining"] = Figure.Rounded(OnlyDraining),
        ["ordersPerSecondAccepted"] = Figure.Rounded(AcceptedRate),
        ["peakOutbox"] = PeakOutbox,
        ["peakQueues"] = PeakQueued,
        ["emptyAfterSeconds"] = Figure.Rounded(EmptyAfter.TotalSeconds),
        ["residentMiB"] = new JsonObject(Samples[^1].ResidentBytes.OrderBy(process => process.Key, StringComparer.Ordinal).Select(process =>
            KeyValuePair.Create(process.Key, (JsonNode?)new JsonObject
            {
                ["begin"] = Figure.Rounded(Samples[0].ResidentBytes.GetValueOrDefault(process.Key) / 1024.0 / 1024),
                ["largest"] = Figure.Rounded(Samples.Max(sample => sample.ResidentBytes.GetValueOrDefault(process.Key)) / 1024.0 / 1024),
                ["end"] = Figure.Rounded(process.Value / 1024.0 / 1024),
            }))),
    };
}
