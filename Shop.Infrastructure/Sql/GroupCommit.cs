using System.Threading.Channels;

namespace Shop.Infrastructure.Sql;

/// <summary>How a <see cref="GroupCommit{TItem, TResult}"/> works.</summary>
/// <param name="Capacity">How many items may wait; one more is refused with <see cref="GroupCommitFullException"/>.</param>
/// <param name="MaxBatch">How many items are committed together at most.</param>
/// <param name="Writers">How many batches are under way at once, each on a connection of its own.</param>
public sealed record GroupCommitOptions(int Capacity, int MaxBatch, int Writers)
{
    /// <summary>
    /// How often a batch is tried when the database fails for a moment (connection lost, deadlock, serialization failure).
    /// </summary>
    public int Attempts { get; init; } = 3;

    /// <summary>How long to wait before trying again, times the number of the attempt.</summary>
    public TimeSpan RetryPause { get; init; } = TimeSpan.FromMilliseconds(50);
}

/// <summary>More comes in than can be committed; nothing of this item was.</summary>
public sealed class GroupCommitFullException(string message) : Exception(message);

/// <summary>
/// Commits together what arrives together: while one batch is under way the next collects, so under load a transaction's
/// cost is shared by many, and without load an item is committed at once and alone. Nothing waits for company.
/// </summary>
/// <remarks>
/// A batch that fails for a reason which may lie in one of its items is split until the culprit stands alone: it fails,
/// its neighbours don't. After a lost connection it isn't known whether the commit arrived, so a batch may be committed
/// twice: <c>commit</c> must recognise what it has done already.
/// </remarks>
public sealed class GroupCommit<TItem, TResult> : IAsyncDisposable
{
    /// <summary>How long a process that stops waits for the database; a service has 20 s in all.</summary>
    private static readonly TimeSpan LastCommits = TimeSpan.FromSeconds(10);

    private readonly GroupCommitOptions _options;
    private readonly Func<IReadOnlyList<TItem>, CancellationToken, Task<IReadOnlyList<TResult>>> _commit;
    private readonly Func<TItem, object>? _keyOf;
    private readonly Channel<Entry> _queue;
    private readonly CancellationTokenSource _abandon = new();
    private readonly Task _writing;
    private int _waiting;

    /// <param name="options">How much at once.</param>
    /// <param name="commit">Commits a batch and returns a result for each of its items, in their order.</param>
    /// <param name="keyOf">Two items with the same key never share a batch: the second waits for the first one's outcome. Null where that
    /// can't matter.</param>
    public GroupCommit(
        GroupCommitOptions options,
        Func<IReadOnlyList<TItem>, CancellationToken, Task<IReadOnlyList<TResult>>> commit,
        Func<TItem, object>? keyOf = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_options, _commit, _keyOf) = (options, commit, keyOf);
        _queue = Channel.CreateUnbounded<Entry>(new UnboundedChannelOptions { SingleReader = options.Writers == 1 });
        // Made by whoever comes first: what the writers do for all must not count as part of that one request, in traces above all.
        using var ofNobody = ExecutionContext.SuppressFlow();
        _writing = Task.WhenAll(Enumerable.Range(0, options.Writers).Select(_ => Task.Run(WriteAsync)));
    }

    /// <summary>How many items wait for their batch.</summary>
    public int Depth => Volatile.Read(ref _waiting);

    /// <summary>Completes when the item is committed. An item whose caller has gone before its turn is left out.</summary>
    /// <exception cref="GroupCommitFullException">Too many wait already.</exception>
    public Task<TResult> AddAsync(TItem item, CancellationToken cancellationToken)
    {
        // Counted here and not by the queue: those that are held over because of their keys wait as well.
        if (Interlocked.Increment(ref _waiting) > _options.Capacity)
        {
            Interlocked.Decrement(ref _waiting);
            throw new GroupCommitFullException($"{_options.Capacity} wait to be written already.");
        }

        var entry = new Entry(item, cancellationToken);
        ObjectDisposedException.ThrowIf(!_queue.Writer.TryWrite(entry), this);
        return entry.Result;
    }

    /// <summary>Commits what waits, then ends; what isn't committed within <see cref="LastCommits"/> fails.</summary>
    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        _abandon.CancelAfter(LastCommits);
        await _writing;
        _abandon.Dispose();
    }

    private async Task WriteAsync()
    {
        var batch = new List<Entry>(_options.MaxBatch);
        var heldOver = new Queue<Entry>();
        var keys = _keyOf is null ? null : new HashSet<object>();
        while (heldOver.Count > 0 || await _queue.Reader.WaitToReadAsync())
        {
            for (var count = heldOver.Count; count > 0; count--)
                Take(heldOver.Dequeue());
            while (batch.Count < _options.MaxBatch && _queue.Reader.TryRead(out var entry))
                Take(entry);
            await CommitAsync(batch);
            batch.Clear();
            keys?.Clear();
        }

        void Take(Entry entry)
        {
            var isGone = entry.IsGone;
            if (!isGone && keys is not null && !keys.Add(_keyOf!(entry.Item)))
            {
                heldOver.Enqueue(entry);
                return;
            }

            Interlocked.Decrement(ref _waiting);
            if (!isGone)
                batch.Add(entry);
        }
    }

    private async Task CommitAsync(IReadOnlyList<Entry> batch)
    {
        if (batch.Count == 0)
            return;
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var results = await _commit([.. batch.Select(entry => entry.Item)], _abandon.Token);
                for (var index = 0; index < batch.Count; index++)
                    batch[index].Succeed(results[index]);
                return;
            }
            catch (Exception transient) when (DatabaseFailures.IsTransient(transient) && attempt < _options.Attempts)
            {
                await Task.Delay(_options.RetryPause * attempt);
            }
            catch (Exception failure) when (batch.Count == 1 || DatabaseFailures.IsTransient(failure))
            {
                foreach (var entry in batch)
                    entry.Fail(failure);
                return;
            }
            catch (Exception)
            {
                var half = batch.Count / 2;
                await CommitAsync([.. batch.Take(half)]);
                await CommitAsync([.. batch.Skip(half)]);
                return;
            }
        }
    }

    private sealed class Entry(TItem item, CancellationToken cancellationToken)
    {
        // Whoever waits goes on by itself, not inside the writer.
        private readonly TaskCompletionSource<TResult> _result = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TItem Item => item;

        public Task<TResult> Result => _result.Task;

        /// <summary>The caller has gone before the item's turn came.</summary>
        public bool IsGone => cancellationToken.IsCancellationRequested && _result.TrySetCanceled(cancellationToken);

        public void Succeed(TResult result) => _result.TrySetResult(result);

        public void Fail(Exception failure) => _result.TrySetException(failure);
    }
}
