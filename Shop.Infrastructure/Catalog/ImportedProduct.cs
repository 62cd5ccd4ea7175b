using Shop.Contracts.Catalog;

namespace Shop.Infrastructure.Catalog;

/// <summary>A product as a file describes it, checked and ready to be stored.</summary>
/// <param name="Line">Where it begins in the file, counted from 1.</param>
public sealed record ImportedProduct(
    int Line,
    string Slug,
    string Name,
    string Description,
    string Brand,
    string Category,
    IReadOnlyList<string> Tags,
    bool Published,
    IReadOnlyList<ProductImage> Images,
    IReadOnlyList<ProductOption> Options,
    IReadOnlyList<ImportedVariant> Variants);

/// <param name="PriceMinor">In minor units of the shop's currency.</param>
/// <param name="Quantity">Pieces in stock.</param>
public sealed record ImportedVariant(
    string Sku,
    string Name,
    IReadOnlyList<string> Options,
    long PriceMinor,
    long? CompareAtMinor,
    int Quantity);

/// <summary>A row that wasn't taken.</summary>
/// <param name="Line">Counted from 1, the header included.</param>
public sealed record ImportFault(int Line, string Reason)
{
    public override string ToString() => $"line {Line}: {Reason}";
}

/// <summary>What came of an import.</summary>
public sealed record ImportResult(int Added, int Changed, int Unchanged, int Skus, IReadOnlyList<ImportFault> Faults);
