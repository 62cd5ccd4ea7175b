using System.ComponentModel.DataAnnotations;

namespace Shop.Infrastructure.Payments;

/// <summary>Configuration section <c>Payments:Simulated</c>.</summary>
public sealed class SimulatedPaymentOptions
{
    /// <summary>How long each charge takes; 0 to 60 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00", ErrorMessage = "Payments:Simulated:Latency must be between 00:00:00 and 00:01:00.")]
    public TimeSpan Latency { get; set; }

    /// <summary>What signs the events that the simulated provider sends. Without one nobody can send any.</summary>
    [MinLength(16, ErrorMessage = "Payments:Simulated:WebhookSecret is too short: it must be a random secret of at least 16 characters.")]
    public string? WebhookSecret { get; set; }
}
