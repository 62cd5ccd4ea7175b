using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;
using StackExchange.Redis.Profiling;

namespace Embedded.Components;

/// <summary>
/// A span for every Redis command sent within a recorded activity. StackExchange.Redis notes commands as they
/// complete, in a session that is asked for with every command; here each activity has one, and what they hold is turned
/// into spans once a second.
/// </summary>
internal sealed class RedisCommandTracing : BackgroundService
{
    /// <summary>The name of the source in OpenTelemetry's own instrumentation, which Aspire listens to.</summary>
    public const string SourceName = "OpenTelemetry.Instrumentation.StackExchangeRedis";

    private const string SessionProperty = "Embedded.Components.RedisSession";
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>How long after the end of its activity a command may still complete and be seen.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    private static readonly ActivitySource Source = new(SourceName);

    private readonly ConcurrentQueue<ProfilingSession> _sessions = new();

    public void Watch(IConnectionMultiplexer connection) => connection.RegisterProfiler(CurrentSession);

    /// <summary>Turns what has completed so far into spans.</summary>
    internal void Flush()
    {
        for (var remaining = _sessions.Count; remaining > 0 && _sessions.TryDequeue(out var session); remaining--)
        {
            var parent = (Activity)session.UserToken!;

            // Asked before the commands are taken: what completes in between is taken next time.
            var over = parent.IsStopped && DateTime.UtcNow - (parent.StartTimeUtc + parent.Duration) > Grace;
            foreach (var command in session.FinishProfiling())
                Record(command, parent.Context);

            if (!over)
                _sessions.Enqueue(session);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                Flush();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops; the last commands are still recorded.
            Flush();
        }
    }

    private ProfilingSession? CurrentSession()
    {
        if (!Source.HasListeners() || Activity.Current is not { Recorded: true } activity)
            return null;

        // Commands of one activity may be sent from several threads.
        lock (activity)
        {
            if (activity.GetCustomProperty(SessionProperty) is ProfilingSession known)
                return known;

            var session = new ProfilingSession(activity);
            activity.SetCustomProperty(SessionProperty, session);
            _sessions.Enqueue(session);
            return session;
        }
    }

    private static void Record(IProfiledCommand command, ActivityContext parent)
    {
        using var activity = Source.StartActivity(command.Command, ActivityKind.Client, parent, startTime: new DateTimeOffset(command.CommandCreated.ToUniversalTime()));
        if (activity is null)
            return;

        activity.SetTag("db.system.name", "redis");
        activity.SetTag("db.operation.name", command.Command);
        activity.SetTag("db.namespace", command.Db.ToString(CultureInfo.InvariantCulture));
        var (address, port) = command.EndPoint switch
        {
            DnsEndPoint dns => (dns.Host, dns.Port),
            IPEndPoint ip => (ip.Address.ToString(), ip.Port),
            _ => (null, 0),
        };
        if (address is not null)
        {
            activity.SetTag("server.address", address);
            activity.SetTag("server.port", port);
        }

        activity.SetEndTime(command.CommandCreated.ToUniversalTime() + command.ElapsedTime);
    }
}
