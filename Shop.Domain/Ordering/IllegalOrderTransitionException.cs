namespace Shop.Domain.Ordering;

/// <summary>The rules don't allow the order to go from where it is to where it was sent.</summary>
public sealed class IllegalOrderTransitionException(OrderStatus from, OrderStatus to)
    : InvalidOperationException($"An order that is {from.ToString().ToLowerInvariant()} can't become {to.ToString().ToLowerInvariant()}.")
{
    public OrderStatus From { get; } = from;

    public OrderStatus To { get; } = to;
}
