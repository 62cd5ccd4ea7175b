using System.ComponentModel.DataAnnotations;

namespace Shop.Infrastructure.Ordering;

/// <summary>Configuration section <c>Ordering:Payment</c>.</summary>
public sealed class OrderPaymentOptions
{
    /// <summary>
    /// How long an order keeps its stock after its payment was refused, so that its customer can pay in another way; up to a day.
    /// With 0 a refusal cancels it at once.
    /// </summary>
    [Range(
        typeof(TimeSpan), "00:00:00", "1.00:00:00", ErrorMessage = "Ordering:Payment:PayWithin must be between 00:00:00 and 1.00:00:00.")]
    public TimeSpan PayWithin { get; set; } = TimeSpan.FromMinutes(15);
}
