using Shop.ServiceDefaults;

namespace Shop.Web.Storefront;

/// <summary>What crawlers may read: the catalogue, not anybody's basket or order, nor every combination of filters.</summary>
public static class Robots
{
    private const string Rules = """
        User-agent: *
        Disallow: /basket
        Disallow: /checkout
        Disallow: /orders/
        Disallow: /search
        Disallow: /api/
        Disallow: /*?*sort=
        Disallow: /*?*cursor=

        """;

    public static IEndpointConventionBuilder MapRobots(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/robots.txt", () => Results.Text(Rules, "text/plain")).WithHead().ExcludeFromDescription();
}
