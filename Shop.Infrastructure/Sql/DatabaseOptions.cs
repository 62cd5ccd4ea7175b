using System.ComponentModel.DataAnnotations;

namespace Shop.Infrastructure.Sql;

/// <summary>Configuration section <c>Database</c>.</summary>
public sealed class DatabaseOptions
{
    /// <summary>
    /// Connections that a process has open at once at most, half of them for its hot paths; 10 to 1,000. So many for each replica of
    /// API and worker must fit into the server's <c>max_connections</c>.
    /// </summary>
    [Range(10, 1000)]
    public int MaxConnections { get; set; } = 60;
}
