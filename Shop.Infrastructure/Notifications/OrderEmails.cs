using System.Globalization;
using System.Text;
using Microsoft.Extensions.Options;
using Shop.Contracts;
using Shop.Contracts.Ordering;
using Shop.Infrastructure.Ordering;

namespace Shop.Infrastructure.Notifications;

/// <summary>What the shop writes to the one who placed an order.</summary>
public sealed class OrderEmails(EmailSender sender, OrderQueries orders, OrderTokens tokens, IOptions<NotificationsOptions> options)
{
    public async Task ConfirmedAsync(Guid orderId, CancellationToken cancellationToken)
    {
        var order = await GetAsync(orderId, cancellationToken);
        await sender.SendAsync(order.Email, $"Your order {order.Number} is confirmed", $"""
            Hello {order.ShippingAddress.Name},

            thank you: your payment has arrived and your order {order.Number} is confirmed.

            {Lines(order)}

            It goes to:
            {Address(order.ShippingAddress)}

            See how it is getting on:
            {Link(orderId)}

            {options.Value.ShopName}
            """, cancellationToken);
    }

    public async Task CancelledAsync(Guid orderId, string reason, CancellationToken cancellationToken)
    {
        var order = await GetAsync(orderId, cancellationToken);
        await sender.SendAsync(order.Email, $"Your order {order.Number} is cancelled", $"""
            Hello {order.ShippingAddress.Name},

            your order {order.Number} is cancelled: {reason}

            {Lines(order)}

            You have not been charged; if money was taken already, it goes back to you.

            {Link(orderId)}

            {options.Value.ShopName}
            """, cancellationToken);
    }

    private async Task<OrderDetails> GetAsync(Guid orderId, CancellationToken cancellationToken) =>
        await orders.FindAsync(orderId, cancellationToken) ?? throw new InvalidOperationException($"There is no order {orderId} to write about.");

    private string Link(Guid orderId) => $"{options.Value.ShopUrl.TrimEnd('/')}/orders/{orderId}?token={tokens.Create(orderId)}";

    private static string Lines(OrderDetails order)
    {
        var text = new StringBuilder();
        foreach (var line in order.Lines)
        {
            var name = line.Variant.Length > 0 ? $"{line.Name} ({line.Variant})" : line.Name;
            text.AppendLine(CultureInfo.InvariantCulture, $"  {line.Quantity} × {name}: {Amount(line.LineTotal)}");
        }

        return text.Append(CultureInfo.InvariantCulture, $"  Total: {Amount(order.Total)}").ToString();
    }

    private static string Address(ShippingAddress address) =>
        string.Join('\n', new[] { address.Name, address.Line1, address.Line2, $"{address.PostalCode} {address.City}", address.Country }
            .Where(line => !string.IsNullOrWhiteSpace(line)).Select(line => $"  {line}"));

    private static string Amount(Money money) => new Domain.Money(money.Amount, new Domain.Currency(money.Currency)).ToString();
}
