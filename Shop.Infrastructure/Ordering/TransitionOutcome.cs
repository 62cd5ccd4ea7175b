namespace Shop.Infrastructure.Ordering;

/// <summary>What came of asking an order to move on.</summary>
public enum TransitionOutcome
{
    /// <summary>It did, with all that follows from it.</summary>
    Changed,

    /// <summary>It had already, or the message that asked for it had been handled: nothing changed.</summary>
    Unchanged,

    /// <summary>The rules don't allow it from where the order is.</summary>
    NotAllowed,

    /// <summary>There is no such order.</summary>
    NotFound,
}
