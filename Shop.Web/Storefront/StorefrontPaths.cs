namespace Shop.Web.Storefront;

/// <summary>Which addresses are the storefront's pages and which go through the gateway or to probes.</summary>
internal static class StorefrontPaths
{
    public static bool AreTheApis(PathString path) =>
        path.StartsWithSegments("/api") || path.StartsWithSegments("/openapi") || path.StartsWithSegments("/docs");

    public static bool AreForMachines(PathString path) =>
        AreTheApis(path) || path == "/health" || path == "/alive";
}
