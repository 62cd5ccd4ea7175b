using Shop.Contracts.Events;
using Shop.Domain.Payments;
using Shop.Infrastructure.Messaging;

namespace Shop.Infrastructure.Payments;

/// <summary>What follows from updates about payments, collected to be written at once.</summary>
internal sealed class PaymentChanges(DateTimeOffset now)
{
    private const string Settled = "settled";
    private const string NothingNew = "ignored: nothing new";

    private readonly List<Payment> _changed = [];
    private readonly List<(Payment Payment, string Reason)> _refunds = [];
    private readonly List<OutboxMessage> _messages = [];
    private readonly List<Guid> _handledMessages = [];
    private readonly List<(ProviderEventKey Event, string Outcome)> _handledEvents = [];

    public DateTimeOffset Now => now;

    public IReadOnlyList<Payment> Changed => _changed;

    public IReadOnlyList<(Payment Payment, string Reason)> Refunds => _refunds;

    public IReadOnlyList<OutboxMessage> Messages => _messages;

    public IReadOnlyList<Guid> HandledMessages => _handledMessages;

    public IReadOnlyList<(ProviderEventKey Event, string Outcome)> HandledEvents => _handledEvents;

    /// <summary>
    /// Moves a payment on by what became known. What is known already, or was overtaken by something later, changes nothing.
    /// </summary>
    public void Apply(PaymentUpdate update, Payment payment)
    {
        var hasChanged = update.Answer is { } answer ? Answer(update, payment, answer) : Cancel(payment);
        if (hasChanged)
            _changed.Add(payment);
        if (!payment.MustGoBack)
            Handled(update.Source, hasChanged ? Settled : NothingNew);
    }

    /// <summary>Marks a source as handled that concerns no payment.</summary>
    public void Ignore(PaymentSource source, string reason) => Handled(source, $"ignored: {reason}");

    private bool Cancel(Payment payment)
    {
        var before = payment.Status;
        payment.Cancel(now);
        return payment.Status != before;
    }

    /// <exception cref="InvalidOperationException">
    /// The provider has taken another amount than was to be paid: a person must look at it.
    /// </exception>
    private bool Answer(PaymentUpdate update, Payment payment, ChargeResult answer)
    {
        if (answer.Amount is { } amount && payment.Amount.MinorUnits > 0 && amount != payment.Amount)
            throw new InvalidOperationException(
                $"The provider says that {amount} were paid for order {payment.OrderId}, which costs {payment.Amount}.");
        switch (answer.Outcome, payment.Status)
        {
            case (ChargeOutcome.Captured or ChargeOutcome.Authorized, PaymentStatus.Pending or PaymentStatus.Cancelling):
                var goesBack = answer.Outcome is ChargeOutcome.Captured
                    ? payment.Take(answer.Reference, now)
                    : payment.Authorize(answer.Reference, now);
                if (!goesBack)
                    Raise(new PaymentSucceeded(payment.OrderId, payment.Id, Amount(payment)), update);
                return true;
            case (ChargeOutcome.Captured, PaymentStatus.Authorized):
                payment.Capture(now);
                return true;
            // It was refused, or given up as never made, and has succeeded after all.
            case (ChargeOutcome.Captured or ChargeOutcome.Authorized,
                PaymentStatus.Refused or PaymentStatus.Void) when payment.Amount.MinorUnits > 0:
                payment.TakeUnwanted(answer.Reference, now);
                return true;
            // One that is known to have been taken must go back, whatever an older answer says.
            case (ChargeOutcome.Refused, PaymentStatus.Pending or PaymentStatus.Cancelling) when !payment.MustGoBack:
            case (ChargeOutcome.Returned, PaymentStatus.Pending):
                var reason = answer.Reason ?? "The payment was refused.";
                payment.Refuse(reason, now);
                Raise(new PaymentRefused(payment.OrderId, payment.Id, reason, payment.Attempt), update);
                return true;
            case (ChargeOutcome.Returned, PaymentStatus.Authorized or PaymentStatus.Paid or PaymentStatus.Cancelling):
                payment.Refund(now);
                // Of an order that cost nothing there is nothing to give back.
                if (payment.Amount.MinorUnits > 0)
                    _refunds.Add((payment, answer.Reason ?? "The payment was given back."));
                Raise(new PaymentRefunded(payment.OrderId, payment.Id, Amount(payment), payment.Attempt), update);
                return true;
            case (ChargeOutcome.Undecided, PaymentStatus.Pending) when answer.Reference.Length > 0 && payment.ProviderReference is null:
                payment.Remember(answer.Reference, now);
                return true;
            default:
                return false;
        }
    }

    private void Raise<TEvent>(TEvent integrationEvent, PaymentUpdate update)
        where TEvent : IIntegrationEvent =>
        _messages.Add(OutboxMessage.Of(integrationEvent, now, update.TraceParent));

    private void Handled(PaymentSource source, string outcome)
    {
        if (source.MessageId is { } messageId)
            _handledMessages.Add(messageId);
        if (source.Event is { } providerEvent)
            _handledEvents.Add((providerEvent, outcome));
    }

    private static Contracts.Money Amount(Payment payment) => new(payment.Amount.MinorUnits, payment.Amount.Currency.Code);
}
