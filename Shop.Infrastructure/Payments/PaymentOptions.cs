using System.ComponentModel.DataAnnotations;

namespace Shop.Infrastructure.Payments;

/// <summary>Configuration section <c>Payments</c>.</summary>
public sealed class PaymentOptions
{
    /// <summary>How long the provider may take to answer before it is asked again; 1 to 60 seconds.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:01:00", ErrorMessage = "Payments:Timeout must be between 00:00:01 and 00:01:00.")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How often the provider is asked before the message goes back to its queue to be tried later; 1 to 10.</summary>
    [Range(1, 10, ErrorMessage = "Payments:Attempts must be between 1 and 10.")]
    public int Attempts { get; set; } = 3;
}
