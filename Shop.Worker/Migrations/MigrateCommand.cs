using Microsoft.EntityFrameworkCore;
using Shop.Infrastructure.Catalog;
using Shop.Infrastructure.Migrations;

namespace Shop.Worker.Migrations;

/// <summary>
/// <c>Shop.Worker migrate [--catalog FILE]</c>: brings the database's schema up to date and loads the products,
/// the shop's own demonstration catalogue unless a file is named. Run again, it changes nothing. Exit code 0 when done.
/// </summary>
internal static class MigrateCommand
{
    private const int MaxFaultsShown = 100;

    private static string OwnCatalog => Path.Combine(AppContext.BaseDirectory, "Catalog", "products.csv");

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is not ([] or ["--catalog", _]))
        {
            await Console.Error.WriteLineAsync($"Unknown: {string.Join(' ', arguments)}. Use: migrate [--catalog FILE]");
            return 2;
        }

        // The arguments are read above; what is left is configuration from the environment.
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddEnvironmentVariables();
        builder.AddShopDatabase();
        builder.AddCatalog();
        using var host = builder.Build();

        try
        {
            await using var scope = host.Services.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<ShopDbContext>().Database.MigrateAsync();
            Console.WriteLine("The database's schema is up to date.");
            var role = await ServiceRole.EnsureAsync(
                host.Services.GetRequiredService<NpgsqlDataSource>(),
                builder.Configuration.GetConnectionString(ServiceRole.ConnectionName),
                CancellationToken.None);
            if (role is not null)
                Console.WriteLine($"The services come to the database as {role}, who reads and writes rows and changes no table.");

            var path = arguments is ["--catalog", var own] ? own : OwnCatalog;
            var result = await scope.ServiceProvider.GetRequiredService<CatalogImporter>().ImportAsync(path, CancellationToken.None);
            Report(path, result);
            return 0;
        }
        catch (UnreadableCatalogException unreadable)
        {
            await Console.Error.WriteLineAsync(unreadable.Message);
            return 1;
        }
        catch (ArgumentException wrong)
        {
            await Console.Error.WriteLineAsync($"The services' connection string can't be used: {wrong.Message}");
            return 1;
        }
        catch (Exception failure) when (failure is NpgsqlException or InvalidOperationException { InnerException: NpgsqlException })
        {
            await Console.Error.WriteLineAsync($"The database couldn't be brought up to date: {failure.GetBaseException().Message}");
            return 1;
        }
    }

    private static void Report(string path, ImportResult result)
    {
        foreach (var fault in result.Faults.Take(MaxFaultsShown))
            Console.WriteLine($"{Path.GetFileName(path)} {fault}");
        if (result.Faults.Count > MaxFaultsShown)
            Console.WriteLine($"… and {result.Faults.Count - MaxFaultsShown} more.");
        var skipped = result.Faults.Count == 0 ? "" : $", {result.Faults.Count} rows left out (see above)";
        Console.WriteLine($"Catalogue {Path.GetFileName(path)}: {result.Added} products added, {result.Changed} changed, "
            + $"{result.Unchanged} unchanged{skipped}.");
    }
}
