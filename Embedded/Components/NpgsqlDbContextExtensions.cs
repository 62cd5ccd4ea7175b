using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Embedded.Components;

public static class NpgsqlDbContextExtensions
{
    private const string Section = "Aspire:Npgsql:EntityFrameworkCore:PostgreSQL";

    /// <summary>
    /// Registers a pooled context on PostgreSQL, with retries and a health check of the context's name. The settings
    /// come from <c>Aspire:Npgsql:EntityFrameworkCore:PostgreSQL</c>, then its subsection of the connection's name, then
    /// that of the context's type name, then <c>ConnectionStrings:{connectionName}</c>, then <paramref name="configureSettings"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">At the first use of the context: there is no connection string.</exception>
    public static void AddNpgsqlDbContext<TContext>(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<NpgsqlEntityFrameworkCorePostgreSQLSettings>? configureSettings = null,
        Action<DbContextOptionsBuilder>? configureDbContextOptions = null)
        where TContext : DbContext
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);

        if (builder.Environment.IsDevelopment() && builder.Services.Any(service => service.ServiceType == typeof(DbContextOptions<TContext>)))
            throw new InvalidOperationException($"The context {typeof(TContext).Name} is registered already: call either AddDbContext or AddNpgsqlDbContext, and that once.");

        var settings = new NpgsqlEntityFrameworkCorePostgreSQLSettings();
        var section = builder.Configuration.GetSection(Section);
        section.Bind(settings);
        section.GetSection(connectionName).Bind(settings);
        section.GetSection(typeof(TContext).Name).Bind(settings);
        if (builder.Configuration.GetConnectionString(connectionName) is { } connectionString)
            settings.ConnectionString = connectionString;
        configureSettings?.Invoke(settings);

        builder.Services.AddDbContextPool<TContext>(options =>
        {
            // Looked at here and not at registration, so that the error meets a logger, and tools that build the model
            // need no database.
            if (string.IsNullOrWhiteSpace(settings.ConnectionString) && !EF.IsDesignTime)
                throw ConnectionStrings.Missing(connectionName, Section, $"{Section}:{typeof(TContext).Name}");

            options.UseNpgsql(settings.ConnectionString, npgsql =>
            {
                if (!settings.DisableRetry)
                    npgsql.EnableRetryOnFailure();
                if (settings.CommandTimeout is { } seconds)
                    npgsql.CommandTimeout(seconds);
            });
            configureDbContextOptions?.Invoke(options);
        });

        if (!settings.DisableHealthChecks)
            builder.TryAddHealthCheck(typeof(TContext).Name, services => ActivatorUtilities.CreateInstance<DbContextHealthCheck<TContext>>(services));
    }
}
