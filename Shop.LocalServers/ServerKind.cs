using Aspire.Hosting.ApplicationModel;

namespace Shop.LocalServers;

/// <summary>A server that this machine may have as a program.</summary>
/// <param name="Product">What people call it.</param>
/// <param name="Script">Which of the scripts beside this assembly runs it.</param>
/// <param name="Package">What package managers call it.</param>
/// <param name="FindPrograms">Environment variables that tell the script where its programs are; null when one is missing.</param>
/// <param name="Refusal">Why a data directory can't be used by these programs; null when it can.</param>
internal sealed record ServerKind(
    string Product,
    string Script,
    Package Package,
    Func<IReadOnlyDictionary<string, string>?> FindPrograms,
    Func<string, IReadOnlyDictionary<string, string>, string?> Refusal)
{
    private static readonly ServerKind Postgres = new(
        "PostgreSQL", "postgres", new Package("postgresql", "postgresql-server", "postgresql@17", ["postgresql"]), FindPostgres,
        OtherVersion);

    private static readonly ServerKind Redis = new(
        "Redis", "redis", new Package("redis-server|valkey-server", "valkey|redis", "redis", ["redis-server", "valkey-server"]),
        () => Variables(("BIN", Programs.Find("redis-server") ?? Programs.Find("valkey-server"))), (_, _) => null);

    private static readonly ServerKind RabbitMq = new(
        "RabbitMQ", "rabbitmq", new Package("rabbitmq-server", "rabbitmq-server", "rabbitmq", ["rabbitmq-server", "epmd"]),
        () => Variables(("BIN", FindRabbitMq()), ("EPMD", FindPortMapper())), (_, _) => null);

    /// <summary>The kind of a container resource; null for one that only a container engine can run.</summary>
    public static ServerKind? Of(ContainerResource container) => container switch
    {
        PostgresServerResource => Postgres,
        RedisResource => Redis,
        RabbitMQServerResource => RabbitMq,
        _ => null,
    };

    private static Dictionary<string, string>? Variables(params (string Name, string? Value)[] variables) =>
        variables.All(variable => variable.Value is not null)
            ? variables.ToDictionary(variable => variable.Name, variable => variable.Value!)
            : null;

    private static Dictionary<string, string>? FindPostgres()
    {
        // Debian keeps the server's programs off PATH, a folder for each version.
        var folders = Programs.Places(
            "usr/lib/postgresql/*/bin/postgres", "usr/pgsql-*/bin/postgres", "opt/homebrew/opt/postgresql@*/bin/postgres")
            .Append(Programs.Find("postgres"));
        return Variables(("BIN", Path.GetDirectoryName(folders.FirstOrDefault(program => program is not null))));
    }

    private static string? OtherVersion(string data, IReadOnlyDictionary<string, string> programs)
    {
        var file = Path.Combine(data, "PG_VERSION");
        if (!File.Exists(file) || File.ReadAllText(file).Trim() is not { Length: > 0 } version)
            return null;
        var folder = programs["BIN"];
        // /usr/lib/postgresql/15/bin
        return !int.TryParse(Path.GetFileName(Path.GetDirectoryName(folder)), out var installed) || version == $"{installed}"
            ? null
            : $"The data in {data} is PostgreSQL {version}'s, and the PostgreSQL in {folder} is {installed}: it can't read it. "
              + $"Install PostgreSQL {version}, or move the folder away to begin with fresh data.";
    }

    // The distributions' wrapper on PATH changes user and directory: the script that it calls is the one.
    private static string? FindRabbitMq() =>
        Programs.Places("usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server", "usr/lib/rabbitmq/bin/rabbitmq-server",
            "opt/homebrew/opt/rabbitmq/sbin/rabbitmq-server", "usr/local/opt/rabbitmq/sbin/rabbitmq-server",
            "opt/rabbitmq/sbin/rabbitmq-server").FirstOrDefault();

    private static string? FindPortMapper() =>
        Programs.Find("epmd") ?? Programs.Places("usr/lib/erlang/bin/epmd", "usr/lib64/erlang/bin/epmd", "usr/lib64/erlang/erts-*/bin/epmd",
            "opt/homebrew/opt/erlang/lib/erlang/bin/epmd", "usr/local/lib/erlang/bin/epmd").FirstOrDefault();
}
