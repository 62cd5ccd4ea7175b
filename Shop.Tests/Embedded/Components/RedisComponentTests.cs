using System.Collections.Concurrent;
using System.Diagnostics;
using Embedded.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Shop.Tests.Embedded.FillIns;
using Shop.Tests.Embedded.Servers;
using StackExchange.Redis;

namespace Shop.Tests.Embedded.Components;

[Collection(NativeServersCollection.Name)]
public sealed class RedisComponentTests(RedisFixture redis) : IClassFixture<RedisFixture>
{
    private const string Section = "Aspire:StackExchange:Redis";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public void The_options_are_made_of_the_connection_string_the_sections_and_the_code()
    {
        var builder = ComponentHost.Create(
            ("ConnectionStrings:cache", "cache.example:6380,password=secret,connectRetry=4"),
            ($"{Section}:ConnectionString", "elsewhere"),
            ($"{Section}:ConfigurationOptions:ConnectTimeout", "1500"),
            ($"{Section}:cache:ConfigurationOptions:SyncTimeout", "700"));
        builder.AddRedisClient("cache", configureOptions: options => options.ClientName = "shop");
        using var host = builder.Build();

        var options = host.Services.GetRequiredService<IOptions<ConfigurationOptions>>().Value;

        Assert.Equal("Unspecified/cache.example:6380", Assert.Single(options.EndPoints).ToString());
        Assert.Equal(("secret", 4, 1500, 700, "shop"), (options.Password, options.ConnectRetry, options.ConnectTimeout, options.SyncTimeout, options.ClientName));
        Assert.False(options.AbortOnConnectFail);
        Assert.Equal(["StackExchange.Redis"], ComponentHost.HealthChecks(host.Services));
    }

    [Fact]
    public void The_connection_string_may_ask_for_a_failure_at_once()
    {
        var builder = ComponentHost.Create(("ConnectionStrings:cache", "cache.example,abortConnect=true"));
        builder.AddRedisClient("cache");
        using var host = builder.Build();

        Assert.True(host.Services.GetRequiredService<IOptions<ConfigurationOptions>>().Value.AbortOnConnectFail);
    }

    [Fact]
    public void Settings_are_bound_by_their_names()
    {
        StackExchangeRedisSettings? seen = null;
        var builder = ComponentHost.Create(
            ($"{Section}:ConnectionString", "general.example"),
            ($"{Section}:DisableTracing", "true"),
            ($"{Section}:cache:ConnectionString", "special.example"),
            ($"{Section}:cache:DisableHealthChecks", "true"));
        builder.AddRedisClient("cache", settings => seen = settings);
        using var host = builder.Build();

        Assert.Equal(("special.example", true, true, true), (seen!.ConnectionString, seen.DisableTracing, seen.DisableHealthChecks, seen.DisableAutoActivation));
        Assert.Empty(ComponentHost.HealthChecks(host.Services));
        Assert.Empty(host.Services.GetServices<IHostedService>());
    }

    [Fact]
    public void A_missing_connection_string_is_told_at_the_first_use()
    {
        var builder = ComponentHost.Create();
        builder.AddRedisClient("cache");
        using var host = builder.Build();

        var error = Assert.Throws<InvalidOperationException>(host.Services.GetRequiredService<IConnectionMultiplexer>);

        Assert.Contains("'ConnectionStrings:cache'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unreadable_connection_string_is_told_without_its_password()
    {
        var builder = ComponentHost.Create(("ConnectionStrings:cache", "cache.example,password=secret,shade=green"));
        builder.AddRedisClient("cache");
        using var host = builder.Build();

        var error = Assert.Throws<InvalidOperationException>(host.Services.GetRequiredService<IConnectionMultiplexer>);

        Assert.Contains("'cache'", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_answers_is_healthy_and_one_that_does_not_is_not()
    {
        using var answered = Host(redis.Options());
        var silent = redis.Options(port: 1);
        silent.ConnectTimeout = 300;
        silent.ConnectRetry = 1;
        silent.AsyncTimeout = 500;
        using var unanswered = Host(silent);

        Assert.Equal(HealthStatus.Healthy, (await CheckAsync(answered)).Status);
        Assert.Equal(HealthStatus.Unhealthy, (await CheckAsync(unanswered)).Status);

        static async Task<HealthReportEntry> CheckAsync(IHost host) =>
            (await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Ct)).Entries["StackExchange.Redis"];
    }

    [Fact]
    public async Task A_command_within_an_activity_becomes_a_span_of_its_trace()
    {
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is RedisCommandTracing.SourceName or nameof(RedisComponentTests),
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var source = new ActivitySource(nameof(RedisComponentTests));
        using var host = Host(redis.Options());
        await host.StartAsync(Ct);
        var database = host.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();

        ActivityContext trace;
        using (var request = source.StartActivity("request")!)
        {
            trace = request.Context;
            await database.StringSetAsync("traced", 1);
            await database.StringGetAsync("traced");
        }

        await database.StringGetAsync("untraced");
        await host.StopAsync(Ct);

        var commands = spans.Where(span => span.Source.Name == RedisCommandTracing.SourceName && span.TraceId == trace.TraceId).OrderBy(span => span.StartTimeUtc).ToArray();
        Assert.Equal(["SET", "GET"], commands.Select(span => span.OperationName));
        Assert.All(commands, span =>
        {
            Assert.Equal(trace.SpanId, span.ParentSpanId);
            Assert.Equal(ActivityKind.Client, span.Kind);
            Assert.Equal("redis", span.GetTagItem("db.system.name"));
            Assert.Equal(redis.Port, span.GetTagItem("server.port"));
            Assert.InRange(span.Duration, TimeSpan.FromTicks(1), TimeSpan.FromSeconds(20));
        });
    }

    /// <summary>A host whose client has these options; the password of the test's server fits no connection string.</summary>
    private static IHost Host(ConfigurationOptions wanted)
    {
        var builder = ComponentHost.Create(("ConnectionStrings:cache", "127.0.0.1"));
        builder.AddRedisClient("cache", configureOptions: options =>
        {
            options.EndPoints.Clear();
            options.EndPoints.Add(wanted.EndPoints[0]);
            options.Password = wanted.Password;
            options.ConnectTimeout = wanted.ConnectTimeout;
            options.ConnectRetry = wanted.ConnectRetry;
            options.AsyncTimeout = wanted.AsyncTimeout;
        });
        return builder.Build();
    }
}
