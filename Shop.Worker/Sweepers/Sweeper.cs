namespace Shop.Worker.Sweepers;

/// <summary>
/// Looks for one kind of thing that stays half done when a message or a process gets lost, and finishes it.
/// Whatever it does must be right though it is done twice, or too late: a process that was stopped may wake up in the
/// middle of a sweep when another one sweeps already.
/// </summary>
internal abstract class Sweeper
{
    /// <summary>What its repairs are counted by, e.g. <c>expired-reservations</c>.</summary>
    public abstract string Name { get; }

    public abstract TimeSpan Interval { get; }

    /// <returns>How many were repaired.</returns>
    public abstract Task<int> SweepAsync(CancellationToken cancellationToken);
}
