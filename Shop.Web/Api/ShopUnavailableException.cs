namespace Shop.Web.Api;

/// <summary>The API can't be reached or says itself that it can't serve now: a matter of waiting, not of the request.</summary>
/// <param name="status">What it answered, if it did: 429 when this visitor asks too much.</param>
public sealed class ShopUnavailableException(string message, Exception? innerException = null, HttpStatusCode? status = null)
    : Exception(message, innerException)
{
    public bool IsTooMuch => status is HttpStatusCode.TooManyRequests;
}
