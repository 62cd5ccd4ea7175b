using System.ComponentModel.DataAnnotations;

namespace Shop.Web.Gateway;

/// <summary>Configuration section <c>Gateway</c>.</summary>
public sealed class GatewayOptions
{
    public const string Section = "Gateway";

    /// <summary>How often a request that may be repeated is sent at most.</summary>
    [Range(1, 10, ErrorMessage = "Gateway:MaxAttempts must be between 1 and 10.")]
    public int MaxAttempts { get; set; } = 3;

    /// <summary>Before the second attempt; four times as long before each further one.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:05", ErrorMessage = "Gateway:Backoff must be between 0 and 5 seconds.")]
    public TimeSpan Backoff { get; set; } = TimeSpan.FromMilliseconds(10);

    /// <summary>How often the API's instances are asked for their health when there are several.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:05:00", ErrorMessage = "Gateway:ProbeInterval must be between 100 ms and 5 minutes.")]
    public TimeSpan ProbeInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a stream may be silent.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00", ErrorMessage = "Gateway:ActivityTimeout must be between 1 second and 1 hour.")]
    public TimeSpan ActivityTimeout { get; set; } = TimeSpan.FromMinutes(10);
}
