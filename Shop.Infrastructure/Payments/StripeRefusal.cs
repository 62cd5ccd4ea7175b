namespace Shop.Infrastructure.Payments;

/// <summary>Stripe's refusals as sentences for the customer (https://docs.stripe.com/declines/codes).</summary>
internal static class StripeRefusal
{
    public const string NeedsCustomer =
        "The bank wants the customer to confirm the payment, which can't be done here. Please use another card.";

    /// <param name="code">The decline code of an error, or where it has none, its code.</param>
    public static string Sentence(string? code) => code switch
    {
        "insufficient_funds" => "The card has insufficient funds.",
        "expired_card" => "The card has expired.",
        "incorrect_cvc" or "invalid_cvc" => "The card's security code is wrong.",
        "authentication_required" or "payment_intent_authentication_failure" => NeedsCustomer,
        // Why exactly a stolen or suspicious card is refused is not for its holder to know: all else is just declined.
        _ => "The card was declined.",
    };
}
