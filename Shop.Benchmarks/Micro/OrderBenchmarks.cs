using System.Security.Cryptography;
using BenchmarkDotNet.Attributes;
using Microsoft.Extensions.Options;
using Shop.Contracts;
using Shop.Contracts.Events;
using Shop.Contracts.Ordering;
using Shop.Infrastructure.Messaging;
using Shop.Infrastructure.Ordering;

namespace Shop.Benchmarks.Micro;

/// <summary>What the API does for each order besides asking the database.</summary>
[MemoryDiagnoser]
public class OrderBenchmarks
{
    private readonly PlaceOrder _order = new(
        null,
        [new PlaceOrderItem("FLAT-HUT-38", 1), new PlaceOrderItem("FLAT-HUT-40", 2)],
        "buyer@example.com",
        new ShippingAddress("Ada Byron", "Main Street 1", null, "Bergen", "5003", "NO"),
        new PaymentChoice("card", "tok_visa"));

    private readonly byte[] _json;
    private readonly OrderTokens _tokens = new(Options.Create(new OrderingOptions { OrderTokenKey = new string('k', 32) }));
    private readonly Guid _id = Guid.CreateVersion7();
    private readonly DateTimeOffset _now = DateTimeOffset.UtcNow;

    public OrderBenchmarks() => _json = JsonSerializer.SerializeToUtf8Bytes(_order, ShopJson.Default.PlaceOrder);

    /// <summary>The body of the request.</summary>
    [Benchmark]
    public PlaceOrder Read() => JsonSerializer.Deserialize(_json, ShopJson.Default.PlaceOrder)!;

    /// <summary>By which the same key with another body is found out.</summary>
    [Benchmark]
    public byte[] Hash() => SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(_order, ShopJson.Default.PlaceOrder));

    /// <summary>By which a guest sees the order.</summary>
    [Benchmark]
    public string Token() => _tokens.Create(_id);

    /// <summary>The event that sets the rest going.</summary>
    [Benchmark]
    public OutboxMessage Event() => OutboxMessage.Of(new OrderPlaced(_id, 10_001, new Money(1999, "EUR"), "card", "tok_visa"), _now, null);

    /// <summary>The body of the answer.</summary>
    [Benchmark]
    public byte[] Answer() => JsonSerializer.SerializeToUtf8Bytes(
        new OrderAccepted(_id, "10001", "processing", new Money(1999, "EUR"), "token"), ShopJson.Default.OrderAccepted);
}
