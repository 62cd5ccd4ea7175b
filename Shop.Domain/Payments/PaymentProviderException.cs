namespace Shop.Domain.Payments;

/// <summary>The provider failed or didn't answer in time; whether money was taken is unknown until it is asked again.</summary>
public sealed class PaymentProviderException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>Whether asking again in a moment may help; otherwise only time or a person does.</summary>
    public bool IsTransient { get; init; } = true;
}
