using Shop.Domain.Ordering;

namespace Shop.Infrastructure.Ordering;

/// <summary>A transition on its way into a batch.</summary>
/// <param name="MessageId">The message that asks for it: handled once. Null when no message does.</param>
/// <param name="TraceParent">Where in its trace this was asked for (W3C Trace Context); the order's events go on with it.</param>
/// <param name="Apply">Moves the order on by its own methods, or says why not.</param>
/// <param name="Cause">If the order is cancelled: what it is counted by.</param>
/// <param name="PaymentToken">If the order is paid again: what the provider gave for the card.</param>
/// <param name="Restock">If the order is taken back: whether its pieces are in the house again.</param>
internal sealed record OrderCommand(
    Guid OrderId,
    Guid? MessageId,
    string? TraceParent,
    Func<Order, DateTimeOffset, TransitionOutcome> Apply,
    CancelCause? Cause = null,
    string? PaymentToken = null,
    bool Restock = false);
