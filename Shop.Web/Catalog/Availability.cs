namespace Shop.Web.Catalog;

/// <summary>How many pieces are left, said to a customer.</summary>
/// <param name="Tone"><c>in</c>, <c>low</c> or <c>out</c>: how the sentence is coloured.</param>
public sealed record Availability(string Sentence, string Tone)
{
    /// <summary>Up to here the number is named, because it helps to decide; above, it is noise.</summary>
    private const int FewPieces = 5;

    public static Availability Of(int pieces) => pieces switch
    {
        <= 0 => new("Sold out", "out"),
        <= FewPieces => new($"Only {pieces} left", "low"),
        _ => new("In stock", "in"),
    };
}

/// <summary>What the picture of a chosen variant needs: for the script that follows the choice without a round trip.</summary>
public sealed record VariantState(
    IReadOnlyList<string> Options, string Price, string? CompareAtPrice, string Availability, string Tone, int Available);
