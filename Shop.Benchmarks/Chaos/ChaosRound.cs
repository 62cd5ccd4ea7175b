namespace Shop.Benchmarks.Chaos;

/// <summary>What came of a round.</summary>
/// <param name="Number">From 1.</param>
/// <param name="Fault">What was done.</param>
/// <param name="Orders">That customers tried to place.</param>
/// <param name="Accepted">Answered 202, at once or when sent again.</param>
/// <param name="PaidAgain">Whose second card was taken after the first was refused.</param>
/// <param name="Refused">Answered 409.</param>
/// <param name="Troubles">What customers saw instead of an answer, and how often.</param>
/// <param name="WrittenUnheard">Orders that exist though their customers saw only troubles; their keys, sent again, led to them.</param>
/// <param name="Recovered">From the fault to the first order accepted that was sent after it; null when none was.</param>
/// <param name="Settled">From the end of the load until everything was settled and fitted; null when it didn't in time.</param>
/// <param name="CancelledWithGoodCards">Orders cancelled though their cards would have paid.</param>
/// <param name="Broken">What doesn't hold, with ids.</param>
public sealed record ChaosRound(
    int Number,
    Fault Fault,
    int Orders,
    int Accepted,
    int PaidAgain,
    int Refused,
    IReadOnlyDictionary<string, int> Troubles,
    int WrittenUnheard,
    TimeSpan? Recovered,
    TimeSpan? Settled,
    int CancelledWithGoodCards,
    IReadOnlyList<string> Broken)
{
    internal JsonObject ToJson() => new()
    {
        ["round"] = Number,
        ["kind"] = Fault.Kind,
        ["fault"] = Fault.ToString(),
        ["orders"] = Orders,
        ["accepted"] = Accepted,
        ["secondCards"] = PaidAgain,
        ["refused"] = Refused,
        ["troubles"] = new JsonObject(Troubles.OrderBy(trouble => trouble.Key, StringComparer.Ordinal)
            .Select(trouble => KeyValuePair.Create(trouble.Key, (JsonNode?)trouble.Value))),
        ["writtenUnheard"] = WrittenUnheard,
        ["recoveredSeconds"] = Recovered is { } recovered ? Figure.Rounded(recovered.TotalSeconds) : null,
        ["settledSeconds"] = Settled is { } settled ? Figure.Rounded(settled.TotalSeconds) : null,
        ["cancelledWithGoodCards"] = CancelledWithGoodCards,
        ["broken"] = new JsonArray([.. Broken.Select(sentence => (JsonNode)sentence)]),
    };
}
