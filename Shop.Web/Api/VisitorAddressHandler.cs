namespace Shop.Web.Api;

/// <summary>Tells the API whose request a page's call is for, so that limits count visitors and not the storefront.</summary>
internal sealed class VisitorAddressHandler(IHttpContextAccessor accessor) : DelegatingHandler
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (accessor.HttpContext?.Connection.RemoteIpAddress is { } visitor)
            request.Headers.TryAddWithoutValidation("X-Forwarded-For", visitor.ToString());
        return base.SendAsync(request, cancellationToken);
    }
}
