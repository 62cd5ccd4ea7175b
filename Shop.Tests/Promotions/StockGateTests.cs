using Shop.Tests.Audit;
using StackExchange.Redis;

namespace Shop.Tests.Promotions;

/// <summary>
/// The gate in front of the intake, over a real Redis: it sheds what is sold out, and is wrong only towards letting through.
/// </summary>
[Trait("Category", "Servers")]
public sealed class StockGateTests(RunningServers servers)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Only_the_SKUs_of_which_too_little_is_left_are_refused()
    {
        await using var bench = await ReadyAsync();
        await bench.PublishAsync(version: 7, left: 2);
        await bench.PublishAsync(version: 9, left: 50, GateBench.OtherSku);

        Assert.Equal([GateBench.Sku], await bench.AskAsync(3));
        Assert.Empty(await bench.AskAsync(2));
        Assert.Empty(await bench.AskAsync(3, sku: GateBench.OtherSku));
        var both = new Dictionary<string, int> { [GateBench.OtherSku] = 1, [GateBench.Sku] = 3, ["NOT-IN-THE-SALE"] = 99 };
        Assert.Equal([GateBench.Sku], await bench.Gate.RefusedAsync(both, Guid.NewGuid(), Cancellation));
        both[GateBench.OtherSku] = 51;
        Assert.Equal([GateBench.Sku, GateBench.OtherSku], (await bench.Gate.RefusedAsync(both, Guid.NewGuid(), Cancellation)).Order());
    }

    [Fact]
    public async Task What_nobody_has_told_of_passes()
    {
        await using var bench = await ReadyAsync();

        Assert.Empty(await bench.AskAsync(99));
    }

    [Fact]
    public async Task An_order_without_anything_of_a_sale_does_not_get_as_far_as_Redis()
    {
        await using var bench = await GateBench.WithoutRedisAsync();
        bench.Know();

        var answer = bench.Gate.RefusedAsync(new Dictionary<string, int> { ["NOT-IN-THE-SALE"] = 1 }, Guid.NewGuid(), Cancellation);

        Assert.True(answer.IsCompletedSuccessfully);
        Assert.Empty(await answer);
    }

    [Fact]
    public async Task Without_Redis_everybody_passes_and_after_the_first_nobody_even_asks()
    {
        await using var bench = await GateBench.WithoutRedisAsync();
        bench.Know();
        var start = Stopwatch.GetTimestamp();

        Assert.Empty(await bench.AskAsync(99));
        await bench.PublishAsync(version: 1, left: 0);
        await bench.InvalidateAsync(version: 2, left: 1);
        var next = bench.Gate.RefusedAsync(new Dictionary<string, int> { [GateBench.Sku] = 1 }, Guid.NewGuid(), Cancellation);

        Assert.True(next.IsCompletedSuccessfully);
        Assert.Empty(await next);
        Assert.InRange(Stopwatch.GetElapsedTime(start), TimeSpan.Zero, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task A_key_that_was_let_through_passes_again_when_all_is_sold()
    {
        await using var bench = await ReadyAsync();
        var key = Guid.NewGuid();
        Assert.Empty(await bench.AskAsync(1, key));

        await bench.PublishAsync(version: 1, left: 0);

        Assert.Empty(await bench.AskAsync(1, key));
        Assert.Equal([GateBench.Sku], await bench.AskAsync(1));
    }

    [Fact]
    public async Task The_key_of_an_accepted_order_passes_though_the_gate_was_never_asked()
    {
        await using var bench = await ReadyAsync();
        var key = Guid.NewGuid();

        await bench.Levels.PublishAsync(
            [new(bench.SaleId, GateBench.Sku, Version: 1, Left: 0)],
            [new(bench.SaleId, TimeProvider.System.GetUtcNow().AddMinutes(5), key)]);

        Assert.Empty(await bench.AskAsync(1, key));
        Assert.Equal([GateBench.Sku], await bench.AskAsync(1));
    }

    [Fact]
    public async Task A_key_that_was_let_through_before_the_sale_began_passes_in_it()
    {
        await using var bench = await GateBench.OpenAsync(servers);
        bench.Know(startsIn: TimeSpan.FromSeconds(1));
        await bench.RebuildAsync();
        await bench.PublishAsync(version: 1, left: 0);
        var key = Guid.NewGuid();

        Assert.Empty(await bench.AskAsync(1, key));

        await Eventually.SeesAsync(Patience, () => bench.AskAsync(), refused => refused.Count > 0, "the sale has begun and is sold out");
        Assert.Empty(await bench.AskAsync(1, key));
    }

    [Fact]
    public async Task An_older_level_never_takes_the_place_of_a_newer_one()
    {
        await using var bench = await ReadyAsync();
        await bench.PublishAsync(version: 10, left: 5);

        await bench.PublishAsync(version: 9, left: 0);
        await bench.InvalidateAsync(version: 8, left: 9);

        Assert.Empty(await bench.AskAsync(5));
        Assert.Equal([GateBench.Sku], await bench.AskAsync(6));
        await bench.PublishAsync(version: 11, left: 4);
        Assert.Equal([GateBench.Sku], await bench.AskAsync(5));
    }

    [Fact]
    public async Task Whoever_dies_between_opening_and_commit_leaves_the_gate_open()
    {
        await using var bench = await ReadyAsync();
        await bench.PublishAsync(version: 3, left: 0);
        Assert.Equal([GateBench.Sku], await bench.AskAsync());

        await bench.InvalidateAsync(version: 4, left: 2);

        Assert.Empty(await bench.AskAsync(99));
        // A refusal that was decided before it, and arrives late.
        await bench.PublishAsync(version: 3, left: 0);
        Assert.Empty(await bench.AskAsync(99));
        // The next that really commits has the version that never came to be.
        await bench.PublishAsync(version: 4, left: 0);
        Assert.Equal([GateBench.Sku], await bench.AskAsync());
    }

    [Fact]
    public async Task After_the_commit_the_gate_knows_what_was_given_back()
    {
        await using var bench = await ReadyAsync();
        await bench.PublishAsync(version: 3, left: 0);
        await bench.InvalidateAsync(version: 4, left: 2);

        await bench.PublishAsync(version: 4, left: 2);

        Assert.Empty(await bench.AskAsync(2));
        Assert.Equal([GateBench.Sku], await bench.AskAsync(3));
    }

    [Fact]
    public async Task A_level_that_nobody_repeats_is_soon_forgotten_but_not_that_there_was_a_newer_one()
    {
        await using var bench = await ReadyAsync(flight: TimeSpan.FromSeconds(1), life: TimeSpan.FromMilliseconds(200));
        await bench.PublishAsync(version: 5, left: 0);
        Assert.Equal([GateBench.Sku], await bench.AskAsync());

        await Eventually.SeesAsync(Patience, () => bench.AskAsync(), refused => refused.Count == 0, "the level is forgotten");

        await bench.PublishAsync(version: 4, left: 0);
        Assert.Empty(await bench.AskAsync());
    }

    [Fact]
    public async Task Nobody_is_refused_by_knowledge_that_may_be_out_of_date()
    {
        await using var bench = await ReadyAsync();
        await bench.PublishAsync(version: 1, left: 0);
        Assert.Equal([GateBench.Sku], await bench.AskAsync());

        bench.Refresh(age: TimeSpan.FromSeconds(3));

        Assert.Empty(await bench.Gate.RefusedAsync(new Dictionary<string, int> { [GateBench.Sku] = 1 }, Guid.NewGuid(), Cancellation));
    }

    [Fact]
    public async Task A_Redis_that_lost_everything_refuses_nobody_until_the_accepted_orders_are_known_again()
    {
        const string Sku = "LAMP";
        var shop = await SeededShop.CreateAsync(servers);
        await using var orders = await shop.OpenAsync();
        await using var query = orders.Sql(
            "SELECT key FROM ordering.idempotency_keys JOIN ordering.lines USING (order_id) WHERE sku = $1 LIMIT 1", Sku);
        var accepted = (Guid)(await query.ExecuteScalarAsync(Cancellation))!;
        await using var bench = await GateBench.OpenAsync(servers, shop.ConnectionString, flight: TimeSpan.FromSeconds(1));
        bench.Know(skus: Sku);
        await CompleteAsync(bench);
        await bench.PublishAsync(version: 1, left: 0, Sku);
        Assert.Equal([Sku], await bench.AskAsync(sku: Sku));

        await bench.LoseAsync(Sku);
        await bench.PublishAsync(version: 1, left: 0, Sku);
        var meanwhile = Guid.NewGuid();
        Assert.Empty(await bench.AskAsync(1, meanwhile, Sku));
        await bench.RebuildAsync();
        Assert.Empty(await bench.AskAsync(sku: Sku));

        await CompleteAsync(bench);
        Assert.Equal([Sku], await bench.AskAsync(sku: Sku));
        Assert.Empty(await bench.AskAsync(1, accepted, Sku));
        Assert.Empty(await bench.AskAsync(1, meanwhile, Sku));
    }

    [Fact]
    public async Task A_Redis_that_was_started_anew_with_old_data_refuses_nobody_until_the_accepted_orders_are_known_again()
    {
        await using var bench = await ReadyAsync();
        await bench.PublishAsync(version: 1, left: 0);
        Assert.Equal([GateBench.Sku], await bench.AskAsync());

        // As it comes back after a crash: from the run before.
        await bench.Redis.GetDatabase()
            .HashSetAsync(bench.LogKey, [new("complete", new string('a', 40)), new("since", $"{new string('a', 40)} 1")]);

        Assert.Empty(await bench.AskAsync());
        await CompleteAsync(bench);
        Assert.Equal([GateBench.Sku], await bench.AskAsync());
    }

    [Fact]
    public async Task A_log_that_was_lost_while_it_was_rebuilt_is_begun_anew()
    {
        await using var bench = await GateBench.OpenAsync(servers, flight: TimeSpan.FromSeconds(1));
        bench.Know();
        await bench.RebuildAsync();
        var begun = await SinceAsync(bench);
        await bench.Redis.GetDatabase().KeyDeleteAsync(bench.LogKey);

        await bench.RebuildAsync();

        Assert.NotEqual(begun, await SinceAsync(bench));
        Assert.False(await IsCompleteAsync(bench));
        await CompleteAsync(bench);
    }

    /// <summary>A gate that may refuse.</summary>
    private async Task<GateBench> ReadyAsync(TimeSpan? flight = null, TimeSpan? life = null, params string[] skus)
    {
        var bench = await GateBench.OpenAsync(servers, flight: flight, life: life);
        bench.Know(skus: skus);
        await CompleteAsync(bench);
        return bench;
    }

    private static Task<bool> CompleteAsync(GateBench bench) => Eventually.SeesAsync(Patience, async () =>
    {
        await bench.RebuildAsync();
        return await IsCompleteAsync(bench);
    }, complete => complete, "the log of keys is complete");

    /// <summary>Whether <c>complete</c> names the run of Redis.</summary>
    private static async Task<bool> IsCompleteAsync(GateBench bench)
    {
        var complete = await bench.Redis.GetDatabase().HashGetAsync(bench.LogKey, "complete");
        return complete.HasValue
            && (await bench.Redis.GetServers()[0].InfoRawAsync("server"))!.Contains($"run_id:{complete}", StringComparison.Ordinal);
    }

    private static async Task<string?> SinceAsync(GateBench bench) => await bench.Redis.GetDatabase().HashGetAsync(bench.LogKey, "since");
}
