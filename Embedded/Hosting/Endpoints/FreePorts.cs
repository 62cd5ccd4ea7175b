using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Embedded.Hosting.Endpoints;

/// <summary>
/// Hands out loopback ports that nobody listens on. They lie below the ranges from which systems take ports for outgoing
/// connections (32768 and up on Linux, 49152 and up elsewhere), so that none is lost between choice and use.
/// </summary>
internal static class FreePorts
{
    private const int First = 15000;
    private const int End = 32000;

    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Taken = [];

    public static int Take()
    {
        lock (Gate)
        {
            for (var attempt = 0; attempt < End - First; attempt++)
            {
                var port = Random.Shared.Next(First, End);
                if (!Taken.Contains(port) && IsFree(port))
                {
                    Taken.Add(port);
                    return port;
                }
            }
        }

        throw new EmbeddedHostingException(
            string.Create(CultureInfo.InvariantCulture, $"No free port was found between {First} and {End} on 127.0.0.1. End programs that hold many ports, then start again."));
    }

    public static void Return(int port)
    {
        lock (Gate)
            Taken.Remove(port);
    }

    public static bool IsFree(int port)
    {
        using var probe = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            probe.Bind(new IPEndPoint(IPAddress.Loopback, port));
            probe.Listen(1);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
