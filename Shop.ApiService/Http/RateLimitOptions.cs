using System.ComponentModel.DataAnnotations;

namespace Shop.ApiService.Http;

/// <summary>
/// Configuration section <c>RateLimiting</c>: how many requests one client may send a minute. A client is an address, or an IPv6 network
/// (/64).
/// </summary>
internal sealed class RateLimitOptions
{
    /// <summary>Load tests turn it off.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Looking at products, baskets and orders.</summary>
    [Range(1, int.MaxValue)]
    public int Reads { get; set; } = 1200;

    /// <summary>Filling baskets, ordering, cancelling.</summary>
    [Range(1, int.MaxValue)]
    public int Writes { get; set; } = 120;

    /// <summary>Wrong keys and wrong order tokens: whoever sends more of them is guessing.</summary>
    [Range(1, int.MaxValue)]
    public int Guesses { get; set; } = 20;
}
