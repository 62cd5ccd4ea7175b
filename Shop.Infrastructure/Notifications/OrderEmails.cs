using Shop.Contracts;
using Shop.Contracts.Ordering;
using Shop.Infrastructure.Ordering;

namespace Shop.Infrastructure.Notifications;

/// <summary>What the shop writes to the one who placed an order.</summary>
public sealed class OrderEmails(EmailSender sender, OrderTokens tokens, IOptions<NotificationsOptions> options)
{
    /// <param name="id">Of what is told: e-mails of the same id are one and the same for a mail program.</param>
    /// <param name="order">The order.</param>
    public Task ConfirmedAsync(Guid id, OrderSummary order, CancellationToken cancellationToken) =>
        SendAsync(id, order, $"Your order {order.Number} is confirmed", $"""
            Hello {order.ShippingAddress.Name},

            thank you: your payment has arrived and your order {order.Number} is confirmed.

            {Lines(order)}

            It goes to:
            {Address(order.ShippingAddress)}

            See how it is getting on:
            {Link(order)}

            {options.Value.ShopName}
            """, cancellationToken);

    // Nothing that was typed into the form stands in what goes to an address that nobody has paid for: it may be anybody's.

    /// <inheritdoc cref="ConfirmedAsync"/>
    public Task AwaitsPaymentAsync(
        Guid id, OrderSummary order, string reason, DateTimeOffset payUntil, CancellationToken cancellationToken) =>
        SendAsync(id, order, $"Your order {order.Number} is not paid yet", $"""
            Hello,

            the payment for your order {order.Number} didn't go through: {reason}

            {Lines(order)}

            Nothing was charged. Your things stay set aside until {payUntil.UtcDateTime:HH:mm} UTC.
            Until then you can pay with another card:
            {Link(order)}

            {options.Value.ShopName}
            """, cancellationToken);

    /// <inheritdoc cref="ConfirmedAsync"/>
    public Task CancelledAsync(Guid id, OrderSummary order, string reason, CancellationToken cancellationToken) =>
        SendAsync(id, order, $"Your order {order.Number} is cancelled", $"""
            Hello,

            your order {order.Number} is cancelled: {reason}

            {Lines(order)}

            You have not been charged; if money was taken already, it goes back to you.

            {Link(order)}

            {options.Value.ShopName}
            """, cancellationToken);

    /// <inheritdoc cref="ConfirmedAsync"/>
    public Task RefundedAsync(Guid id, OrderSummary order, string reason, CancellationToken cancellationToken) =>
        SendAsync(id, order, $"Your order {order.Number} is refunded", $"""
            Hello {order.ShippingAddress.Name},

            your order {order.Number} is refunded: {reason}

            {Lines(order)}

            {Amount(order.Total)} goes back the way you paid. Banks take a few days over it.

            {Link(order)}

            {options.Value.ShopName}
            """, cancellationToken);

    private Task SendAsync(Guid id, OrderSummary order, string subject, string text, CancellationToken cancellationToken) =>
        sender.SendAsync(new Email(id, order.Email, subject, text), cancellationToken);

    private string Link(OrderSummary order) =>
        $"{options.Value.ShopUrl.TrimEnd('/')}/orders/{order.OrderId}?token={tokens.Create(order.OrderId)}";

    private static string Lines(OrderSummary order)
    {
        var text = new StringBuilder();
        foreach (var line in order.Lines)
        {
            var name = line.Variant.Length > 0 ? $"{line.Name} ({line.Variant})" : line.Name;
            text.AppendLine(CultureInfo.InvariantCulture, $"  {line.Quantity} × {name}: {Amount(line.Total)}");
        }

        return text.Append(CultureInfo.InvariantCulture, $"  Total: {Amount(order.Total)}").ToString();
    }

    private static string Address(ShippingAddress address) =>
        string.Join('\n', new[] { address.Name, address.Line1, address.Line2, $"{address.PostalCode} {address.City}", address.Country }
            .Where(line => !string.IsNullOrWhiteSpace(line)).Select(line => $"  {line}"));

    private static string Amount(Money money) => new Domain.Money(money.Amount, new Domain.Currency(money.Currency)).ToString();
}
