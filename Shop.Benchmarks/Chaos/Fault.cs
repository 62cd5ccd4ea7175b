namespace Shop.Benchmarks.Chaos;

/// <summary>What is done to the shop in a round.</summary>
/// <param name="Kind">For the summary: <c>postgres</c>, <c>two at once</c>, <c>hang</c>.</param>
/// <param name="Targets">Whom it hits.</param>
/// <param name="Hangs">SIGSTOP, and SIGCONT later, instead of SIGKILL.</param>
public sealed record Fault(string Kind, IReadOnlyList<FaultTarget> Targets, bool Hangs)
{
    /// <summary>So long a process hangs: longer than heartbeats and time-outs.</summary>
    public static readonly TimeSpan HangsFor = TimeSpan.FromSeconds(15);

    /// <summary>Kinds of faults, each in turn.</summary>
    public static readonly IReadOnlyList<string> Kinds = ["postgres", "rabbitmq", "redis", "worker", "api", "two at once", "hang"];

    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="random">Chooses the replica, and what isn't said by the kind.</param>
    public static Fault Of(string kind, Random random)
    {
        ArgumentNullException.ThrowIfNull(random);
        switch (kind)
        {
            case "two at once":
                string[] two = [.. Kinds.Take(5)];
                random.Shuffle(two);
                return new Fault(kind, [Target(two[0], random), Target(two[1], random)], Hangs: false);
            case "hang":
                return new Fault(kind, [Target(Kinds[random.Next(5)], random)], Hangs: true);
            default:
                return new Fault(kind, [Target(kind, random)], Hangs: false);
        }
    }

    public override string ToString() =>
        Hangs ? $"{Targets[0]} hangs for {HangsFor.TotalSeconds:0} s" : $"kill -9 {string.Join(" and ", Targets)}";

    private static FaultTarget Target(string kind, Random random) => kind switch
    {
        "postgres" => new("postgres"),
        "rabbitmq" => new("messaging"),
        "redis" => new("cache"),
        "worker" => new("worker", random.Next(ChaosHarness.Replicas)),
        "api" => new("apiservice", random.Next(ChaosHarness.Replicas)),
        _ => throw new ArgumentException($"'{kind}' is no kind of fault.", nameof(kind)),
    };
}

/// <summary>An instance of a resource.</summary>
/// <param name="Resource">Its name.</param>
/// <param name="Replica">Which of them, from 0 in the order of their names.</param>
public sealed record FaultTarget(string Resource, int Replica = 0)
{
    public override string ToString() => Resource is "apiservice" or "worker" ? $"{Resource} (replica {Replica + 1})" : Resource;
}
