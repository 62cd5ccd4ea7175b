namespace Shop.Infrastructure.Sql;

/// <summary>
/// The key of the <see cref="NpgsqlDataSource"/> for the hot paths, whose statements write rows or find them by their keys,
/// thousands of times a second. All else takes the one without a key.
/// </summary>
/// <remarks>
/// PostgreSQL keeps the plan of a prepared statement. One made while a table is small reads the whole table, and goes on
/// doing so while the table grows by thousands of rows a second, until statistics are gathered again. So the planner
/// is told here to look for every row by an index. Lists and reports need its freedom.
/// </remarks>
public static class HotPath
{
    public const string Name = "shopdb hot path";

    private const string ByIndexOnly = "-c enable_seqscan=off -c enable_hashjoin=off -c enable_mergejoin=off -c enable_material=off";

    /// <summary>
    /// A process that is stopped between the two round trips of a batch holds the locks on its stock: Postgres ends its
    /// session, and the batch is written again when the process goes on.
    /// </summary>
    private const string NotStoppedHalfway = "-c idle_in_transaction_session_timeout=5s";

    /// <param name="connectionString">Of the shop's database; its pool is as large as that of all else.</param>
    public static NpgsqlDataSource Open(string connectionString)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString)
        {
            // Nothing that is done here outlives its transaction, so there is nothing to reset between two uses.
            NoResetOnClose = true,
        };
        settings.Options = string.Join(
            ' ', new[] { settings.Options, ByIndexOnly, NotStoppedHalfway }.Where(options => !string.IsNullOrEmpty(options)));
        return NpgsqlDataSource.Create(settings);
    }
}
