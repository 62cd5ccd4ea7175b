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
        "processing" => "We have your order and set its things aside. Your payment is being checked.",
        "confirmed" => $"Paid and confirmed. The confirmation is on its way to {order.Email}.",
        "shipped" => "Your parcel is on its way.",
        "delivered" => "Your parcel has arrived. Have a good time out there.",
        "cancelled" => order.Reason ?? "The order is cancelled.",
        "refunded" => order.Reason ?? "The order is off, and your money is on its way back.",
        _ => order.Status,
    };

    public static string Headline(string status) => status switch
    {
        "processing" => "Thank you. We're on it.",
        "confirmed" => "Thank you. It's yours.",
        "shipped" => "It's on its way.",
        "delivered" => "It's there.",
        "cancelled" => "This order is cancelled.",
        "refunded" => "This order is refunded.",
        _ => "Your order",
    };

    public static string Name(string status) => status switch
    {
        "processing" => "Processing",
        "confirmed" => "Confirmed",
        "shipped" => "Shipped",
        "delivered" => "Delivered",
        "cancelled" => "Cancelled",
        "refunded" => "Refunded",
        _ => status,
    };

    public static bool IsOff(string status) => status is "cancelled" or "refunded";

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
