namespace Shop.Infrastructure.Payments;

/// <summary>What became of a webhook call.</summary>
public abstract record ProviderEventReceipt
{
    private ProviderEventReceipt()
    {
    }

    /// <summary>The event is stored, now or before.</summary>
    public sealed record Stored : ProviderEventReceipt;

    /// <summary>The shop hears no such provider.</summary>
    public sealed record UnknownProvider : ProviderEventReceipt;

    /// <summary>The signature is missing, wrong, or of another time.</summary>
    public sealed record Forged(string Fault) : ProviderEventReceipt;

    /// <summary>The body is signed, but no event.</summary>
    public sealed record Unreadable : ProviderEventReceipt;
}
