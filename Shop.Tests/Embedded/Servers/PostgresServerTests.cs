using System.Globalization;
using Embedded.Hosting.Processes;
using Embedded.Hosting.Servers;
using Npgsql;

namespace Shop.Tests.Embedded.Servers;

[Collection(NativeServersCollection.Name)]
public sealed class PostgresServerTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_committed_outlives_a_kill_with_sessions_open_and_a_stop()
    {
        await using var bench = new ServerBench();
        var settings = bench.Settings("postgres");
        var postgres = await bench.StartAsync(new PostgresServer(settings));
        await postgres.EnsureDatabaseAsync("shop\"db", Ct);
        await postgres.EnsureDatabaseAsync("shop\"db", Ct);
        await using (var connection = await OpenAsync(settings))
        {
            await ExecuteAsync(connection, "CREATE TABLE orders (id int)");
            await ExecuteAsync(connection, "INSERT INTO orders VALUES (1)");
            await using var transaction = await connection.BeginTransactionAsync(Ct);
            await ExecuteAsync(connection, "INSERT INTO orders VALUES (2)");
            // A backend at work notices the death of its server late: it must not stand in the successor's way.
            await using var busy = await OpenAsync(settings);
            var work = ExecuteAsync(busy, "SELECT count(*) FROM generate_series(1, 100000000000)");

            Posix.Kill(postgres.MainProcess.Id, Posix.SigKill);
            Assert.Equal(128 + 9, await postgres.MainProcess.Exited);
            postgres = await bench.StartAsync(new PostgresServer(settings));
            await Assert.ThrowsAnyAsync<Exception>(() => work);
        }

        Assert.Equal(1L, await CountAsync(settings));

        await postgres.StopAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(0, await postgres.MainProcess.Exited);
        await bench.StartAsync(new PostgresServer(settings));
        Assert.Equal(1L, await CountAsync(settings));
    }

    [Fact]
    public async Task It_listens_on_loopback_only_and_never_trades_safety_for_speed()
    {
        await using var bench = new ServerBench();
        var settings = bench.Settings("postgres");
        var postgres = await bench.StartAsync(new PostgresServer(settings));
        await postgres.EnsureDatabaseAsync("shop\"db", Ct);
        await using var connection = await OpenAsync(settings);

        foreach (var (setting, value) in new[] { ("listen_addresses", "127.0.0.1"), ("fsync", "on"), ("synchronous_commit", "on"), ("full_page_writes", "on"), ("server_encoding", "UTF8"), ("password_encryption", "scram-sha-256") })
            Assert.Equal(value, await ScalarAsync(connection, $"SHOW {setting}"));
    }

    [Fact]
    public async Task Another_password_than_the_datas_is_a_sentence_that_keeps_the_data()
    {
        await using var bench = new ServerBench();
        var settings = bench.Settings("postgres");
        var postgres = await bench.StartAsync(new PostgresServer(settings));
        await postgres.StopAsync(TimeSpan.FromSeconds(10));

        postgres = await bench.StartAsync(new PostgresServer(settings with { Password = "another" }));
        var e = await Assert.ThrowsAsync<EmbeddedHostingException>(() => postgres.EnsureDatabaseAsync("shopdb", Ct));
        Assert.Contains("another user or password", e.Message, StringComparison.Ordinal);
        Assert.Contains("--reset", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Data_of_another_version_damaged_or_foreign_data_is_refused_and_left_alone()
    {
        await using var bench = new ServerBench();
        var settings = bench.Settings("postgres");
        var postgres = new PostgresServer(settings);
        await postgres.PrepareAsync(bench.Announced.Enqueue, Ct);

        var version = Path.Combine(settings.DataDirectory, "PG_VERSION");
        var right = await File.ReadAllTextAsync(version, Ct);
        await File.WriteAllTextAsync(version, "9\n", Ct);
        var e = await Assert.ThrowsAsync<EmbeddedHostingException>(() => postgres.PrepareAsync(bench.Announced.Enqueue, Ct));
        Assert.Contains("belongs to PostgreSQL 9, but this machine has PostgreSQL " + right.Trim(), e.Message, StringComparison.Ordinal);
        await File.WriteAllTextAsync(version, right, Ct);

        var control = Path.Combine(settings.DataDirectory, "global", "pg_control");
        var bytes = await File.ReadAllBytesAsync(control, Ct);
        await File.WriteAllBytesAsync(control, [.. bytes.Select((b, i) => i == 20 ? (byte)~b : b)], Ct);
        e = await Assert.ThrowsAsync<EmbeddedHostingException>(() => postgres.PrepareAsync(bench.Announced.Enqueue, Ct));
        Assert.Contains("is damaged", e.Message, StringComparison.Ordinal);
        await File.WriteAllBytesAsync(control, bytes, Ct);
        await bench.StartAsync(postgres);

        var foreign = bench.Settings("foreign");
        Directory.CreateDirectory(foreign.DataDirectory);
        var letter = Path.Combine(foreign.DataDirectory, "letter.txt");
        await File.WriteAllTextAsync(letter, "dear", Ct);
        e = await Assert.ThrowsAsync<EmbeddedHostingException>(() => new PostgresServer(foreign).PrepareAsync(bench.Announced.Enqueue, Ct));
        Assert.Contains("is not empty and holds no PostgreSQL data", e.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(letter));
    }

    [Fact]
    public async Task A_running_server_on_the_same_data_is_named_and_not_harmed()
    {
        await using var bench = new ServerBench();
        var settings = bench.Settings("postgres");
        var first = await bench.StartAsync(new PostgresServer(settings));

        var e = await Assert.ThrowsAsync<EmbeddedHostingException>(() => bench.StartAsync(new PostgresServer(settings with { Port = bench.Settings().Port })));
        Assert.Contains($"(process {first.MainProcess.Id})", e.Message, StringComparison.Ordinal);
        Assert.Null(await first.CheckHealthAsync(Ct));
    }

    [Fact]
    public async Task A_stale_lock_file_with_the_number_of_a_stranger_is_no_obstacle()
    {
        await using var bench = new ServerBench();
        var settings = bench.Settings("postgres");
        var postgres = new PostgresServer(settings);
        await postgres.PrepareAsync(bench.Announced.Enqueue, Ct);
        await File.WriteAllTextAsync(Path.Combine(settings.DataDirectory, "postmaster.pid"), Environment.ProcessId.ToString(CultureInfo.InvariantCulture) + "\n", Ct);

        await bench.StartAsync(postgres);
    }

    private static async Task<NpgsqlConnection> OpenAsync(ServerSettings settings)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1",
            Port = settings.Port,
            Username = settings.UserName,
            Password = settings.Password,
            Database = "shop\"db",
            Pooling = false,
        }.ConnectionString);
        await connection.OpenAsync(Ct);
        return connection;
    }

    private static async Task<object?> CountAsync(ServerSettings settings)
    {
        await using var connection = await OpenAsync(settings);
        return await ScalarAsync(connection, "SELECT count(*) FROM orders");
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql) => await ScalarAsync(connection, sql);

    private static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql)
    {
        // The statements are the test's own constants.
#pragma warning disable CA2100
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        return await command.ExecuteScalarAsync(Ct);
    }
}
