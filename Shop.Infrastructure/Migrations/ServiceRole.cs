namespace Shop.Infrastructure.Migrations;

/// <summary>
/// The role by which the services come to the database: it reads and writes the modules' rows, owns nothing, is no superuser, and can
/// neither change a table nor drop one. Whoever migrates makes it, from the connection string that the services are given.
/// </summary>
public static class ServiceRole
{
    /// <summary>The name of the services' connection string among the migrating process's own; without it there is no such role.</summary>
    public const string ConnectionName = "services";

    /// <summary>Whoever comes second waits: two who grant at once fail.</summary>
    private const long Lock = 0x53686f70_726f6c65;

    private const string Create = """
        SELECT format(CASE WHEN EXISTS (SELECT FROM pg_roles WHERE rolname = $1)
            THEN 'ALTER ROLE %I LOGIN PASSWORD %L' ELSE 'CREATE ROLE %I LOGIN PASSWORD %L' END, $1::text, $2::text)
        """;

    private const string Grant = """
        SELECT format('GRANT USAGE ON SCHEMA %1$I TO %2$I;'
            'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA %1$I TO %2$I;'
            'GRANT USAGE ON ALL SEQUENCES IN SCHEMA %1$I TO %2$I;', nspname, $1::text)
        FROM pg_namespace WHERE nspname NOT LIKE 'pg\_%' AND nspname NOT IN ('information_schema', 'public')
        """;

    /// <summary>
    /// Makes the role or gives it its password anew, and lets it in to all tables there are. Run again, it changes nothing.
    /// </summary>
    /// <returns>The role's name, or null where the services come as whoever migrates.</returns>
    /// <exception cref="ArgumentException">The connection string can't be read, or names no role or no password.</exception>
    /// <exception cref="PostgresException">Whoever migrates may not make roles.</exception>
    public static async Task<string?> EnsureAsync(
        NpgsqlDataSource database, string? servicesConnectionString, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(database);
        if (string.IsNullOrWhiteSpace(servicesConnectionString))
            return null;
        var services = new NpgsqlConnectionStringBuilder(servicesConnectionString);
        if (services.Username is not { Length: > 0 } role || services.Password is not { Length: > 0 } password)
            throw new ArgumentException($"ConnectionStrings__{ConnectionName} must name a role and its password.");
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        if (role == new NpgsqlConnectionStringBuilder(database.ConnectionString).Username)
            return null;
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using (var turn = connection.Sql("SELECT pg_advisory_xact_lock($1)", Lock))
            await turn.ExecuteNonQueryAsync(cancellationToken);
        await RunAsync(connection, connection.Sql(Create, role, password), cancellationToken);
        await RunAsync(connection, connection.Sql(Grant, role), cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return role;
    }

    /// <summary>Runs the statements that another makes: names and passwords can't be parameters of these.</summary>
    private static async Task RunAsync(NpgsqlConnection connection, NpgsqlCommand maker, CancellationToken cancellationToken)
    {
        var statements = new StringBuilder();
        await using (maker)
        await using (var reader = await maker.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
                statements.Append(reader.GetString(0)).Append(';');
        }

        await using var made = connection.Sql(statements.ToString());
        await made.ExecuteNonQueryAsync(cancellationToken);
    }
}
