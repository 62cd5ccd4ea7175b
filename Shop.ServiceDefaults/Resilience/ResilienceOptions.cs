using System.ComponentModel.DataAnnotations;

namespace Shop.ServiceDefaults.Resilience;

/// <summary>Configuration section <c>Resilience</c>: how HTTP clients deal with services that fail. All times end with the answer's headers.</summary>
public sealed class ResilienceOptions
{
    public const string Section = "Resilience";

    /// <summary>All attempts and the waiting between them.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:10:00", ErrorMessage = "Resilience:TotalTimeout must be between 100 ms and 10 minutes.")]
    public TimeSpan TotalTimeout { get; set; } = TimeSpan.FromSeconds(30);

    [Range(typeof(TimeSpan), "00:00:00.050", "00:10:00", ErrorMessage = "Resilience:AttemptTimeout must be between 50 ms and 10 minutes.")]
    public TimeSpan AttemptTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Attempts after the first.</summary>
    [Range(0, 10, ErrorMessage = "Resilience:MaxRetries must be between 0 and 10.")]
    public int MaxRetries { get; set; } = 3;

    /// <summary>Before the first retry; doubled before each further one, with jitter.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00", ErrorMessage = "Resilience:BaseDelay must be between 1 ms and 1 minute.")]
    public TimeSpan BaseDelay { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>A <c>Retry-After</c> up to this is waited for; after a longer one the answer is handed to the caller.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00", ErrorMessage = "Resilience:MaxRetryAfter must be between 0 and 10 minutes.")]
    public TimeSpan MaxRetryAfter { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Share of failed attempts in <see cref="SamplingDuration"/> at which an authority isn't asked any more.</summary>
    [Range(0.01, 1.0, ErrorMessage = "Resilience:FailureRatio must be between 0.01 and 1.")]
    public double FailureRatio { get; set; } = 0.5;

    /// <summary>Fewer attempts than this in <see cref="SamplingDuration"/> say nothing.</summary>
    [Range(2, 100_000, ErrorMessage = "Resilience:MinimumThroughput must be between 2 and 100000.")]
    public int MinimumThroughput { get; set; } = 20;

    [Range(typeof(TimeSpan), "00:00:00.500", "01:00:00", ErrorMessage = "Resilience:SamplingDuration must be between 0.5 seconds and 1 hour.")]
    public TimeSpan SamplingDuration { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an authority is left alone before it is tried again.</summary>
    [Range(typeof(TimeSpan), "00:00:00.500", "01:00:00", ErrorMessage = "Resilience:BreakDuration must be between 0.5 seconds and 1 hour.")]
    public TimeSpan BreakDuration { get; set; } = TimeSpan.FromSeconds(5);
}
