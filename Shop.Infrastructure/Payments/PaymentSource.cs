namespace Shop.Infrastructure.Payments;

/// <summary>What told something about a payment; marked as handled in the transaction that writes its effect.</summary>
/// <param name="MessageId">The message in the payments queue, noted in the inbox.</param>
/// <param name="Event">The provider's event, if it was one.</param>
public sealed record PaymentSource(Guid? MessageId = null, ProviderEventKey? Event = null)
{
    /// <summary>Somebody asked.</summary>
    public static PaymentSource Poll { get; } = new();
}
