using System.Net.Sockets;

namespace Embedded.Hosting.Endpoints;

/// <summary>One replica behind an <see cref="EndpointProxy"/>: where it listens, whether it may be given work, and what it holds.</summary>
internal sealed class Backend(string name)
{
    private readonly Lock _gate = new();
    private readonly HashSet<Connection> _connections = [];

    public string Name { get; } = name;

    /// <summary>The replica's own port; null while it doesn't run or is about to stop.</summary>
    public int? Port { get; private set; }

    public bool IsHealthy { get; private set; }

    /// <summary>Whether it has been healthy since it was started: until then it is warming up and better left alone.</summary>
    public bool WasHealthy { get; private set; }

    public int ConnectionCount
    {
        get
        {
            lock (_gate)
                return _connections.Count;
        }
    }

    public void Start(int port)
    {
        lock (_gate)
        {
            Port = port;
            IsHealthy = false;
            WasHealthy = false;
        }
    }

    public void SetHealth(bool healthy)
    {
        lock (_gate)
        {
            IsHealthy = healthy;
            WasHealthy |= healthy;
        }
    }

    /// <summary>No new connections; those there are may end in their own time.</summary>
    public void Drain()
    {
        lock (_gate)
        {
            Port = null;
            IsHealthy = false;
        }
    }

    /// <summary>The replica is dead: whoever is connected to it learns that now.</summary>
    public void Down()
    {
        Drain();
        Connection[] connections;
        lock (_gate)
            connections = [.. _connections];

        foreach (var connection in connections)
            connection.Abort();
    }

    public bool TryAdd(Connection connection, int port)
    {
        lock (_gate)
            return Port == port && _connections.Add(connection);
    }

    public void Remove(Connection connection)
    {
        lock (_gate)
            _connections.Remove(connection);
    }

    /// <summary>A caller's socket and the replica's.</summary>
    internal sealed class Connection(Socket caller, Socket replica)
    {
        public Socket Caller { get; } = caller;

        public Socket Replica { get; } = replica;

        public void Abort()
        {
            Caller.Dispose();
            Replica.Dispose();
        }
    }
}
