namespace Shop.Web.Ordering;

/// <summary>A card of the simulated payment provider.</summary>
/// <param name="Token">What the provider knows it by.</param>
/// <param name="Outcome">What happens when it is charged.</param>
public sealed record TestCard(string Token, string Name, string Outcome)
{
    public static IReadOnlyList<TestCard> All { get; } =
    [
        new("tok_visa", "A card that works", "Paid at once."),
        new("tok_slow", "A slow bank", "Paid after three seconds."),
        new("tok_declined", "A declined card", "Refused: try another one."),
        new("tok_insufficient_funds", "An empty account", "Refused for lack of funds."),
        new("tok_timeout", "A bank that doesn't answer", "Silent the first time, paid when asked again."),
        new("tok_error_once", "A bank with a hiccup", "Fails once, then paid."),
    ];
}
