using System.ComponentModel.DataAnnotations;

namespace Shop.Worker.Sweepers;

/// <summary>Configuration section <c>Sweepers</c>.</summary>
public sealed class SweeperOptions
{
    /// <summary>Whether this process may sweep at all.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>
    /// How often the process that sweeps proves that it still may, and the others ask whether they may; up to 10 seconds.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00.0100000", "00:00:10")]
    public TimeSpan Pulse { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How often reservations are looked at whose time is up.</summary>
    [Range(typeof(TimeSpan), "00:00:00.0100000", "00:10:00")]
    public TimeSpan ExpiryInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often everything else is looked at that may have got stuck.</summary>
    [Range(typeof(TimeSpan), "00:00:00.0100000", "01:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>How often old records are cleared away.</summary>
    [Range(typeof(TimeSpan), "00:00:00.0100000", "1.00:00:00")]
    public TimeSpan ClearingInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>What hasn't moved for so long is taken for stuck: longer than a message takes, with a restart in between.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan StuckAfter { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How many are repaired or cleared away at once; 1 to 10,000.</summary>
    [Range(1, 10_000)]
    public int BatchSize { get; set; } = 500;

    /// <summary>How many days handled messages, idempotency keys, handled provider events and dead letters are kept; 1 to 3,650.</summary>
    [Range(1, 3650)]
    public int KeepDays { get; set; } = 30;
}
