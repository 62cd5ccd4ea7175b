using Shop.Domain.Ordering;
using Shop.Infrastructure.Ordering;
using Shop.Tests.Audit;

namespace Shop.Tests.Telemetry;

/// <summary>What is counted of orders is what was committed, once.</summary>
[Trait("Category", "Servers")]
[Collection(OneAtATime.Name)]
public sealed class OrderMeterTests(SeededShopFixture seeded) : IClassFixture<SeededShopFixture>, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly RecordedMeters _meters = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose() => _meters.Dispose();

    [Fact]
    public async Task An_accepted_order_is_counted_once_with_its_pieces_its_batch_and_its_commit()
    {
        await using var shop = await OpenAsync();
        var key = Guid.NewGuid();

        Assert.IsType<IntakeResult.Accepted>(await shop.PlaceAsync("TENT-0", 3, key));
        Assert.IsType<IntakeResult.Accepted>(await shop.PlaceAsync("TENT-0", 3, key));

        Assert.Equal(1, _meters.Sum("shop.orders.accepted"));
        Assert.Equal(3, _meters.Sum("shop.stock.reserved"));
        Assert.Equal([1, 1], _meters.Values("shop.intake.batch.size"));
        Assert.Equal(2, _meters.Values("shop.intake.commit.duration").Count);
        Assert.Empty(_meters.Values("shop.orders.refused"));
    }

    [Fact]
    public async Task A_refused_order_is_counted_by_its_reason()
    {
        await using var shop = await OpenAsync();
        var key = Guid.NewGuid();
        await shop.PlaceAsync("TENT-0", key: key);

        Assert.IsType<IntakeResult.SoldOut>(await shop.PlaceAsync(MeasuredShop.RareSku, 2));
        Assert.IsType<IntakeResult.OverLimit>(await shop.PlaceAsync(MeasuredShop.LimitedSku, 2));
        Assert.IsType<IntakeResult.UnknownSkus>(await shop.PlaceAsync("NO-SUCH-SKU"));
        Assert.IsType<IntakeResult.KeyReused>(await shop.PlaceAsync("TENT-0", key: key, hash: 1));

        foreach (var reason in new[] { "out_of_stock", "limit", "unknown_sku", "key_reused" })
            Assert.Equal(1, _meters.Sum("shop.orders.refused", $"shop.reason={reason}"));
        Assert.Equal(4, _meters.Sum("shop.orders.refused"));
        Assert.Equal(1, _meters.Sum("shop.orders.accepted"));
        Assert.Equal(1, _meters.Sum("shop.stock.reserved"));
    }

    [Fact]
    public async Task What_was_rolled_back_is_not_counted()
    {
        await using var shop = await OpenAsync();
        await shop.Database.RunAsync("ALTER TABLE ordering.orders ADD CHECK (email <> 'poison@example.com')");

        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => shop.PlaceAsync("TENT-0", email: "poison@example.com"));

        Assert.Empty(_meters.Values("shop.orders.accepted"));
        Assert.Empty(_meters.Values("shop.stock.reserved"));
        Assert.Empty(_meters.Values("shop.intake.batch.size"));
    }

    [Fact]
    public async Task A_full_intake_counts_whom_it_sends_away_and_shows_how_many_wait()
    {
        await using var shop = await OpenAsync(("Ordering:Intake:Capacity", "1"), ("Ordering:Intake:Writers", "1"));
        List<Task<IntakeResult>> taken = [];
        await using (var other = await shop.Database.OpenAsync())
        {
            await using var holding = await other.BeginTransactionAsync(Cancellation);
            await using var hold = other.Sql("SELECT FROM inventory.stock WHERE sku = 'TENT-0' FOR UPDATE");
            await hold.ExecuteNonQueryAsync(Cancellation);

            // One is being written and waits for the lock, one waits for its turn, and the next is one too many.
            await Eventually.SeesAsync(Patience, async () =>
            {
                try
                {
                    taken.Add(shop.PlaceAsync("TENT-0"));
                    return false;
                }
                catch (GroupCommitFullException)
                {
                    return taken.Count == 2;
                }
            }, isFull => isFull, "the intake is full");

            Assert.Equal([1], _meters.Look("shop.intake.waiting"));
        }

        await Task.WhenAll(taken);
        Assert.InRange(_meters.Sum("shop.orders.refused", "shop.reason=full"), 1, double.MaxValue);
        Assert.Equal(2, _meters.Sum("shop.orders.accepted"));
        Assert.Equal([0], _meters.Look("shop.intake.waiting"));
    }

    [Fact]
    public async Task A_process_without_an_intake_shows_no_waiting_orders()
    {
        await using (var shop = await OpenAsync())
        {
            await shop.PlaceAsync("TENT-0");
            Assert.Equal([0], _meters.Look("shop.intake.waiting"));
        }

        Assert.Empty(_meters.Look("shop.intake.waiting"));
    }

    [Fact]
    public async Task A_confirmed_order_is_counted_once_with_the_time_it_took_however_often_its_message_comes()
    {
        await using var shop = await OpenAsync();
        // The seeded ones were placed an hour before they were seeded, which is a while ago.
        var (order, message) = (await shop.AnOrderAsync(OrderStatus.Processing), Guid.NewGuid());

        for (var delivery = 0; delivery < 3; delivery++)
            await shop.Transitions.ConfirmAsync(order, message, Cancellation);

        Assert.Equal(1, _meters.Sum("shop.orders.confirmed"));
        Assert.InRange(Assert.Single(_meters.Values("shop.orders.time_to_confirm")), 3600, 2 * 3600);
        Assert.Equal(2, _meters.Sum("shop.inbox.duplicates", $"queue={BrokerTopology.OrderingQueue}"));
    }

    [Theory]
    [InlineData(CancelCause.Customer, "customer", 0)]
    [InlineData(CancelCause.Shop, "shop", 0)]
    [InlineData(CancelCause.PaymentReturned, "payment_returned", 0)]
    [InlineData(CancelCause.Expired, "expired", 1)]
    public async Task A_cancelled_order_is_counted_once_by_its_cause(CancelCause cause, string reason, int expired)
    {
        await using var shop = await OpenAsync();
        var order = await shop.AnOrderAsync(OrderStatus.Processing);

        await shop.Transitions.CancelAsync(order, cause, "Off.", Cancellation);
        await shop.Transitions.CancelAsync(order, cause, "Off.", Cancellation);

        Assert.Equal(1, _meters.Sum("shop.orders.cancelled"));
        Assert.Equal(1, _meters.Sum("shop.orders.cancelled", $"shop.reason={reason}"));
        Assert.Equal(expired, _meters.Sum("shop.stock.reservations_expired"));
    }

    [Fact]
    public async Task An_order_whose_payment_was_refused_is_counted_as_cancelled_for_it_when_there_is_no_time_for_another()
    {
        await using var shop = await OpenAsync(("Ordering:Payment:PayWithin", "00:00:00"));

        await shop.Transitions.RefusePaymentAsync(
            await shop.AnOrderAsync(OrderStatus.Processing), 1, "Declined.", Guid.NewGuid(), Cancellation);

        Assert.Equal(1, _meters.Sum("shop.orders.cancelled", "shop.reason=payment_refused"));
        Assert.Empty(_meters.Values("shop.orders.confirmed"));
    }

    private Task<MeasuredShop> OpenAsync(params (string Key, string Value)[] settings) => MeasuredShop.OpenAsync(seeded.Shop, settings);
}
