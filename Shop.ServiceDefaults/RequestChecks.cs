using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Net.Http.Headers;

namespace Shop.ServiceDefaults;

/// <summary>Requests that no endpoint can make sense of are refused before any tries to.</summary>
public static class RequestChecks
{
    private const int HighestPort = 65535;

    /// <summary>Inside of whatever gives an error its page: programs get problem details, and browsers that page.</summary>
    public static IApplicationBuilder UseRequestChecks(this IApplicationBuilder app) =>
        app.Use((HttpContext context, RequestDelegate next) =>
        Flaw(context.Request) is var (statusCode, detail) ? RefuseAsync(context, statusCode, detail)
            : HttpMethods.IsOptions(context.Request.Method) ? AnswerOptionsAsync(context, next)
            : next(context));

    /// <summary>Whatever answers GET answers HEAD too, the same without a body (RFC 9110, 9.3.2).</summary>
    public static TBuilder WithHead<TBuilder>(this TBuilder endpoints)
        where TBuilder : IEndpointConventionBuilder
    {
        endpoints.Finally(endpoint =>
        {
            for (var index = 0; index < endpoint.Metadata.Count; index++)
            {
                if (endpoint.Metadata[index] is IHttpMethodMetadata { HttpMethods: var methods }
                    && methods.Contains(HttpMethods.Get) && !methods.Contains(HttpMethods.Head))
                    endpoint.Metadata[index] = new HttpMethodMetadata([.. methods, HttpMethods.Head]);
            }
        });
        return endpoints;
    }

    private static async Task RefuseAsync(HttpContext context, int statusCode, string detail)
    {
        context.Response.StatusCode = statusCode;
        await context.RequestServices.GetRequiredService<IProblemDetailsService>()
            .TryWriteAsync(new ProblemDetailsContext { HttpContext = context, ProblemDetails = { Status = statusCode, Detail = detail } });
    }

    /// <summary>Which methods there are is what was asked: routing has put them into the Allow header of its refusal.</summary>
    private static async Task AnswerOptionsAsync(HttpContext context, RequestDelegate next)
    {
        await next(context);
        if (context.Response is { StatusCode: StatusCodes.Status405MethodNotAllowed, HasStarted: false })
            context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private static (int StatusCode, string Detail)? Flaw(HttpRequest request)
    {
        if (request.QueryString.Value?.Contains("%00", StringComparison.Ordinal) is true)
            return (StatusCodes.Status400BadRequest, "The address holds a character that can't be printed.");
        if (!request.Host.HasValue)
            return (StatusCodes.Status400BadRequest, "The Host header is missing.");
        if (request.Host.Port > HighestPort)
            return (StatusCodes.Status400BadRequest, "The Host header names no port that there is.");
        return request.ContentType?.Contains("charset", StringComparison.OrdinalIgnoreCase) is true
            && MediaTypeHeaderValue.TryParse(request.ContentType, out var body) && body is { Charset.Length: > 0, Encoding: null }
            ? (StatusCodes.Status415UnsupportedMediaType, $"Nobody knows the charset '{body.Charset}': send UTF-8.")
            : null;
    }
}
