namespace Pipelines.Sockets.Unofficial;

/// <summary>Accepted and not looked at: a connection always reads straight into its pipe.</summary>
[Flags]
public enum SocketConnectionOptions
{
    None = 0,
}
