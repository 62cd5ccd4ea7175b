namespace Shop.Worker.Messaging;

/// <summary>What is done with the messages of a queue.</summary>
internal interface IDeliveryHandler
{
    /// <summary>
    /// Handles a message completely: when this returns, its effect is committed. It may be called again with the same message.
    /// </summary>
    /// <param name="delivery">The message.</param>
    /// <param name="stopping">The worker stops; what can't be ended soon may be given back by
    /// <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="UnreadableMessageException">Trying again doesn't help: the message is none of ours or broken.</exception>
    Task HandleAsync(Delivery delivery, CancellationToken stopping);
}
