using System.Net.Sockets;

namespace Shop.AppHost;

/// <summary>Ports that were promised to people: a taken one ends the start, instead of a shop that answers nowhere.</summary>
internal static class FixedPorts
{
    /// <exception cref="DistributedApplicationException">One or more are taken, or two share one: says which, and how to choose
    /// others.</exception>
    public static void Check(DistributedApplicationModel model, string? dashboardUrls)
    {
        var wanted = model.GetProjectResources()
            .SelectMany(service => service.Annotations.OfType<EndpointAnnotation>().Where(endpoint => endpoint.Port is not null)
                .Select(endpoint => (service.Name, Port: endpoint.Port!.Value)))
            .Concat((dashboardUrls ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries).Select(
                url => (Name: "dashboard", new Uri(url).Port)))
            .ToList();
        var mistakes = wanted.Where(one => IsTaken(one.Port)).Select(taken =>
                $"Port {taken.Port} for {taken.Name} is taken. Stop what uses it (a shop that was just stopped needs some seconds to end), "
                + $"or choose another port with --Ports:{taken.Name}={(taken.Port < 60000 ? taken.Port + 1000 : taken.Port - 1000)}.")
            .Concat(wanted.GroupBy(one => one.Port).Where(same => same.Count() > 1)
                .Select(same =>
                    $"{string.Join(" and ", same.Select(one => one.Name))} can't share port {same.Key}: "
                    + "give each its own with --Ports:NAME=PORT."))
            .ToList();
        if (mistakes.Count > 0)
            throw new DistributedApplicationException(string.Join(Environment.NewLine, mistakes));
    }

    private static bool IsTaken(int port) =>
        IsTaken(IPAddress.Loopback, port) || (Socket.OSSupportsIPv6 && IsTaken(IPAddress.IPv6Loopback, port));

    private static bool IsTaken(IPAddress address, int port)
    {
        try
        {
            using var probe = new TcpListener(address, port);
            probe.Start();
            return false;
        }
        catch (SocketException failure)
        {
            // Machines without IPv6 have no such address: nothing is taken there.
            return failure.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied;
        }
    }
}
