using System.ComponentModel.DataAnnotations;

namespace Shop.ServiceDefaults.Shutdown;

/// <summary>Configuration section <c>Shutdown</c>.</summary>
public sealed class ShutdownOptions
{
    public const string Section = "Shutdown";

    /// <summary>How long what is in flight may take to finish after SIGTERM.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00", ErrorMessage = "Shutdown:Timeout must be between 1 second and 10 minutes.")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// How long new requests are still served after SIGTERM while <c>/health</c> already answers 503: the time a balancer
    /// needs to notice.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00", ErrorMessage = "Shutdown:Drain must be between 0 and 1 minute.")]
    public TimeSpan Drain { get; set; } = TimeSpan.FromSeconds(1);
}
