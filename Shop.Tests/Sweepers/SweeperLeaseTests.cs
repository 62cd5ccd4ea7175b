using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Shop.Tests.Audit;
using Shop.Worker.Sweepers;

namespace Shop.Tests.Sweepers;

/// <summary>That one process sweeps at a time, and always one does.</summary>
[Trait("Category", "Servers")]
public sealed class SweeperLeaseTests(SeededShopFixture seeded) : IClassFixture<SeededShopFixture>, IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private SeededShop? _copy;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private SeededShop Database => _copy!;

    public async ValueTask InitializeAsync() => _copy = await seeded.Shop.CopyAsync();

    public async ValueTask DisposeAsync()
    {
        if (_copy is not null)
            await _copy.DropAsync();
    }

    [Fact]
    public async Task One_process_sweeps_and_another_takes_over_when_it_stops()
    {
        var (first, second) = (new RecordingSweeper("first", () => 0), new RecordingSweeper("second", () => 0));
        await using var one = Build(first);
        await using var other = Build(second);

        await one.StartAsync();
        await SeesAsync(() => first.Sweeps, sweeps => sweeps > 0, "the first sweeps");
        await other.StartAsync();
        var before = first.Sweeps;
        await SeesAsync(() => first.Sweeps, sweeps => sweeps > before + 20, "the first goes on");
        Assert.Equal(0, second.Sweeps);

        await one.StopAsync();
        await SeesAsync(() => second.Sweeps, sweeps => sweeps > 0, "the second takes over");
        var after = first.Sweeps;
        var taken = second.Sweeps;
        await SeesAsync(() => second.Sweeps, sweeps => sweeps > taken + 5, "the second goes on");
        Assert.Equal(after, first.Sweeps);
    }

    [Fact]
    public async Task A_turn_is_lost_with_its_connection_and_free_for_others_at_once()
    {
        await using var one = Build();
        await using var other = Build();
        await using var turn = await TakeAsync(one);
        Assert.NotNull(turn);
        await turn.RenewAsync(Cancellation);
        Assert.Null(await TakeAsync(other));

        // What Postgres sees when a process is killed.
        await KillHolderAsync();

        await using var next = await Eventually.SeesAsync(
            Patience, () => TakeAsync(other), taken => taken is not null, "another takes the turn");
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => turn.RenewAsync(Cancellation));
    }

    [Fact]
    public async Task A_process_that_lost_its_turn_asks_again()
    {
        var sweeper = new RecordingSweeper("only", () => 0);
        await using var shop = Build(sweeper);
        await shop.StartAsync();
        await SeesAsync(() => sweeper.Sweeps, sweeps => sweeps > 0, "it sweeps");

        await KillHolderAsync();

        var before = sweeper.Sweeps;
        await SeesAsync(() => sweeper.Sweeps, sweeps => sweeps > before + 20, "it sweeps again");
        Assert.Equal(1L, await HoldersAsync());
    }

    [Fact]
    public async Task A_process_that_stays_silent_loses_its_turn()
    {
        await using var one = Build();
        await using var other = Build();
        await using var turn = await TakeAsync(one, TimeSpan.FromMilliseconds(200));
        Assert.NotNull(turn);

        await using var next = await Eventually.SeesAsync(
            Patience, () => TakeAsync(other), taken => taken is not null, "another takes the turn");

        await Assert.ThrowsAnyAsync<NpgsqlException>(() => turn.RenewAsync(Cancellation));
    }

    [Fact]
    public async Task A_sweeper_that_fails_tries_again_and_stops_no_other()
    {
        var failing = new RecordingSweeper("failing", () => throw new InvalidOperationException("Broom broken."));
        var working = new RecordingSweeper("working", () => 0);
        await using var shop = Build(failing, working);
        await shop.StartAsync();

        await SeesAsync(() => Math.Min(failing.Sweeps, working.Sweeps), sweeps => sweeps > 5, "both are tried again and again");
    }

    [Fact]
    public async Task What_was_mended_is_counted_by_sweeper()
    {
        var counted = new ConcurrentBag<(long Repaired, string Sweeper)>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, hearing) =>
        {
            if (instrument is { Meter.Name: SweeperTelemetry.Name, Name: SweeperTelemetry.RepairedName })
                hearing.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, mended, tags, _) => counted.Add((mended, tags[0].Value!.ToString()!)));
        listener.Start();
        var left = 7;
        var name = $"mending {Guid.NewGuid()}";
        await using var shop = Build(
            new RecordingSweeper(name, () => Interlocked.Exchange(ref left, 0)), new RecordingSweeper("idle", () => 0));

        await shop.StartAsync();

        await SeesAsync(() => counted.Count(count => count == (7, name)), count => count == 1, "seven are counted");
        Assert.DoesNotContain(counted, count => count.Sweeper == "idle");
    }

    [Fact]
    public async Task A_process_that_may_not_sweep_does_not()
    {
        var (never, sweeper) = (new RecordingSweeper("never", () => 0), new RecordingSweeper("second", () => 0));
        await using var off = SweptShop.Build(Database, Only(never), ("Sweepers:Enabled", "false"));
        await off.StartAsync();
        await using var shop = Build(sweeper);
        await shop.StartAsync();

        await SeesAsync(() => sweeper.Sweeps, sweeps => sweeps > 5, "the other one sweeps");
        Assert.Equal(0, never.Sweeps);
    }

    [Theory]
    [InlineData("Interval", "00:00:00")]
    [InlineData("ExpiryInterval", "01:00:00")]
    [InlineData("Pulse", "00:01:00")]
    [InlineData("BatchSize", "0")]
    [InlineData("KeepDays", "0")]
    public async Task A_wrong_option_keeps_the_process_from_starting_and_is_named(string option, string value)
    {
        await using var shop = SweptShop.Build(Database, change: null, ($"Sweepers:{option}", value));

        var wrong = await Assert.ThrowsAsync<OptionsValidationException>(shop.StartAsync);

        Assert.Contains($"Sweepers:{option} must be between", Assert.Single(wrong.Failures), StringComparison.Ordinal);
    }

    private SweptShop Build(params Sweeper[] sweepers) => SweptShop.Build(Database, Only(sweepers));

    private static Action<IServiceCollection> Only(params Sweeper[] sweepers) => services =>
    {
        services.RemoveAll<Sweeper>();
        foreach (var sweeper in sweepers)
            services.AddSingleton(sweeper);
    };

    private static Task<SweeperLease?> TakeAsync(SweptShop shop, TimeSpan? longestIdle = null) =>
        SweeperLease.TryTakeAsync(shop.Services.GetRequiredService<NpgsqlDataSource>(), longestIdle ?? Patience, Cancellation);

    private static Task SeesAsync(Func<int> look, Func<int, bool> holds, string what) =>
        Eventually.SeesAsync(Patience, () => Task.FromResult(look()), holds, what);

    private const string Holders =
        "pg_locks WHERE locktype = 'advisory' AND granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

    private async Task KillHolderAsync()
    {
        Assert.Equal(1L, await HoldersAsync());
        await Database.RunAsync($"SELECT pg_terminate_backend(pid) FROM {Holders}");
    }

    private async Task<long> HoldersAsync()
    {
        await using var connection = await Database.OpenAsync();
        await using var count = connection.Sql($"SELECT count(*) FROM {Holders}");
        return (long)(await count.ExecuteScalarAsync(Cancellation))!;
    }
}
