using System.Net;
using Shop.ServiceDefaults.Health;
using Yarp.ReverseProxy.Configuration;
using Yarp.ReverseProxy.Forwarder;
using Yarp.ReverseProxy.Health;
using Yarp.ReverseProxy.LoadBalancing;

namespace Shop.Web.Gateway;

/// <summary>Which paths go where.</summary>
internal static class GatewayTopology
{
    private const string Service = "apiservice";

    public static IReadOnlyList<RouteConfig> Routes { get; } = [Route("api"), Route("openapi"), Route("docs")];

    /// <summary>
    /// The API's endpoints as configuration names them (<c>services:apiservice:http:0, 1, …</c>): one that stands for all
    /// replicas, or each of them. Without any, its name is left to DNS.
    /// </summary>
    public static ClusterConfig Cluster(IConfiguration configuration, GatewayOptions options)
    {
        var destinations = Addresses(configuration).Distinct().Select((address, i) => (Name: $"{Service}-{i}", Address: address))
            .ToDictionary(destination => destination.Name, destination => new DestinationConfig { Address = destination.Address });
        return new ClusterConfig
        {
            ClusterId = Service,
            LoadBalancingPolicy = LoadBalancingPolicies.PowerOfTwoChoices,
            Destinations = destinations,
            HttpRequest = new ForwarderRequestConfig
            {
                ActivityTimeout = options.ActivityTimeout,
                AllowResponseBuffering = false,
                Version = HttpVersion.Version11,
                VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
            },
            HealthCheck = new HealthCheckConfig
            {
                // When none seems healthy, asking one is still better than asking none.
                AvailableDestinationsPolicy = HealthCheckConstants.AvailableDestinations.HealthyOrPanic,
                Passive = new PassiveHealthCheckConfig
                {
                    Enabled = destinations.Count > 1,
                    Policy = FirstFailurePolicy.PolicyName,
                    ReactivationPeriod = options.ProbeInterval,
                },
                Active = new ActiveHealthCheckConfig
                {
                    // A single one is asked in any case.
                    Enabled = destinations.Count > 1,
                    Interval = options.ProbeInterval,
                    Timeout = TimeSpan.FromSeconds(3),
                    Policy = HealthCheckConstants.ActivePolicy.ConsecutiveFailures,
                    // Readiness rather than liveness: one that is about to stop gets no new requests.
                    Path = HealthEndpoints.Health,
                },
            },
            Metadata = new Dictionary<string, string> { [ConsecutiveFailuresHealthPolicyOptions.ThresholdMetadataName] = "1" },
        };
    }

    private static RouteConfig Route(string root) => new()
    {
        RouteId = root,
        ClusterId = Service,
        Match = new RouteMatch { Path = $"/{root}/{{**rest}}" },
    };

    private static string[] Addresses(IConfiguration configuration)
    {
        foreach (var scheme in (string[])["http", "https"])
        {
            var section = configuration.GetSection($"services:{Service}:{scheme}");
            string?[] values = section.Value is { } single ? [single] : [.. section.GetChildren().Select(child => child.Value)];
            string[] addresses = [.. values.Where(value => !string.IsNullOrWhiteSpace(value)).Select(value => Parse(section.Path, scheme, value!))];
            if (addresses.Length > 0) return addresses;
        }

        return [$"http://{Service}/"];
    }

    private static string Parse(string key, string scheme, string value) =>
        Uri.TryCreate(value.Contains("://", StringComparison.Ordinal) ? value : $"{scheme}://{value}", UriKind.Absolute, out var uri)
            ? uri.GetLeftPart(UriPartial.Authority)
            : throw new InvalidOperationException($"Configuration {key} says '{value}', which is no address: give a URL such as {scheme}://localhost:8081.");
}
