using System.Buffers.Text;
using Shop.Contracts;
using Shop.Contracts.Ordering;

namespace Shop.Benchmarks.Load;

/// <summary>A request whose bytes are ready but for what differs each time: the idempotency key and the customer's number.</summary>
public sealed class RequestTemplate
{
    /// <summary>Stands in an order's e-mail address where the customer's number goes.</summary>
    private const string NumberSlot = "0000000000";

    private const string KeySlot = "00000000-0000-4000-8000-000000000000";

    private readonly byte[] _bytes;
    private readonly int _keyAt;
    private readonly int _numberAt;

    private RequestTemplate(string kind, string text, bool isOrder)
    {
        Kind = kind;
        _bytes = Encoding.UTF8.GetBytes(text);
        _keyAt = isOrder ? _bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(KeySlot)) : -1;
        // The last one: zeros stand in the key's slot as well.
        _numberAt = isOrder ? _bytes.AsSpan().LastIndexOf(Encoding.UTF8.GetBytes(NumberSlot)) : -1;
    }

    /// <summary>What outcomes are counted under.</summary>
    public string Kind { get; }

    public static RequestTemplate Get(string kind, string path) =>
        new(kind, $"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: application/json\r\n\r\n", isOrder: false);

    /// <summary>An order of one piece, from a customer and with an idempotency key that are new each time.</summary>
    public static RequestTemplate Order(string kind, string sku, string card = "tok_visa")
    {
        var body = JsonSerializer.Serialize(
            new PlaceOrder(
                null,
                [new PlaceOrderItem(sku, 1)],
                $"buyer-{NumberSlot}@example.com",
                new ShippingAddress("Ada Byron", "Main Street 1", null, "Bergen", "5003", "NO"),
                new PaymentChoice("card", card)),
            ShopJson.Default.PlaceOrder);
        return new(
            kind,
            $"POST /api/v1/orders HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nIdempotency-Key: {KeySlot}\r\n"
            + $"Content-Length: {Encoding.UTF8.GetByteCount(body)}\r\n\r\n{body}",
            isOrder: true);
    }

    /// <summary>Writes the request.</summary>
    /// <param name="buffer">At least 2 KiB.</param>
    /// <param name="number">The customer's.</param>
    /// <param name="random">Where the key comes from.</param>
    /// <returns>The request's length.</returns>
    internal int Write(Span<byte> buffer, long number, Random random)
    {
        _bytes.CopyTo(buffer);
        if (_keyAt >= 0)
        {
            Span<byte> key = stackalloc byte[16];
            random.NextBytes(key);
            // A random UUID of RFC 9562: version 4, variant 10.
            key[6] = (byte)((key[6] & 0x0F) | 0x40);
            key[8] = (byte)((key[8] & 0x3F) | 0x80);
            Utf8Formatter.TryFormat(new Guid(key, bigEndian: true), buffer[_keyAt..], out _);
            for (var (position, rest) = (_numberAt + NumberSlot.Length - 1, number); rest > 0; position--, rest /= 10)
                buffer[position] = (byte)('0' + rest % 10);
        }

        return _bytes.Length;
    }
}
