namespace Shop.Web.Catalog;

/// <summary>What the picture of a chosen variant needs: for the script that follows the choice without a round trip.</summary>
public sealed record VariantState(
    IReadOnlyList<string> Options, string Price, string? CompareAtPrice, string Availability, string Tone, int Available);
