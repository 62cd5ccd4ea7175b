namespace Shop.Worker.Sweepers;

/// <summary>
/// The right to sweep, which one process has at a time: a Postgres advisory lock, held by a connection that does nothing
/// else. Whoever dies loses it with the connection, and whoever is stopped for long loses it too.
/// </summary>
internal sealed class SweeperLease : IAsyncDisposable
{
    /// <summary>Any number that nothing else in the database locks: "sweep" in ASCII.</summary>
    private const long LockKey = 0x73_77_65_65_70;

    private readonly NpgsqlConnection _connection;

    private SweeperLease(NpgsqlConnection connection) => _connection = connection;

    /// <param name="database">Where the connection comes from.</param>
    /// <param name="longestIdle">How long the holder may go without <see cref="RenewAsync"/> before Postgres takes the lease from
    /// it.</param>
    /// <returns>Null while another process has it.</returns>
    public static async Task<SweeperLease?> TryTakeAsync(
        NpgsqlDataSource database, TimeSpan longestIdle, CancellationToken cancellationToken)
    {
        var connection = await database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var take = connection.Sql("SELECT pg_try_advisory_lock($1)", LockKey);
            if (await take.ExecuteScalarAsync(cancellationToken) is true)
            {
                var lease = new SweeperLease(connection);
                await lease.LimitIdleAsync(longestIdle, cancellationToken);
                return lease;
            }
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        await connection.DisposeAsync();
        return null;
    }

    /// <summary>Shows that this process is alive and still has its lease.</summary>
    /// <exception cref="NpgsqlException">The connection is lost, and the lease with it.</exception>
    public async Task RenewAsync(CancellationToken cancellationToken)
    {
        await using var renew = _connection.Sql("SELECT 1");
        await renew.ExecuteNonQueryAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            // The connection goes back to the pool and lives on: it must not take the lock with it.
            await using var giveUp = _connection.Sql("SELECT pg_advisory_unlock_all(), set_config('idle_session_timeout', '0', false)");
            await giveUp.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception lost) when (lost is NpgsqlException or InvalidOperationException or IOException)
        {
            // Then Postgres has ended the session, and with it the lock.
        }

        await _connection.DisposeAsync();
    }

    private async Task LimitIdleAsync(TimeSpan longest, CancellationToken cancellationToken)
    {
        await using var limit = _connection.Sql(
            "SELECT set_config('idle_session_timeout', $1, false)", longest.TotalMilliseconds.ToString(CultureInfo.InvariantCulture));
        await limit.ExecuteNonQueryAsync(cancellationToken);
    }
}
