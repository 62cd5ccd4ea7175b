using System.ComponentModel.DataAnnotations;

namespace Shop.Worker.Messaging;

/// <summary>Configuration section <c>Messaging:Relay</c>.</summary>
internal sealed class RelayOptions
{
    /// <summary>How many relays work side by side in this process; other processes have theirs.</summary>
    [Range(1, 16)]
    public int Workers { get; set; } = 2;

    /// <summary>
    /// How many events are published together at most. So many are published again if the worker dies at the wrong moment.
    /// </summary>
    [Range(1, 5000)]
    public int BatchSize { get; set; } = 500;

    /// <summary>How often an event is tried that comes back, before it is parked.</summary>
    [Range(1, 1000)]
    public int Attempts { get; set; } = 12;

    /// <summary>How long an event waits that came back for the first time; each further time twice as long, a minute at most.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00")]
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>An event that has been due for so long makes the relay's health degraded.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan LateAfter { get; set; } = TimeSpan.FromSeconds(30);
}
