using System.Data;
using System.Runtime.ExceptionServices;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Shop.Infrastructure;

/// <summary>Plain SQL over the context's own connection, and so over its transaction when there is one.</summary>
public static class DatabaseAccess
{
    /// <summary>The context's connection, open. It goes back to the pool with the context.</summary>
    /// <exception cref="NpgsqlException">Postgres is away, starting or full.</exception>
    public static async Task<NpgsqlConnection> OpenAsync(this ShopDbContext db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        if (connection.State is ConnectionState.Open)
            return connection;
        try
        {
            await db.Database.OpenConnectionAsync(cancellationToken);
        }
        catch (InvalidOperationException wrapped) when (wrapped.InnerException is NpgsqlException away)
        {
            // EF wraps failures that may pass. Whoever tries again looks for the database's own, and a background service
            // that didn't recognise it would take its process down while Postgres starts.
            ExceptionDispatchInfo.Throw(away);
        }

        return connection;
    }

    /// <summary>Adds a statement with positional parameters (<c>$1</c>, <c>$2</c>, …) to a batch.</summary>
    public static NpgsqlBatch Add(this NpgsqlBatch batch, string sql, params ReadOnlySpan<SqlValue> parameters)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter.ToParameter());
        batch.BatchCommands.Add(command);
        return batch;
    }

    /// <summary>One statement with positional parameters.</summary>
    public static NpgsqlCommand Sql(this NpgsqlConnection connection, string sql, params ReadOnlySpan<SqlValue> parameters)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter.ToParameter());
        return command;
    }
}
