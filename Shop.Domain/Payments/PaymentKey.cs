using System.Globalization;

namespace Shop.Domain.Payments;

/// <summary>
/// Which payment: an order's first, or the next one after a refusal. As text it is what the provider knows the charge by, so that
/// one attempt is never charged twice.
/// </summary>
/// <param name="Attempt">From 1.</param>
public readonly record struct PaymentKey(Guid OrderId, int Attempt)
{
    private const int IdLength = 32;

    /// <summary>The order's id, and after it the attempt unless it is the first: <c>0198…-2</c>.</summary>
    public override string ToString() =>
        Attempt == 1 ? $"{OrderId:N}" : string.Create(CultureInfo.InvariantCulture, $"{OrderId:N}-{Attempt}");

    public static bool TryParse(string? text, out PaymentKey key)
    {
        key = default;
        if (Guid.TryParse(text, out var orderId))
            key = new PaymentKey(orderId, 1);
        else if (text?.Length > IdLength + 1 && text[IdLength] == '-' && Guid.TryParseExact(text.AsSpan(0, IdLength), "N", out orderId)
            && int.TryParse(text.AsSpan(IdLength + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var attempt) && attempt > 1)
            key = new PaymentKey(orderId, attempt);
        return key.Attempt > 0;
    }
}
