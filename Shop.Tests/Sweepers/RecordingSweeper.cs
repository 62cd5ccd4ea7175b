using Shop.Worker.Sweepers;

namespace Shop.Tests.Sweepers;

/// <summary>Sweeps nothing and counts how often it was let.</summary>
internal sealed class RecordingSweeper(string name, Func<int> sweep) : Sweeper
{
    private int _sweeps;

    public int Sweeps => Volatile.Read(ref _sweeps);

    public override string Name => name;

    public override TimeSpan Interval => TimeSpan.FromMilliseconds(20);

    public override Task<int> SweepAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _sweeps);
        return Task.FromResult(sweep());
    }
}
