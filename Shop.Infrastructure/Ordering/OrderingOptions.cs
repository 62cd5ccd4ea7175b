using System.ComponentModel.DataAnnotations;

namespace Shop.Infrastructure.Ordering;

/// <summary>Configuration section <c>Ordering</c>.</summary>
public sealed class OrderingOptions
{
    /// <summary>
    /// Signs the tokens by which guests see their orders. The same in every replica; changing it makes old links invalid.
    /// </summary>
    [Required(ErrorMessage = "{0} is missing: set it to a random secret of at least 32 characters, the same for every replica.")]
    [MinLength(32, ErrorMessage = "{0} is too short: it must be a random secret of at least 32 characters.")]
    public string OrderTokenKey { get; set; } = "";
}

/// <summary>Configuration section <c>Ordering:Payment</c>.</summary>
public sealed class OrderPaymentOptions
{
    /// <summary>
    /// How long an order keeps its stock after its payment was refused, so that its customer can pay in another way; up to a day.
    /// With 0 a refusal cancels it at once.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan PayWithin { get; set; } = TimeSpan.FromMinutes(15);
}

/// <summary>Configuration section <c>Ordering:Intake</c>: how orders that arrive together are written together.</summary>
public sealed class IntakeOptions
{
    /// <summary>Orders written in one transaction at most; 1 to 1,000. With 1 each order has a transaction of its own.</summary>
    [Range(1, 1000)]
    public int MaxBatch { get; set; } = 128;

    /// <summary>
    /// Transactions under way at once in this process, each on its own connection; 1 to 16. Those that want the same SKUs
    /// wait for each other, so a few are plenty: while one waits for the disk the next is made ready.
    /// </summary>
    [Range(1, 16)]
    public int Writers { get; set; } = 2;

    /// <summary>Orders that may wait to be written; 1 to 100,000. One more is answered 503 at once.</summary>
    [Range(1, 100_000)]
    public int Capacity { get; set; } = 4096;
}
