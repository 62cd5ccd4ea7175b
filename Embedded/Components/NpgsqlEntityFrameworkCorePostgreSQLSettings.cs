namespace Embedded.Components;

/// <summary>How a database context reaches PostgreSQL; bound from <c>Aspire:Npgsql:EntityFrameworkCore:PostgreSQL</c>.</summary>
public sealed class NpgsqlEntityFrameworkCorePostgreSQLSettings
{
    /// <summary><c>ConnectionStrings:{name}</c> goes before it.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Commands that fail for a passing reason are repeated unless this is set.</summary>
    public bool DisableRetry { get; set; }

    public bool DisableHealthChecks { get; set; }

    /// <summary>Accepted for the sake of Aspire's configuration; who listens to the source <c>Npgsql</c> decides.</summary>
    public bool DisableTracing { get; set; }

    /// <summary>Accepted for the sake of Aspire's configuration; who listens to the meter <c>Npgsql</c> decides.</summary>
    public bool DisableMetrics { get; set; }

    /// <summary>Seconds a command may take; null for Npgsql's 30.</summary>
    public int? CommandTimeout { get; set; }
}
