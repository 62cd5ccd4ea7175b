namespace Shop.Infrastructure.Catalog;

/// <summary>The file as a whole can't be taken for a catalogue; the message tells the shop owner why and what to do.</summary>
public sealed class UnreadableCatalogException(string message, Exception? innerException = null) : Exception(message, innerException);
