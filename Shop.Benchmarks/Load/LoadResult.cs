namespace Shop.Benchmarks.Load;

/// <summary>What came of a load.</summary>
public sealed class LoadResult
{
    private readonly Dictionary<(string Kind, int Status), Outcome> _outcomes = [];
    private readonly SortedDictionary<string, long> _errors = new(StringComparer.Ordinal);

    /// <summary>How long requests were sent.</summary>
    public TimeSpan Duration { get; internal set; }

    /// <summary>Processor time of the load generator's thread; null where the system doesn't tell.</summary>
    public TimeSpan? ProcessorTime { get; internal set; }

    /// <summary>By the request's kind and the answer's status.</summary>
    public IReadOnlyDictionary<(string Kind, int Status), Outcome> Outcomes => _outcomes;

    /// <summary>Requests that got no answer, by what happened instead.</summary>
    public IReadOnlyDictionary<string, long> Errors => _errors;

    public long Answers => _outcomes.Values.Sum(outcome => outcome.Count);

    public long Count(int status) => Where((_, answered) => answered == status).Sum(outcome => outcome.Count);

    public long Count(string kind, int status) => _outcomes.TryGetValue((kind, status), out var outcome) ? outcome.Count : 0;

    /// <summary>Answers a second with this status, while requests were sent.</summary>
    public double RatePerSecond(int status) =>
        Where((_, answered) => answered == status).Sum(outcome => outcome.InTime) / Duration.TotalSeconds;

    /// <summary>The latencies of all answers for which this holds.</summary>
    public LatencyHistogram Latencies(Func<string, int, bool> holds)
    {
        var all = new LatencyHistogram();
        foreach (var outcome in Where(holds))
            all.Add(outcome.Latencies);
        return all;
    }

    public LatencyHistogram Latencies(int status) => Latencies((_, answered) => answered == status);

    internal void Answered(string kind, int status, TimeSpan latency, bool inTime)
    {
        if (!_outcomes.TryGetValue((kind, status), out var outcome))
            _outcomes.Add((kind, status), outcome = new Outcome());
        outcome.Latencies.Record(latency);
        if (inTime)
            outcome.InTime++;
    }

    internal void Failed(string what) => _errors[what] = _errors.GetValueOrDefault(what) + 1;

    private IEnumerable<Outcome> Where(Func<string, int, bool> holds) =>
        _outcomes.Where(outcome => holds(outcome.Key.Kind, outcome.Key.Status)).Select(outcome => outcome.Value);
}
