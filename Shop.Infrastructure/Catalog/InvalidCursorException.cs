namespace Shop.Infrastructure.Catalog;

/// <summary>A cursor was used that doesn't belong to this list in this order.</summary>
public sealed class InvalidCursorException(Exception innerException)
    : Exception("The cursor doesn't belong to this list in this order: start again from the first page.", innerException);
