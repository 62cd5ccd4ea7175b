using Shop.Domain.Promotions;

namespace Shop.Infrastructure.Ordering;

/// <summary>An order on its way into a batch.</summary>
/// <param name="TraceParent">The request's place in its trace (W3C Trace Context), which the order's events go on with.</param>
internal sealed record IntakeItem(OrderRequest Request, string? TraceParent)
{
    /// <summary>Whom a flash sale's limit counts together.</summary>
    public string Customer { get; } = FlashSale.CustomerOf(Request.Email);
}
