using System.ComponentModel.DataAnnotations;

namespace Shop.ApiService.Ordering;

/// <summary>
/// Configuration section <c>Ordering:Watch</c>: how many streams of orders' events a process keeps open. Beyond that it answers 503.
/// </summary>
internal sealed class OrderWatchOptions
{
    /// <summary>In all. A stream is a connection and a few KiB.</summary>
    [Range(1, 1_000_000)]
    public int MaxStreams { get; set; } = 10_000;

    /// <summary>For one order: its customer's tabs and devices.</summary>
    [Range(1, 1_000_000)]
    public int MaxPerOrder { get; set; } = 8;

    /// <summary>For one client's address, behind which an office may sit.</summary>
    [Range(1, 1_000_000)]
    public int MaxPerAddress { get; set; } = 200;
}
