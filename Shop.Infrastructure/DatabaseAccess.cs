using System.Data;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace Shop.Infrastructure;

/// <summary>Plain SQL over the context's own connection, and so over its transaction when there is one.</summary>
public static class DatabaseAccess
{
    /// <summary>The context's connection, open. It goes back to the pool with the context.</summary>
    public static async Task<NpgsqlConnection> OpenAsync(this ShopDbContext db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        var connection = (NpgsqlConnection)db.Database.GetDbConnection();
        if (connection.State is not ConnectionState.Open)
            await db.Database.OpenConnectionAsync(cancellationToken);
        return connection;
    }

    /// <summary>Adds a statement with positional parameters (<c>$1</c>, <c>$2</c>, …) to a batch.</summary>
    public static NpgsqlBatch Add(this NpgsqlBatch batch, string sql)
    {
        ArgumentNullException.ThrowIfNull(batch);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(sql));
        return batch;
    }

    // The first parameter stands by itself, so that a lone array is one parameter and not a list of them.

    /// <inheritdoc cref="Add(NpgsqlBatch, string)"/>
    public static NpgsqlBatch Add(this NpgsqlBatch batch, string sql, object? first, params ReadOnlySpan<object?> others)
    {
        batch.Add(sql);
        Add(batch.BatchCommands[^1].Parameters, first, others);
        return batch;
    }

    /// <summary>One statement with positional parameters.</summary>
    public static NpgsqlCommand Sql(this NpgsqlConnection connection, string sql) => new(sql, connection);

    /// <inheritdoc cref="Sql(NpgsqlConnection, string)"/>
    public static NpgsqlCommand Sql(this NpgsqlConnection connection, string sql, object? first, params ReadOnlySpan<object?> others)
    {
        var command = new NpgsqlCommand(sql, connection);
        Add(command.Parameters, first, others);
        return command;
    }

    private static void Add(NpgsqlParameterCollection parameters, object? first, ReadOnlySpan<object?> others)
    {
        parameters.Add(new NpgsqlParameter { Value = first ?? DBNull.Value });
        foreach (var parameter in others)
            parameters.Add(new NpgsqlParameter { Value = parameter ?? DBNull.Value });
    }
}
