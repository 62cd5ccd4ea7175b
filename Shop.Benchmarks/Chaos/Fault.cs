namespace Shop.Benchmarks.Chaos;

/// <summary>What is done to the shop in a round.</summary>
/// <param name="Kind">For the summary: <c>postgres</c>, <c>two at once</c>, <c>hang</c>.</param>
/// <param name="Targets">Resources or replicas.</param>
/// <param name="Hangs">SIGSTOP, and SIGCONT later, instead of SIGKILL.</param>
public sealed record Fault(string Kind, IReadOnlyList<string> Targets, bool Hangs)
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

    public override string ToString() => Hangs ? $"{Targets[0]} hangs for {HangsFor.TotalSeconds:0} s" : $"kill -9 {string.Join(" and ", Targets)}";

    private static string Target(string kind, Random random) => kind switch
    {
        "postgres" => "postgres",
        "rabbitmq" => "messaging",
        "redis" => "cache",
        "worker" => $"worker-{random.Next(1, ChaosHarness.Replicas + 1)}",
        "api" => $"apiservice-{random.Next(1, ChaosHarness.Replicas + 1)}",
        _ => throw new ArgumentException($"'{kind}' is no kind of fault.", nameof(kind)),
    };
}
