using System.Security.Cryptography;
using Microsoft.Extensions.Options;

namespace Shop.ApiService.Http;

/// <summary>The calls of whoever runs the shop: one group, closed to all who don't know its key.</summary>
internal static class AdminAccess
{
    private const string Scheme = "Bearer ";

    public static void AddAdminAccess(this IHostApplicationBuilder builder) =>
        builder.Services.AddOptions<AdminOptions>().BindConfiguration("Admin").ValidateDataAnnotations().ValidateOnStart();

    public static RouteGroupBuilder MapAdmin(this IEndpointRouteBuilder api)
    {
        var admin = api.MapGroup("/admin").WithTags("Administration").ProducesProblem(StatusCodes.Status401Unauthorized);
        admin.AddEndpointFilter(async (context, next) =>
        {
            var key = context.HttpContext.RequestServices.GetRequiredService<IOptions<AdminOptions>>().Value.ApiKey;
            if (IsKnown(context.HttpContext.Request.Headers.Authorization.ToString(), key))
                return await next(context);
            context.HttpContext.Response.Headers.WWWAuthenticate = "Bearer";
            return TypedResults.Problem(
                statusCode: StatusCodes.Status401Unauthorized, detail: "Send the shop's admin key as 'Authorization: Bearer <key>' (configuration Admin:ApiKey).");
        });
        return admin;
    }

    private static bool IsKnown(string authorization, string? key) =>
        key is { Length: > 0 }
        && authorization.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && CryptographicOperations.FixedTimeEquals(Hash(authorization[Scheme.Length..].Trim()), Hash(key));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
