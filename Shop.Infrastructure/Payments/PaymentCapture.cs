namespace Shop.Infrastructure.Payments;

public enum PaymentCapture
{
    /// <summary>The money is taken when the order is paid for.</summary>
    Immediate,

    /// <summary>The money is held when the order is paid for, and taken when the order is confirmed.</summary>
    OnConfirmation,
}
