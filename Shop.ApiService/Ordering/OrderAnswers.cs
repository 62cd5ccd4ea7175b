using Microsoft.AspNetCore.Http.HttpResults;
using Shop.Contracts;
using Shop.Contracts.Ordering;
using Shop.Infrastructure.Ordering;
using Shop.ServiceDefaults;

namespace Shop.ApiService.Ordering;

/// <summary>What came of an order, as it is told over HTTP.</summary>
internal static class OrderAnswers
{
    public static Results<Accepted<OrderAccepted>, ValidationProblem, ProblemHttpResult> ToAnswer(
        this IntakeResult result, OrderTokens tokens) => result switch
        {
            IntakeResult.Accepted accepted => TypedResults.Accepted($"/api/v1/orders/{accepted.OrderId}", new OrderAccepted(
                accepted.OrderId, accepted.Number.ToString(CultureInfo.InvariantCulture), "processing", accepted.Total.ToContract(),
                tokens.Create(accepted.OrderId))),
            IntakeResult.UnknownSkus unknown =>
                Wrong([.. unknown.Skus.Select(sku => ("items", $"There is no product with the SKU {sku}."))]),
            IntakeResult.BasketEmpty => Wrong([("basketId", "The basket is empty.")]),
            _ => Refusal(result),
        };

    /// <summary>Why an order can't be paid again.</summary>
    public static ProblemHttpResult NothingToPay(OrderDetails? order) => Conflict("nothing-to-pay", "Nothing to pay", order switch
    {
        { Status: "processing", Payment.Status: "pending" } => "A payment of this order is under way: wait for what comes of it.",
        { Status: "cancelled" } => $"This order is cancelled: {order.Reason}",
        { Status: "refunded" } => "This order is refunded.",
        { Status: "processing" } => "The time to pay this order is over.",
        _ => "This order is paid.",
    });

    private static ProblemHttpResult Refusal(IntakeResult result) => result switch
    {
        IntakeResult.SoldOut soldOut => Conflict(
            "sold-out", "Sold out", $"There isn't enough of {string.Join(", ", soldOut.Skus)}. Nothing was ordered.",
            ("skus", soldOut.Skus)),
        IntakeResult.OverLimit overLimit => Conflict(
            "purchase-limit", "Purchase limit",
            $"The flash sale sells no more of {string.Join(", ", overLimit.Skus)} to one customer. Nothing was ordered.",
            ("skus", overLimit.Skus)),
        IntakeResult.PriceChanged dearer => Conflict(
            "price-changed", "The price has changed",
            $"The order would cost {dearer.Total}, which is not what was expected. Nothing was ordered; the same key can be sent with the "
                + "new total.",
            ("total", dearer.Total.ToContract()),
            ("lines", dearer.Lines.Select(line => new PricedLine(
                line.Sku, line.Quantity, new Money(line.UnitPriceMinor, dearer.Total.Currency.Code))).ToArray())),
        IntakeResult.BasketChanged => Conflict(
            "basket-changed", "The basket has changed", "The basket has been changed since you looked at it. Nothing was ordered."),
        IntakeResult.BasketOrdered ordered => Conflict(
            "basket-already-ordered", "Ordered already", "This basket was ordered already, and is ordered once.",
            ("orderId", ordered.OrderId.ToString()), ("order", $"/api/v1/orders/{ordered.OrderId}")),
        IntakeResult.KeyReused => Problem(
            StatusCodes.Status422UnprocessableEntity, "idempotency-key-reused", "Idempotency key reused",
            "This Idempotency-Key was used for another order. A new order needs a new key."),
        _ => throw new InvalidOperationException($"An order can't come out as {result}."),
    };

    private static ValidationProblem Wrong((string Field, string Message)[] faults)
    {
        var errors = new FieldErrors();
        foreach (var (field, message) in faults)
            errors.Add(field, message);
        return errors.ToProblem();
    }

    private static ProblemHttpResult Conflict(string type, string title, string detail, params (string Name, object? Value)[] more) =>
        Problem(StatusCodes.Status409Conflict, type, title, detail, more);

    private static ProblemHttpResult Problem(
        int statusCode, string type, string title, string detail, params (string Name, object? Value)[] more) =>
        TypedResults.Problem(statusCode: statusCode, type: Problems.Prefix + type, title: title, detail: detail,
            extensions: more.Select(extension => KeyValuePair.Create(extension.Name, extension.Value)));
}
