using Npgsql;
using Shop.Benchmarks.Load;

namespace Shop.Benchmarks.Topology;

/// <summary>Measures what a window costs while it lasts.</summary>
public sealed class CostMeter
{
    /// <summary>Often enough to see what sessions wait for, seldom enough to cost nothing.</summary>
    private static readonly TimeSpan SampleEvery = TimeSpan.FromMilliseconds(50);

    private readonly NpgsqlConnection _connection;
    private readonly ProcessTimes _processesBefore;
    private readonly long[] _databaseBefore;
    private readonly long _start;
    private readonly CancellationTokenSource _stopping;
    private readonly Task<Dictionary<string, double>> _sampling;

    private CostMeter(NpgsqlConnection connection, long[] databaseBefore, CancellationToken cancellationToken)
    {
        (_connection, _databaseBefore) = (connection, databaseBefore);
        _processesBefore = ProcessTimes.Now();
        _start = Stopwatch.GetTimestamp();
        _stopping = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _sampling = SampleAsync(_stopping.Token);
    }

    internal static async Task<CostMeter> StartAsync(ShopTopology shop, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(shop);
        var connection = await shop.Database.OpenConnectionAsync(cancellationToken);
        return new CostMeter(connection, await CountersAsync(connection, cancellationToken), cancellationToken);
    }

    /// <param name="load">Whose processor time is told apart from the harness's.</param>
    public async Task<Cost> StopAsync(LoadResult load, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(load);
        var duration = Stopwatch.GetElapsedTime(_start);
        var times = new Dictionary<string, TimeSpan>(ProcessTimes.Now().Since(_processesBefore));
        await _stopping.CancelAsync();
        var waits = await _sampling;
        _stopping.Dispose();
        var after = await CountersAsync(_connection, cancellationToken);
        await _connection.DisposeAsync();

        if (load.ProcessorTime is { } ofLoad && times.ContainsKey(ProcessTimes.Own))
        {
            times[ProcessTimes.Own] -= ofLoad;
            times["load generator"] = ofLoad;
        }

        return new Cost(
            duration, times, after[0] - _databaseBefore[0], after[1] - _databaseBefore[1], after[2] - _databaseBefore[2],
            after[3] - _databaseBefore[3], waits);
    }

    private static async Task<long[]> CountersAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        // PostgreSQL 18 counts the log's fsyncs elsewhere.
        var syncs = connection.PostgreSqlVersion.Major < 18
            ? "wal_sync" : "(SELECT sum(fsyncs)::bigint FROM pg_stat_io WHERE object = 'wal')";
        await using var command = new NpgsqlCommand(
            $"""
            SELECT (pg_current_wal_lsn() - '0/0')::bigint, wal_fpi, {syncs},
                (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database())
            FROM pg_stat_wal
            """, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return [reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3)];
    }

    private async Task<Dictionary<string, double>> SampleAsync(CancellationToken stopping)
    {
        var seen = new Dictionary<string, double>();
        var samples = 0;
        using var pulse = new PeriodicTimer(SampleEvery);
        await using var command = new NpgsqlCommand(
            """
            SELECT coalesce(wait_event_type || ' ' || wait_event, 'on the processor'), count(*) FROM pg_stat_activity
            WHERE backend_type = 'client backend' AND state = 'active' AND pid <> pg_backend_pid() GROUP BY 1
            """, _connection);
        try
        {
            await command.PrepareAsync(stopping);
            while (await pulse.WaitForNextTickAsync(stopping))
            {
                // Not cancelled in the middle: the connection is needed once more.
                await using var reader = await command.ExecuteReaderAsync(CancellationToken.None);
                while (await reader.ReadAsync(CancellationToken.None))
                    seen[reader.GetString(0)] = seen.GetValueOrDefault(reader.GetString(0)) + reader.GetInt64(1);
                samples++;
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The window is over.
        }

        return seen.ToDictionary(wait => wait.Key, wait => wait.Value / Math.Max(1, samples));
    }
}
