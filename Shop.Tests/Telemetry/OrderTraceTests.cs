using Shop.Domain;
using Shop.Infrastructure.Ordering;
using Shop.Tests.Audit;
using Shop.Tests.Payments;

namespace Shop.Tests.Telemetry;

/// <summary>How orders show in traces although many are written together.</summary>
[Trait("Category", "Servers")]
[Collection(OneAtATime.Name)]
public sealed class OrderTraceTests(RunningServers servers, SeededShopFixture seeded) : IClassFixture<SeededShopFixture>
{
    [Fact]
    public async Task An_order_is_seen_written_in_its_own_trace_with_a_link_to_what_was_written_together()
    {
        await using var shop = await MeasuredShop.OpenAsync(seeded.Shop);
        using var spans = new SentSpans(perSecond: 0.5);
        // What is begun first takes the only token: the others aren't sampled.
        var sampled = spans.Source.CreateActivity("POST", ActivityKind.Server)!;
        var unsampled = Enumerable.Range(0, 3).Select(_ => spans.Source.CreateActivity("POST", ActivityKind.Server)!).ToArray();

        var placed = await Task.WhenAll(unsampled.Append(sampled).Select(request => PlaceAsync(shop, request)));

        var order = Assert.IsType<IntakeResult.Accepted>(placed[^1]);
        var write = Assert.Single(spans.Of(sampled.TraceId), span => span.DisplayName == "write order");
        Assert.Equal(sampled.SpanId, write.ParentSpanId);
        Assert.Equal(order.OrderId.ToString(), write.GetTagItem("shop.order.id"));
        var commit = spans.Find(Assert.Single(write.Links).Context);
        Assert.Equal("intake commit", commit.DisplayName);
        Assert.Equal(sampled.SpanId, Assert.Single(commit.Links).Context.SpanId);
        Assert.All(unsampled, request => Assert.Empty(spans.Of(request.TraceId)));
    }

    [Fact]
    public async Task A_payment_is_seen_asked_for_and_written_in_the_trace_of_its_order()
    {
        await using var office = await PaymentsOffice.OpenAsync(servers);
        using var spans = new SentSpans(perSecond: 0.5);
        var orderId = Guid.CreateVersion7();
        using var handling = spans.Source.StartActivity("handle", ActivityKind.Consumer)!;

        await office.PaymentProcessor.ChargeAsync(
            new(orderId, 1), new Money(1999, Currency.Eur), "tok_visa", new(Guid.NewGuid()), TestContext.Current.CancellationToken);

        var seen = spans.Of(handling.TraceId);
        Assert.Equal(["charge", "write payment"], seen.Select(span => span.DisplayName));
        Assert.All(seen, span =>
        {
            Assert.Equal(handling.SpanId, span.ParentSpanId);
            Assert.Equal(ActivityKind.Client, span.Kind);
            Assert.Equal(orderId.ToString(), span.GetTagItem("shop.order.id"));
        });
        Assert.Equal("succeeded", seen[0].GetTagItem("shop.outcome"));
        Assert.DoesNotContain(
            seen.SelectMany(span => span.TagObjects), tag => tag.Value is string text && text.Contains("tok_", StringComparison.Ordinal));
    }

    private static async Task<IntakeResult> PlaceAsync(MeasuredShop shop, Activity request)
    {
        using (request.Start())
            return await shop.PlaceAsync(MeasuredShop.LimitedSku, email: $"{Guid.NewGuid():N}@example.com");
    }
}
