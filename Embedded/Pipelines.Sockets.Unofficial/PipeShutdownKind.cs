namespace Pipelines.Sockets.Unofficial;

/// <summary>The first reason for which a connection ended. The numbers are the real package's where the client relies on them.</summary>
public enum PipeShutdownKind
{
    /// <summary>It has not ended.</summary>
    None = 0,

    /// <summary>This side disposed it.</summary>
    PipeDisposed = 1,

    /// <summary>The peer has nothing more to say.</summary>
    ReadEndOfStream = 100,

    /// <summary>Receiving failed, and not for the socket's sake.</summary>
    ReadException = 103,

    /// <summary>Receiving failed with a socket error.</summary>
    ReadSocketError = 104,

    /// <summary>Sending failed, and not for the socket's sake.</summary>
    WriteException = 204,

    /// <summary>Sending failed with a socket error.</summary>
    WriteSocketError = 205,

    /// <summary>The client said goodbye in the protocol's own words.</summary>
    ProtocolExitClient = 400,
}
