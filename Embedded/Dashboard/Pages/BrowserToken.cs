using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Embedded.Dashboard.Pages;

/// <summary>
/// Lets in whoever has the token of the printed address. The dashboard can stop and delete things; other users of this
/// machine, and other sites in the browser, must not.
/// </summary>
internal sealed class BrowserToken(string token)
{
    private readonly string _session = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"session of {token}")));

    public bool Is(string? candidate) => candidate is not null && Equal(candidate, token);

    public bool IsLoggedIn(HttpRequest request) => request.Cookies[CookieOf(request)] is { } session && Equal(session, _session);

    public void LogIn(HttpContext context) => context.Response.Cookies.Append(
        CookieOf(context.Request), _session, new CookieOptions { HttpOnly = true, SameSite = SameSiteMode.Strict, Path = "/", IsEssential = true });

    // Cookies don't know ports: two applications on one machine must not log each other out.
    private static string CookieOf(HttpRequest request) => $"dashboard-{request.Host.Port}";

    private static bool Equal(string left, string right) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(left), Encoding.UTF8.GetBytes(right));
}
