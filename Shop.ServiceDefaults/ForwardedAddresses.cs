using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Configuration;

namespace Shop.ServiceDefaults;

/// <summary>The client's own address behind a gateway or load balancer, by which requests are limited.</summary>
public static class ForwardedAddresses
{
    private const string Networks = "ForwardedHeaders:KnownNetworks";

    /// <summary>
    /// Takes <c>X-Forwarded-For</c> from this machine and from the networks that <c>ForwardedHeaders:KnownNetworks</c> lists (CIDR);
    /// from anybody else it is a claim, and their own address counts.
    /// </summary>
    /// <exception cref="InvalidOperationException">A network is none.</exception>
    public static void UseForwardedAddresses(this WebApplication app)
    {
        var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.XForwardedFor };
        foreach (var text in app.Configuration.GetSection(Networks).Get<string[]>() ?? [])
        {
            options.KnownIPNetworks.Add(System.Net.IPNetwork.TryParse(text, out var network)
                ? network
                : throw new InvalidOperationException($"{Networks} must hold networks such as 10.0.0.0/8, not '{text}'."));
        }

        app.UseForwardedHeaders(options);
    }
}
