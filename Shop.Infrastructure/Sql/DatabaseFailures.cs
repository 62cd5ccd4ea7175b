using System.Net.Sockets;

namespace Shop.Infrastructure.Sql;

/// <summary>Tells a database that fails for a moment from one that was asked something wrong.</summary>
public static class DatabaseFailures
{
    /// <summary>idle_in_transaction_session_timeout, which Npgsql has no name for.</summary>
    private const string IdleInTransactionSessionTimeout = "25P03";

    /// <summary>
    /// Whether the reason lies in the database or the way to it (a lost connection, a restart, a deadlock, a time-out, too
    /// many waiting) and not in what was asked: asked again later, the same may well succeed.
    /// </summary>
    public static bool IsTransient(Exception failure) => failure switch
    {
        GroupCommitFullException or TimeoutException or SocketException => true,
        PostgresException { IsTransient: true } => true,
        // The server is starting, stopping or was killed, or ended a session that stood still in its transaction.
        PostgresException
        {
            SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow
                or IdleInTransactionSessionTimeout
        } => true,
        PostgresException => false,
        // Of the connection, not of the statement.
        NpgsqlException => true,
        { InnerException: { } inner } => IsTransient(inner),
        _ => false,
    };
}
