using Embedded.Components;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Shop.Tests.Embedded.Components;

public sealed class NpgsqlDbContextTests
{
    private const string Section = "Aspire:Npgsql:EntityFrameworkCore:PostgreSQL";

    public sealed class StockContext(DbContextOptions<StockContext> options) : DbContext(options);

    [Fact]
    public void The_context_is_pooled_retries_and_goes_where_the_connection_string_says()
    {
        var builder = ComponentHost.Create(("ConnectionStrings:shopdb", "Host=db.example;Database=shop"), ($"{Section}:ConnectionString", "Host=elsewhere"));
        builder.AddNpgsqlDbContext<StockContext>("shopdb");
        using var host = builder.Build();

        StockContext first;
        using (var scope = host.Services.CreateScope())
        {
            first = scope.ServiceProvider.GetRequiredService<StockContext>();
            Assert.Equal("Host=db.example;Database=shop", first.Database.GetConnectionString());
            Assert.True(first.Database.CreateExecutionStrategy().RetriesOnFailure);
            Assert.Null(first.Database.GetCommandTimeout());
        }

        using var next = host.Services.CreateScope();
        Assert.Same(first, next.ServiceProvider.GetRequiredService<StockContext>());
        Assert.Equal(["StockContext"], ComponentHost.HealthChecks(host.Services));
    }

    [Fact]
    public void The_nearer_section_goes_before_the_general_one_and_code_before_all()
    {
        var builder = ComponentHost.Create(
            ("ConnectionStrings:shopdb", "Host=db.example"),
            ($"{Section}:CommandTimeout", "10"),
            ($"{Section}:DisableRetry", "true"),
            ($"{Section}:shopdb:CommandTimeout", "20"),
            ($"{Section}:StockContext:CommandTimeout", "30"),
            ($"{Section}:StockContext:DisableHealthChecks", "true"));
        var seen = 0;
        builder.AddNpgsqlDbContext<StockContext>("shopdb", settings =>
        {
            seen = settings.CommandTimeout!.Value;
            settings.CommandTimeout = 40;
        });
        using var host = builder.Build();
        using var scope = host.Services.CreateScope();
        var context = scope.ServiceProvider.GetRequiredService<StockContext>();

        Assert.Equal(30, seen);
        Assert.Equal(40, context.Database.GetCommandTimeout());
        Assert.False(context.Database.CreateExecutionStrategy().RetriesOnFailure);
        Assert.Empty(ComponentHost.HealthChecks(host.Services));
    }

    [Fact]
    public void The_callers_options_are_applied()
    {
        var builder = ComponentHost.Create(("ConnectionStrings:shopdb", "Host=db.example"));
        builder.AddNpgsqlDbContext<StockContext>("shopdb", configureDbContextOptions: options => options.UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking));
        using var host = builder.Build();
        using var scope = host.Services.CreateScope();

        Assert.Equal(QueryTrackingBehavior.NoTracking, scope.ServiceProvider.GetRequiredService<StockContext>().ChangeTracker.QueryTrackingBehavior);
    }

    [Fact]
    public void A_missing_connection_string_is_told_at_the_first_use_with_its_keys()
    {
        var builder = ComponentHost.Create();
        builder.AddNpgsqlDbContext<StockContext>("shopdb");
        using var host = builder.Build();
        using var scope = host.Services.CreateScope();

        var error = Assert.Throws<InvalidOperationException>(scope.ServiceProvider.GetRequiredService<StockContext>);

        Assert.Contains("'ConnectionStrings:shopdb'", error.Message, StringComparison.Ordinal);
        Assert.Contains($"'{Section}:StockContext'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_context_registered_twice_is_refused()
    {
        var builder = ComponentHost.Create(("ConnectionStrings:shopdb", "Host=db.example"));
        builder.AddNpgsqlDbContext<StockContext>("shopdb");

        Assert.Throws<InvalidOperationException>(() => builder.AddNpgsqlDbContext<StockContext>("shopdb"));
    }

    [Fact]
    public async Task A_database_that_does_not_answer_is_unhealthy()
    {
        var builder = ComponentHost.Create(("ConnectionStrings:shopdb", "Host=127.0.0.1;Port=1;Username=nobody"));
        builder.AddNpgsqlDbContext<StockContext>("shopdb", settings => settings.DisableRetry = true);
        using var host = builder.Build();

        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);

        Assert.Equal(HealthStatus.Unhealthy, report.Entries["StockContext"].Status);
        Assert.Contains("StockContext", report.Entries["StockContext"].Description, StringComparison.Ordinal);
    }
}
