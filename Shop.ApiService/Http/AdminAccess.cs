using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.Extensions.Options;
using Shop.ServiceDefaults;

namespace Shop.ApiService.Http;

/// <summary>
/// The calls of whoever runs the shop: one group, closed to all who don't know its key, before anything of a request is read. What
/// was done with the key is logged.
/// </summary>
internal static class AdminAccess
{
    public const string SchemeName = "AdminKey";

    private const string Scheme = "Bearer ";

    public static void AddAdminAccess(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSettings<AdminOptions>("Admin");
        builder.Services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, KeyHandler>(SchemeName, null);
        builder.Services.AddAuthorizationBuilder()
            .AddPolicy(SchemeName, policy => policy.AddAuthenticationSchemes(SchemeName).RequireAuthenticatedUser());
    }

    /// <summary>
    /// Asks those for the key whose endpoint wants it, and nobody else for anything: the policy names its scheme, so neither of the two
    /// middlewares has anything to do for other requests. An endpoint that wants it and isn't asked fails (ASP.NET Core sees to that).
    /// </summary>
    public static void UseAdminAccess(this WebApplication app)
    {
        // Otherwise the host adds both for all requests by itself.
        IApplicationBuilder pipeline = app;
        pipeline.Properties["__AuthenticationMiddlewareSet"] = pipeline.Properties["__AuthorizationMiddlewareSet"] = true;
        app.UseWhen(
            context => context.GetEndpoint()?.Metadata.GetMetadata<IAuthorizeData>() is not null, closed => closed.UseAuthorization());
    }

    public static RouteGroupBuilder MapAdmin(this IEndpointRouteBuilder api)
    {
        var admin = api.MapGroup("/admin").WithTags("Administration").ProducesProblem(StatusCodes.Status401Unauthorized)
            .RequireAuthorization(SchemeName).RequireRateLimiting(RateLimits.Administration);
        admin.AddEndpointFilter(async (context, next) =>
        {
            var result = await next(context);
            var (http, logger) = (context.HttpContext, context.HttpContext.RequestServices.GetRequiredService<ILogger<AdminOptions>>());
            logger.Administered(
                http.Request.Method, http.Request.Path.Value, (result as IStatusCodeHttpResult)?.StatusCode ?? http.Response.StatusCode,
                http.Connection.RemoteIpAddress);
            return result;
        });
        return admin;
    }

    /// <summary>Whether a request knows the key.</summary>
    public static bool IsKnown(HttpContext context)
    {
        var key = context.RequestServices.GetRequiredService<IOptions<AdminOptions>>().Value.ApiKey;
        var authorization = context.Request.Headers.Authorization.ToString();
        return key is { Length: > 0 }
            && authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
            && CryptographicOperations.FixedTimeEquals(Hash(authorization[Scheme.Length..].Trim()), Hash(key));
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private sealed class KeyHandler(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync() => Task.FromResult(IsKnown(Context)
            ? AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(new ClaimsIdentity(SchemeName)), SchemeName))
            : AuthenticateResult.NoResult());

        protected override async Task HandleChallengeAsync(AuthenticationProperties properties)
        {
            Response.Headers.WWWAuthenticate = "Bearer";
            await TypedResults.Problem(
                statusCode: StatusCodes.Status401Unauthorized,
                detail: "Send the shop's admin key as 'Authorization: Bearer <key>' (configuration Admin:ApiKey).").ExecuteAsync(Context);
        }
    }
}
