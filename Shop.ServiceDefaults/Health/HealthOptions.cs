using System.ComponentModel.DataAnnotations;

namespace Shop.ServiceDefaults.Health;

/// <summary>Configuration section <c>Health</c>.</summary>
public sealed class HealthOptions
{
    public const string Section = "Health";

    /// <summary>How long a single check may take; a slower one counts as failed.</summary>
    [Range(typeof(TimeSpan), "00:00:00.010", "00:01:00", ErrorMessage = "Health:CheckTimeout must be between 10 ms and 1 minute.")]
    public TimeSpan CheckTimeout { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long an answer is given again before the checks run anew, so that a flood of probes costs nothing.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00", ErrorMessage = "Health:CacheDuration must be between 0 and 1 minute.")]
    public TimeSpan CacheDuration { get; set; } = TimeSpan.FromSeconds(1);
}
