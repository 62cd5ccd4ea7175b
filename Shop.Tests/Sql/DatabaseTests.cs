using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Shop.Tests.Sql;

/// <summary>The ways to the database, as a process has them.</summary>
[Trait("Category", "Unit")]
public sealed class DatabaseTests
{
    [Fact]
    public void The_hot_paths_have_connections_of_their_own_and_all_else_shares_the_others()
    {
        using var host = Build("Host=localhost;Database=shopdb;Options=-c statement_timeout=9s");
        using var scope = host.Services.CreateScope();

        var all = host.Services.GetRequiredService<NpgsqlDataSource>();
        var hot = host.Services.GetRequiredKeyedService<NpgsqlDataSource>(HotPath.Name);

        var (general, own) = (
            new NpgsqlConnectionStringBuilder(all.ConnectionString), new NpgsqlConnectionStringBuilder(hot.ConnectionString));
        Assert.All([general, own],
            settings => Assert.Equal((30, 200, 15), (settings.MaxPoolSize, settings.MaxAutoPrepare, settings.KeepAlive)));
        Assert.Equal((false, true), (general.NoResetOnClose, own.NoResetOnClose));
        Assert.Equal("-c statement_timeout=9s", general.Options);
        Assert.StartsWith("-c statement_timeout=9s -c enable_seqscan=off", own.Options, StringComparison.Ordinal);
        Assert.Equal(
            all.ConnectionString, scope.ServiceProvider.GetRequiredService<ShopDbContext>().Database.GetDbConnection().ConnectionString);
    }

    [Fact]
    public void The_database_is_checked_once()
    {
        using var host = Build("Host=localhost");

        var checks = host.Services.GetRequiredService<IOptions<HealthCheckServiceOptions>>().Value.Registrations;

        Assert.Equal("PostgreSql", Assert.Single(checks).Name);
    }

    [Fact]
    public void Without_an_address_it_is_said_which_one_is_missing()
    {
        using var host = Build(null);

        Assert.All([
            Assert.Throws<InvalidOperationException>(() => host.Services.GetRequiredService<NpgsqlDataSource>()),
            Assert.Throws<InvalidOperationException>(() => host.Services.GetRequiredKeyedService<NpgsqlDataSource>(HotPath.Name)),
        ], missing => Assert.Contains("ConnectionStrings:shopdb", missing.Message, StringComparison.Ordinal));
    }

    private static IHost Build(string? connectionString)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:shopdb", connectionString)]);
        builder.AddShopDatabase();
        return builder.Build();
    }
}
