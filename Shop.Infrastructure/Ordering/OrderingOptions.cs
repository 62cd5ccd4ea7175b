using System.ComponentModel.DataAnnotations;

namespace Shop.Infrastructure.Ordering;

/// <summary>Configuration section <c>Ordering</c>.</summary>
public sealed class OrderingOptions
{
    /// <summary>
    /// Signs the tokens by which guests see their orders. The same in every replica; changing it makes old links invalid.
    /// </summary>
    [Required(ErrorMessage = "Ordering:OrderTokenKey is missing: set it to a random secret of at least 32 characters, the same for every replica.")]
    [MinLength(32, ErrorMessage = "Ordering:OrderTokenKey is too short: it must be a random secret of at least 32 characters.")]
    public string OrderTokenKey { get; set; } = "";
}
