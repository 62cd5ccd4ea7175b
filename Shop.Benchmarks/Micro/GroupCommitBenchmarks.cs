using System.Diagnostics.CodeAnalysis;
using BenchmarkDotNet.Attributes;
using Shop.Infrastructure.Sql;

namespace Shop.Benchmarks.Micro;

/// <summary>What it costs an order to go through the group commit, without a database behind it.</summary>
[MemoryDiagnoser]
[SuppressMessage("Design", "CA1001", Justification = "BenchmarkDotNet calls EndAsync.")]
public class GroupCommitBenchmarks
{
    private const int Items = 1_024;

    private readonly Task<int>[] _waiting = new Task<int>[Items];
    private GroupCommit<int, int> _commits = null!;

    /// <summary>Orders written together at most.</summary>
    [Params(1, 128)]
    public int MaxBatch { get; set; }

    [GlobalSetup]
    public void Begin() => _commits = new(
        new GroupCommitOptions(Capacity: Items * 2, MaxBatch, Writers: 2), (items, _) => Task.FromResult<IReadOnlyList<int>>([.. items]));

    [GlobalCleanup]
    public async Task EndAsync() => await _commits.DisposeAsync();

    [Benchmark(OperationsPerInvoke = Items)]
    public async Task ManyAtOnceAsync()
    {
        for (var item = 0; item < Items; item++)
            _waiting[item] = _commits.AddAsync(item, CancellationToken.None);
        await Task.WhenAll(_waiting);
    }

    [Benchmark]
    public Task OneAloneAsync() => _commits.AddAsync(1, CancellationToken.None);
}
