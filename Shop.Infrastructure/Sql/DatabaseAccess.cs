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
}
