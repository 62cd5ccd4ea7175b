using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Embedded.Hosting;

/// <summary>
/// Keeps one unit alive: starts it, asks for its health, starts it again with growing delay when it ends by itself. A unit
/// that runs once is left alone after its end. Commands come one at a time.
/// </summary>
/// <param name="name">The unit's name for people.</param>
/// <param name="unit">What to keep alive.</param>
/// <param name="successExitCode">The exit code that ends a unit that runs once well; null for one that should stay.</param>
/// <param name="endsByItself">Whether exit code 0 is an end like any other, and no reason to start it again.</param>
/// <param name="report">Told every change.</param>
internal sealed class Supervisor(string name, IUnit unit, int? successExitCode, bool endsByItself, Action<InstanceState> report) : IDisposable
{
    /// <summary>So often may a unit end before it was ever healthy; then its start has failed.</summary>
    private const int AttemptsToStart = 4;

    private static readonly TimeSpan FirstRestartDelay = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestRestartDelay = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RanWell = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan HealthPollUntilHealthy = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan HealthPoll = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan HealthTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan CommandGrace = TimeSpan.FromSeconds(5);

    private readonly SemaphoreSlim _commands = new(1, 1);
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private InstanceState _state = new(KnownResourceStates.NotStarted);
    private CancellationTokenSource? _stopping;
    private Task _life = Task.CompletedTask;
    private TimeSpan _grace = CommandGrace;
    private bool _everReady;
    private bool _suspended;
    private int _starts;
    private TaskCompletionSource? _exitNoticed;

    public string Name { get; } = name;

    /// <summary>Healthy for the first time, or, for what runs once, ended well.</summary>
    /// <exception cref="EmbeddedHostingException">It never got there.</exception>
    public Task Ready => _ready.Task;

    public IUnit Unit => unit;

    /// <summary>How often it was started after the first time.</summary>
    public int Restarts => Math.Max(0, Volatile.Read(ref _starts) - 1);

    public InstanceState State
    {
        get
        {
            lock (_gate)
                return _state;
        }
    }

    public Task StartAsync() => CommandAsync(() =>
    {
        if (!_life.IsCompleted) return Task.CompletedTask;

        _stopping?.Dispose();
        _stopping = new CancellationTokenSource();
        _suspended = false;
        _life = SuperviseAsync(_stopping.Token);
        return Task.CompletedTask;
    });

    public Task StopAsync(TimeSpan? grace = null) => CommandAsync(async () =>
    {
        if (_life.IsCompleted || _stopping is null) return;

        _grace = grace ?? CommandGrace;
        // A stopped process can't act on the request to end.
        if (_suspended) unit.Resume();
        await _stopping.CancelAsync();
        await _life;
    });

    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    /// <summary>Completes when the end has been noticed and reported.</summary>
    public Task KillAsync() => CommandAsync(async () =>
    {
        if (State.State != KnownResourceStates.Running) throw new EmbeddedHostingException($"{Name} can't be killed: it is {State.State}.");

        var noticed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
            _exitNoticed = noticed;

        _suspended = false;
        unit.Kill();
        await noticed.Task;
    });

    public Task SuspendAsync() => CommandAsync(() =>
    {
        _suspended = true;
        unit.Suspend();
        return Task.CompletedTask;
    });

    public Task ResumeAsync() => CommandAsync(() =>
    {
        _suspended = false;
        unit.Resume();
        return Task.CompletedTask;
    });

    public void Dispose()
    {
        unit.Log.Dispose();
        _stopping?.Dispose();
        _commands.Dispose();
    }

    private async Task CommandAsync(Func<Task> command)
    {
        await _commands.WaitAsync();
        try
        {
            await command();
        }
        finally
        {
            _commands.Release();
        }
    }

    private async Task SuperviseAsync(CancellationToken stopping)
    {
        // The caller goes on at once; starting may take its time.
        await Task.Yield();
        try
        {
            await KeepAliveAsync(stopping);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await EndAsync();
        }
        catch (EmbeddedHostingException exception)
        {
            await unit.StopAsync(_grace);
            Report(new InstanceState(KnownResourceStates.FailedToStart, Detail: FirstLine(exception.Message)));
            _ready.TrySetException(exception);
        }
        catch (Exception exception)
        {
            // A fault of the engine itself: without this the application would wait for ever for the unit to become ready.
            unit.Kill();
            Report(new InstanceState(KnownResourceStates.FailedToStart, Detail: FirstLine(exception.Message)));
            _ready.TrySetException(exception);
        }
        finally
        {
            NoticeExit();
        }
    }

    private async Task EndAsync()
    {
        Report(new InstanceState(KnownResourceStates.Stopping));
        await unit.StopAsync(_grace);
        Report(new InstanceState(KnownResourceStates.Exited, Detail: "stopped"));
        _ready.TrySetCanceled(CancellationToken.None);
    }

    private async Task KeepAliveAsync(CancellationToken stopping)
    {
        var delay = FirstRestartDelay;
        for (var attempt = 1; ; attempt++)
        {
            Report(new InstanceState(KnownResourceStates.Starting));
            var (sentence, exitCode, lasted) = await RunOnceAsync(stopping);
            if (sentence is null) return;

            if (!_everReady && attempt >= AttemptsToStart)
                throw new EmbeddedHostingException(unit.Log.Explain(string.Create(CultureInfo.InvariantCulture, $"{Name} ended {attempt} times before it was healthy; the last time it {sentence}.")));

            if (lasted >= RanWell) delay = FirstRestartDelay;
            Report(new InstanceState(
                KnownResourceStates.Exited, ExitCode: exitCode,
                Detail: string.Create(CultureInfo.InvariantCulture, $"{sentence}; starts again in {delay.TotalSeconds:0.#} s")));
            NoticeExit();
            await Task.Delay(delay, stopping);
            delay = delay * 2 < LongestRestartDelay ? delay * 2 : LongestRestartDelay;
        }
    }

    // The first part is null when it ended as it should.
    private async Task<(string? Sentence, int? ExitCode, TimeSpan Lasted)> RunOnceAsync(CancellationToken stopping)
    {
        Interlocked.Increment(ref _starts);
        try
        {
            await unit.StartAsync(stopping);
        }
        catch (EmbeddedHostingException exception) when (_everReady)
        {
            return ($"couldn't be started: {FirstLine(exception.Message)}", null, TimeSpan.Zero);
        }

        var start = TimeProvider.System.GetTimestamp();
        Report(new InstanceState(KnownResourceStates.Running, unit.HasHealthCheck || successExitCode is not null ? null : HealthStatus.Healthy));
        if (!unit.HasHealthCheck && successExitCode is null) SetReady();

        int exitCode;
        using (var ended = CancellationTokenSource.CreateLinkedTokenSource(stopping))
        {
            var watching = unit.HasHealthCheck ? WatchHealthAsync(ended.Token) : Task.CompletedTask;
            try
            {
                var exited = unit.Exited.WaitAsync(stopping);
                // A health check that can't work at all is a mistake in the model and ends the start.
                if (await Task.WhenAny(exited, watching) == watching && watching.IsFaulted) await watching;
                exitCode = await exited;
            }
            finally
            {
                await ended.CancelAsync();
                await watching.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }

        unit.OnExited();
        var lasted = TimeProvider.System.GetElapsedTime(start);
        if (successExitCode is { } success)
        {
            if (exitCode != success)
                throw new EmbeddedHostingException(unit.Log.Explain($"{Name} {Describe(exitCode)}."));

            // What a one-shot said last is what came of it.
            Report(new InstanceState(KnownResourceStates.Finished, ExitCode: exitCode, Detail: unit.Log.Tail() is [.., var last] ? last : null));
            SetReady();
            NoticeExit();
            return (null, exitCode, lasted);
        }

        if (exitCode == 0 && endsByItself)
        {
            Report(new InstanceState(KnownResourceStates.Finished, ExitCode: exitCode));
            NoticeExit();
            return (null, exitCode, lasted);
        }

        return (Describe(exitCode), exitCode, lasted);
    }

    private async Task WatchHealthAsync(CancellationToken ended)
    {
        HealthStatus? known = null;
        var failures = 0;
        while (true)
        {
            var problem = await CheckHealthAsync(ended);
            ended.ThrowIfCancellationRequested();
            if (problem is null)
            {
                failures = 0;
                if (known != HealthStatus.Healthy)
                {
                    known = HealthStatus.Healthy;
                    unit.SetHealth(true);
                    Report(new InstanceState(KnownResourceStates.Running, known));
                    SetReady();
                }
            }
            // One slow answer under load isn't an illness; two in a row are.
            else if (++failures >= 2 || known != HealthStatus.Healthy)
            {
                if (known != HealthStatus.Unhealthy || State.Detail != problem)
                {
                    known = HealthStatus.Unhealthy;
                    unit.SetHealth(false);
                    Report(new InstanceState(KnownResourceStates.Running, known, Detail: problem));
                }
            }

            await Task.Delay(known == HealthStatus.Healthy && failures == 0 ? HealthPoll : HealthPollUntilHealthy, ended);
        }
    }

    private async Task<string?> CheckHealthAsync(CancellationToken ended)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(ended);
        timeout.CancelAfter(HealthTimeout);
        try
        {
            return await unit.CheckHealthAsync(timeout.Token);
        }
        catch (OperationCanceledException) when (!ended.IsCancellationRequested)
        {
            return string.Create(CultureInfo.InvariantCulture, $"the health check had no answer within {HealthTimeout.TotalSeconds} s");
        }
    }

    private void SetReady()
    {
        _everReady = true;
        _ready.TrySetResult();
    }

    private void NoticeExit()
    {
        TaskCompletionSource? noticed;
        lock (_gate)
        {
            noticed = _exitNoticed;
            _exitNoticed = null;
        }

        noticed?.TrySetResult();
    }

    private void Report(InstanceState state)
    {
        lock (_gate)
            _state = state;

        report(state);
    }

    private static string Describe(int exitCode) => exitCode > 128
        ? string.Create(CultureInfo.InvariantCulture, $"was ended by signal {exitCode - 128}")
        : string.Create(CultureInfo.InvariantCulture, $"ended with exit code {exitCode}");

    private static string FirstLine(string message) => message.Split('\n', 2)[0];
}
