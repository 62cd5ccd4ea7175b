using System.IO.Pipelines;

namespace Pipelines.Sockets.Unofficial;

/// <summary>A few threads of its own for a pipe's callbacks, so that a busy shared thread pool does not hold up the connection.</summary>
public sealed class DedicatedThreadPoolPipeScheduler : PipeScheduler, IDisposable
{
    private readonly Lock _queueLock = new();
    private readonly SemaphoreSlim _queued = new(0);
    private readonly Queue<(Action<object?> Action, object? State)> _queue = new();
    private readonly int _sharedPoolFrom;
    private bool _disposed;
    private int _available;
    private long _servicedByQueue;
    private long _servicedByPool;

    /// <param name="name">Of the threads, for debuggers.</param>
    /// <param name="workerCount">The number of threads.</param>
    /// <param name="useThreadPoolQueueLength">With this many callbacks waiting, further ones go to the shared pool.</param>
    /// <param name="priority">Of the threads.</param>
    public DedicatedThreadPoolPipeScheduler(string? name = null, int workerCount = 5, int useThreadPoolQueueLength = 10, ThreadPriority priority = ThreadPriority.Normal)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workerCount, 1);

        WorkerCount = workerCount;
        _sharedPoolFrom = useThreadPoolQueueLength;

        for (var i = 0; i < workerCount; i++)
            new Thread(Work) { IsBackground = true, Name = $"{name ?? GetType().Name}:{i}", Priority = priority }.Start();
    }

    public int WorkerCount { get; }

    /// <summary>How many of the threads have nothing to do.</summary>
    public int AvailableCount => Volatile.Read(ref _available);

    public long TotalServicedByQueue => Interlocked.Read(ref _servicedByQueue);

    public long TotalServicedByPool => Interlocked.Read(ref _servicedByPool);

    public override void Schedule(Action<object?> action, object? state)
    {
        ArgumentNullException.ThrowIfNull(action);

        lock (_queueLock)
        {
            if (!_disposed && _queue.Count < _sharedPoolFrom)
            {
                _queue.Enqueue((action, state));
                _queued.Release();
                return;
            }
        }

        Interlocked.Increment(ref _servicedByPool);
        ThreadPool.Schedule(action, state);
    }

    /// <summary>Ends the threads once what waits is done; later callbacks go to the shared pool.</summary>
    public void Dispose()
    {
        lock (_queueLock)
        {
            if (_disposed)
                return;

            _disposed = true;
            _queued.Release(WorkerCount);
        }
    }

    private void Work()
    {
        while (true)
        {
            Interlocked.Increment(ref _available);
            _queued.Wait();
            Interlocked.Decrement(ref _available);

            (Action<object?> Action, object? State) next;
            lock (_queueLock)
            {
                // Released without a callback: the scheduler is disposed.
                if (!_queue.TryDequeue(out next))
                    return;
            }

            Interlocked.Increment(ref _servicedByQueue);
            next.Action(next.State);
        }
    }
}
