using System.Net.Sockets;
using Shop.AppHost;
using Shop.Tests.ServiceDefaults;

namespace Shop.Tests.AppHost;

/// <summary>The ports that people know: a shop that can't have them says so before it starts anything.</summary>
[Trait("Category", "Unit")]
public sealed class FixedPortsTests
{
    private static readonly Uri Dashboard = new(LoopbackServer.DeadAddress());

    private readonly IDistributedApplicationBuilder _builder = DistributedApplication.CreateBuilder(new DistributedApplicationOptions
    {
        AssemblyName = typeof(Projects.Shop_AppHost).Assembly.GetName().Name,
        DisableDashboard = true,
    });

    [Fact]
    public void A_taken_port_is_named_with_who_needs_it_and_how_to_choose_another()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        AddService("webfrontend", port);

        var refusal = Assert.Throws<DistributedApplicationException>(Check);

        Assert.StartsWith(
            string.Create(CultureInfo.InvariantCulture, $"Port {port} for webfrontend is taken."), refusal.Message,
            StringComparison.Ordinal);
        Assert.Contains("--Ports:webfrontend=", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_can_t_share_a_port()
    {
        var port = FreePort();
        AddService("webfrontend", port);
        AddService("apiservice", port);
        AddService("worker", null);

        var refusal = Assert.Throws<DistributedApplicationException>(Check);

        Assert.Equal(
            string.Create(
                CultureInfo.InvariantCulture,
                $"webfrontend and apiservice can't share port {port}: give each its own with --Ports:NAME=PORT."),
            refusal.Message);
    }

    [Fact]
    public void The_dashboards_port_is_promised_too()
    {
        AddService("webfrontend", Dashboard.Port);

        var refusal = Assert.Throws<DistributedApplicationException>(Check);

        Assert.StartsWith("webfrontend and dashboard can't share port", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Free_ports_of_their_own_are_no_obstacle()
    {
        AddService("webfrontend", FreePort());
        AddService("apiservice", FreePort());

        Check();
    }

    private void AddService(string name, int? port) =>
        _builder.AddProject<Projects.Shop_Web>(name, project => project.ExcludeLaunchProfile = true).WithHttpEndpoint(port: port);

    private void Check() => FixedPorts.Check(new DistributedApplicationModel(_builder.Resources), Dashboard.ToString());

    private static int FreePort() => new Uri(LoopbackServer.DeadAddress()).Port;
}
