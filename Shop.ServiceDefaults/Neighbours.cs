using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Http;

namespace Shop.ServiceDefaults;

/// <summary>
/// Callers on this machine or in the private network. A forwarded request comes from somewhere else, whatever address
/// its headers claim.
/// </summary>
internal static class Neighbours
{
    // ASP.NET Core's own middleware moves what it has understood to the second.
    private static readonly string[] MarksOfProxies = ["X-Forwarded-For", "X-Original-For", "Forwarded"];

    public static bool Include(HttpContext context) =>
        !MarksOfProxies.Any(context.Request.Headers.ContainsKey)
        && context.Connection.RemoteIpAddress is { } address
        && IsPrivate(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);

    private static bool IsPrivate(IPAddress address)
    {
        if (IPAddress.IsLoopback(address)) return true;
        if (address.AddressFamily == AddressFamily.InterNetworkV6) return address.IsIPv6UniqueLocal || address.IsIPv6LinkLocal;

        // RFC 1918, RFC 6598 and RFC 3927.
        Span<byte> bytes = stackalloc byte[4];
        address.TryWriteBytes(bytes, out _);
        return bytes is [10, ..] or [172, >= 16 and <= 31, ..] or [192, 168, ..] or [100, >= 64 and <= 127, ..] or [169, 254, ..];
    }
}
