using System.ComponentModel.DataAnnotations;

namespace Shop.Infrastructure.Catalog;

/// <summary>Configuration section <c>Catalog</c>.</summary>
public sealed class CatalogOptions
{
    /// <summary>Shown for a product that came without a picture.</summary>
    public const string PlaceholderImage = "/images/placeholder.svg";

    /// <summary>The currency of the prices in imported files: ISO 4217, three capital letters.</summary>
    [RegularExpression("^[A-Z]{3}$", ErrorMessage = "{0} must be three capital letters such as EUR.")]
    public string Currency { get; set; } = "EUR";
}
