namespace Shop.Infrastructure.Promotions;

/// <summary>How long things last at the gate.</summary>
/// <param name="LevelLife">How long a level is believed: a stale one, whatever made it so, heals by then, and so often Postgres is asked
/// about what is sold out.</param>
/// <param name="LongestFlight">
/// How long anything that was begun may still have an effect: an order between its admission and its commit, a level
/// between its commit and the end of its number's life in Redis, a replica without news of a sale. No answer takes as long,
/// not even with <paramref name="LevelLife"/> on top.
/// </param>
public sealed record GateTimings(TimeSpan LevelLife, TimeSpan LongestFlight)
{
    public static GateTimings Default { get; } = new(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(10));
}
