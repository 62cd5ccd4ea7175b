using Shop.Contracts.Ordering;

namespace Shop.Web.Ordering;

/// <summary>An order's way from here to the door, as steps.</summary>
public static class OrderProgress
{
    private static readonly (string Status, string Name)[] Way =
        [("processing", "Received"), ("confirmed", "Confirmed"), ("shipped", "On its way"), ("delivered", "Delivered")];

    /// <summary>What the status means, said to the customer.</summary>
    public static string Sentence(OrderDetails order) => order.Status switch
    {
        "processing" when AwaitsPayment(order) =>
            $"{order.Payment.Reason} Nothing was charged, and your things stay set aside until {Time(order.Payment.PayUntil!.Value)}: "
            + "try another card.",
        "processing" => "We have your order and set its things aside. Your payment is being checked.",
        "confirmed" => $"Paid and confirmed. The confirmation is on its way to {order.Email}.",
        "shipped" => "Your parcel is on its way.",
        "delivered" => "Your parcel has arrived. Have a good time out there.",
        "cancelled" => order.Reason ?? "The order is cancelled.",
        "refunded" => order.Reason ?? "The order is off, and your money is on its way back.",
        _ => order.Status,
    };

    public static string Headline(OrderDetails order) => order.Status switch
    {
        "processing" when AwaitsPayment(order) => "The payment didn't go through.",
        "processing" => "Thank you. We're on it.",
        "confirmed" => "Thank you. It's yours.",
        "shipped" => "It's on its way.",
        "delivered" => "It's there.",
        "cancelled" => "This order is cancelled.",
        "refunded" => "This order is refunded.",
        _ => "Your order",
    };

    public static string Name(OrderDetails order) => order.Status switch
    {
        "processing" when AwaitsPayment(order) => "To be paid",
        "processing" => "Processing",
        "confirmed" => "Confirmed",
        "shipped" => "Shipped",
        "delivered" => "Delivered",
        "cancelled" => "Cancelled",
        "refunded" => "Refunded",
        var other => other,
    };

    public static bool IsOff(string status) => status is "cancelled" or "refunded";

    /// <summary>Its payment was refused, and another card may be tried.</summary>
    public static bool AwaitsPayment(OrderDetails order) => order.Payment.PayUntil is not null;

    /// <summary>What the page shows: whenever this changes, it is another one.</summary>
    public static string Mark(OrderDetails order) => AwaitsPayment(order) ? $"{order.Status}-refused" : order.Status;

    private static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("HH:mm 'UTC'", CultureInfo.InvariantCulture);

    /// <summary>Whether its payment is still being decided, which is what a customer waits for on the page.</summary>
    public static bool IsPending(string status) => status == "processing";

    public static IReadOnlyList<OrderStep> Steps(OrderDetails order)
    {
        var reached = Array.FindIndex(Way, step => step.Status == order.Status);
        return
        [
            .. Way.Select((step, index) => new OrderStep(
                step.Name,
                order.History.FirstOrDefault(entry => entry.Status == step.Status)?.At,
                IsDone: index <= reached && !(index == reached && IsPending(order.Status)),
                IsCurrent: index == reached)),
        ];
    }
}

/// <param name="At">When the order got there.</param>
public sealed record OrderStep(string Name, DateTimeOffset? At, bool IsDone, bool IsCurrent);
