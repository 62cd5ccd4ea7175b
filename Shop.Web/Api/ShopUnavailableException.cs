namespace Shop.Web.Api;

/// <summary>The API can't be reached or says itself that it can't serve now: a matter of waiting, not of the request.</summary>
public sealed class ShopUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException);
