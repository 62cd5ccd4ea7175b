using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Shop.ServiceDefaults;

namespace Shop.Infrastructure.Sql;

/// <summary>PostgreSQL, for all modules that live in it.</summary>
public static class SqlModule
{
    /// <summary>Postgres (the connection <c>shopdb</c>), and the modules that live in it.</summary>
    public static void AddShopDatabase(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSettings<DatabaseOptions>("Database");
        string? connectionString = null;
        builder.AddNpgsqlDataSource("shopdb", settings =>
        {
            if (settings.ConnectionString is not { } given)
                return;
            var limits = builder.Configuration.GetSection("Database").Get<DatabaseOptions>() ?? new();
            var own = new NpgsqlConnectionStringBuilder(given)
            {
                MaxPoolSize = limits.MaxConnections / 2,
                MaxAutoPrepare = 200,
                KeepAlive = 15,
            };
            settings.ConnectionString = connectionString = own.ConnectionString;
        });
        builder.Services.AddKeyedSingleton(HotPath.Name, (_, _) => HotPath.Open(connectionString
            ?? throw new InvalidOperationException("There is no connection string for shopdb: set ConnectionStrings:shopdb.")));
        // No retries under the hood: a transaction is repeated as a whole, by the message or the client it belongs to.
        builder.Services.AddDbContext<ShopDbContext>((services, options) => options
            .UseNpgsql(services.GetRequiredService<NpgsqlDataSource>())
            // The migrations are SQL and keep no snapshot of the model to compare with.
            .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning)));

        builder.Services.TryAddSingleton(TimeProvider.System);
    }
}
