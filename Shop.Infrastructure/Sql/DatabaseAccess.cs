namespace Shop.Infrastructure.Sql;

/// <summary>Plain SQL with positional parameters.</summary>
public static class DatabaseAccess
{
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

    /// <summary>Runs a query and reads all its rows.</summary>
    public static async Task<List<T>> RowsAsync<T>(
        this NpgsqlCommand query, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        await using var reader = await query.ExecuteReaderAsync(cancellationToken);
        return await reader.RowsAsync(read, cancellationToken);
    }

    /// <summary>All rows of the result on which a reader stands.</summary>
    public static async Task<List<T>> RowsAsync<T>(
        this NpgsqlDataReader reader, Func<NpgsqlDataReader, T> read, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reader);
        ArgumentNullException.ThrowIfNull(read);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellationToken))
            rows.Add(read(reader));
        return rows;
    }

    public static string? GetStringOrNull(this NpgsqlDataReader reader, int column)
    {
        ArgumentNullException.ThrowIfNull(reader);
        return reader.IsDBNull(column) ? null : reader.GetString(column);
    }
}
