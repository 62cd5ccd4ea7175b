using System.Net.Sockets;

namespace Shop.Benchmarks.Load;

/// <summary>
/// Loads a server from one thread over plain sockets. It runs on the machine that it measures, so what counts is how
/// little it takes from it: no task, no allocation and no wake-up of another thread for a request.
/// </summary>
public sealed class LoadGenerator
{
    /// <summary>Whoever waits longer has given up.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan LookForTheImpatient = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ConnectAgain = TimeSpan.FromMilliseconds(50);

    /// <summary>How long to sleep at most when nothing comes in.</summary>
    private const int LongestSleep = 20;

    /// <summary>Customers keep their numbers over all loads of a run, so that none comes twice.</summary>
    private static long _customers;

    private readonly LoadPlan _plan;
    private readonly CancellationToken _cancellation;
    private readonly LoadResult _result = new();
    private readonly Random _random = new();
    private readonly List<LoadConnection> _busy = [];
    private readonly Stack<LoadConnection> _idle = new();
    private readonly Poll.Entry[] _entries;
    private long _start;
    private long _end;
    private long _sent;

    private LoadGenerator(LoadPlan plan, CancellationToken cancellation)
    {
        (_plan, _cancellation) = (plan, cancellation);
        _entries = new Poll.Entry[plan.Connections];
        for (var count = 0; count < plan.Connections; count++)
            _idle.Push(new LoadConnection(plan.Servers[count % plan.Servers.Count]));
    }

    /// <summary>Runs the load on a thread of its own.</summary>
    /// <param name="plan">The load.</param>
    /// <param name="cancellation">Ends it early, without an exception.</param>
    public static Task<LoadResult> RunAsync(LoadPlan plan, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return Task.Factory.StartNew(
            () => new LoadGenerator(plan, cancellation).Run(),
            CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    private LoadResult Run()
    {
        var processorTime = ProcessorTimeOfThisThread();
        _start = Stopwatch.GetTimestamp();
        _end = _start + Ticks(_plan.Duration);
        var looked = _start;
        try
        {
            while (SendWhatIsDue() || _busy.Count > 0)
            {
                Receive();
                if (Stopwatch.GetElapsedTime(looked) > LookForTheImpatient)
                {
                    looked = Stopwatch.GetTimestamp();
                    GiveUpOnTheImpatient(looked);
                }
            }
        }
        finally
        {
            foreach (var connection in _busy.Concat(_idle))
                connection.Dispose();
        }

        _result.Duration = Stopwatch.GetElapsedTime(_start, Math.Min(_end, Stopwatch.GetTimestamp()));
        _result.ProcessorTime = ProcessorTimeOfThisThread() - processorTime;
        return _result;
    }

    /// <returns>Whether more is to come.</returns>
    private bool SendWhatIsDue()
    {
        var now = Stopwatch.GetTimestamp();
        while (_idle.Count > 0)
        {
            if (IsOver(now))
                return false;
            var due = _plan.Rate is { } rate ? _start + (long)(_sent / rate * Stopwatch.Frequency) : now;
            if (due > now || _idle.Peek().NotBefore > now)
                break;
            Send(_idle.Pop(), due, now);
        }

        return !IsOver(now);
    }

    private bool IsOver(long now)
    {
        if (_end <= now || _cancellation.IsCancellationRequested || _sent >= _plan.MostRequests)
        {
            _end = Math.Min(_end, now);
            return true;
        }

        return false;
    }

    private void Send(LoadConnection connection, long due, long now)
    {
        _sent++;
        try
        {
            connection.Connect();
            connection.Send(_plan.Workload.Next(_random), due, Interlocked.Increment(ref _customers), _random);
            _busy.Add(connection);
        }
        catch (SocketException failure)
        {
            Fail(connection, failure.SocketErrorCode.ToString(), now);
            _idle.Push(connection);
        }
    }

    private void Receive()
    {
        var entries = _entries.AsSpan(0, _busy.Count);
        for (var index = 0; index < entries.Length; index++)
            entries[index] = _busy[index].PollEntry;
        var ready = Poll.Wait(entries, TimeToSleep());
        // Backwards, because what is done is replaced by the last one.
        for (var index = entries.Length - 1; index >= 0 && ready > 0; index--)
        {
            if (entries[index].Seen == 0)
                continue;
            ready--;
            var connection = _busy[index];
            if (!Proceed(connection))
                continue;
            _busy[index] = _busy[^1];
            _busy.RemoveAt(_busy.Count - 1);
            _idle.Push(connection);
        }
    }

    /// <returns>Whether the request is over, well or not.</returns>
    private bool Proceed(LoadConnection connection)
    {
        var (kind, due) = (connection.Request!.Kind, connection.DueAt);
        try
        {
            if (!connection.Proceed())
                return false;
            var now = Stopwatch.GetTimestamp();
            _result.Answered(kind, connection.Status, Stopwatch.GetElapsedTime(due, now), now <= _end);
        }
        catch (SocketException failure)
        {
            Fail(connection, failure.SocketErrorCode.ToString(), Stopwatch.GetTimestamp());
        }
        catch (InvalidDataException failure)
        {
            Fail(connection, failure.Message, Stopwatch.GetTimestamp());
        }

        return true;
    }

    private void Fail(LoadConnection connection, string what, long now)
    {
        _result.Failed(what);
        connection.Drop();
        connection.NotBefore = now + Ticks(ConnectAgain);
    }

    private void GiveUpOnTheImpatient(long now)
    {
        for (var index = _busy.Count - 1; index >= 0; index--)
        {
            var connection = _busy[index];
            if (Stopwatch.GetElapsedTime(connection.DueAt, now) <= Patience)
                continue;
            Fail(connection, $"no answer within {Patience.TotalSeconds:0} s", now);
            _busy.RemoveAt(index);
            _idle.Push(connection);
        }
    }

    private int TimeToSleep()
    {
        if (_plan.Rate is not { } rate || _idle.Count == 0)
            return LongestSleep;
        var until = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), _start + (long)(_sent / rate * Stopwatch.Frequency));
        // poll(2) counts whole milliseconds; what is due sooner is up to one late, and its latency counts that.
        return Math.Clamp((int)until.TotalMilliseconds, until > TimeSpan.Zero ? 1 : 0, LongestSleep);
    }

    private static long Ticks(TimeSpan span) => (long)(span.TotalSeconds * Stopwatch.Frequency);

    /// <summary>Linux keeps it in nanoseconds as the first number of schedstat (Documentation/scheduler/sched-stats).</summary>
    private static TimeSpan? ProcessorTimeOfThisThread()
    {
        const string File = "/proc/thread-self/schedstat";
        return System.IO.File.Exists(File)
            ? TimeSpan.FromMicroseconds(long.Parse(System.IO.File.ReadAllText(File).Split(' ')[0], CultureInfo.InvariantCulture) / 1000.0)
            : null;
    }
}
