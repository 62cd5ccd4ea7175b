namespace Shop.Web.Storefront;

/// <summary>One sentence for the next page, after a redirect.</summary>
/// <param name="IsProblem">Whether something didn't work.</param>
/// <param name="UndoSku">What was just removed from the basket, so that it can be put back.</param>
/// <param name="ShowBasketLink">Whether the way to the basket is what comes next.</param>
public sealed record Notice(string Text, bool IsProblem = false, string? UndoSku = null, int UndoQuantity = 0, bool ShowBasketLink = false);
