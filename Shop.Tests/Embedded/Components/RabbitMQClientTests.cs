using System.Diagnostics;
using Embedded.Components;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Shop.Tests.Embedded.Components;

public sealed class RabbitMQClientTests
{
    private const string Section = "Aspire:RabbitMQ:Client";

    [Fact]
    public void The_factory_is_made_of_the_sections_the_connection_string_and_the_code()
    {
        var builder = ComponentHost.Create(
            ("ConnectionStrings:messaging", "amqp://shop:secret@broker.example:5673/orders"),
            ($"{Section}:ConnectionString", "amqp://elsewhere"),
            ($"{Section}:ConnectionFactory:HostName", "elsewhere"),
            ($"{Section}:ConnectionFactory:RequestedChannelMax", "7"),
            ($"{Section}:messaging:ConnectionFactory:RequestedHeartbeat", "00:00:05"));
        builder.AddRabbitMQClient("messaging", configureConnectionFactory: factory => factory.ClientProvidedName = "shop");
        using var host = builder.Build();

        var factory = Assert.IsType<ConnectionFactory>(host.Services.GetRequiredService<IConnectionFactory>());

        Assert.Equal(("broker.example", 5673, "shop", "secret", "orders"), (factory.HostName, factory.Port, factory.UserName, factory.Password, factory.VirtualHost));
        Assert.Equal(7, factory.RequestedChannelMax);
        Assert.Equal(TimeSpan.FromSeconds(5), factory.RequestedHeartbeat);
        Assert.Equal("shop", factory.ClientProvidedName);
        Assert.True(factory.AutomaticRecoveryEnabled);
        Assert.True(factory.TopologyRecoveryEnabled);
        Assert.Equal(["RabbitMQ.Client"], ComponentHost.HealthChecks(host.Services));
    }

    [Fact]
    public void Settings_are_bound_by_their_names()
    {
        RabbitMQClientSettings? seen = null;
        var builder = ComponentHost.Create(
            ($"{Section}:MaxConnectRetryCount", "2"),
            ($"{Section}:DisableTracing", "true"),
            ($"{Section}:messaging:MaxConnectRetryCount", "3"),
            ($"{Section}:messaging:DisableHealthChecks", "true"));
        builder.AddRabbitMQClient("messaging", settings => seen = settings);
        using var host = builder.Build();

        Assert.Equal((3, true, true, true), (seen!.MaxConnectRetryCount, seen.DisableTracing, seen.DisableHealthChecks, seen.DisableAutoActivation));
        Assert.Equal(5, new RabbitMQClientSettings().MaxConnectRetryCount);
        Assert.Empty(ComponentHost.HealthChecks(host.Services));
    }

    [Fact]
    public void A_missing_connection_string_is_told_at_the_first_use()
    {
        var builder = ComponentHost.Create();
        builder.AddRabbitMQClient("messaging");
        using var host = builder.Build();

        var error = Assert.Throws<InvalidOperationException>(host.Services.GetRequiredService<IConnection>);

        Assert.Contains("'ConnectionStrings:messaging'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broker_named_in_the_factorys_section_needs_no_connection_string()
    {
        var builder = ComponentHost.Create(($"{Section}:ConnectionFactory:HostName", "broker.example"));
        builder.AddRabbitMQClient("messaging");
        using var host = builder.Build();

        Assert.Equal("broker.example", Assert.IsType<ConnectionFactory>(host.Services.GetRequiredService<IConnectionFactory>()).HostName);
    }

    [Fact]
    public void An_unreadable_connection_string_is_told_without_its_password()
    {
        var builder = ComponentHost.Create(("ConnectionStrings:messaging", "Host=broker;Password=secret"));
        builder.AddRabbitMQClient("messaging");
        using var host = builder.Build();

        var error = Assert.Throws<InvalidOperationException>(host.Services.GetRequiredService<IConnectionFactory>);

        Assert.Contains("amqp://", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_connection_is_tried_again_as_often_as_set()
    {
        var started = Stopwatch.GetTimestamp();
        Assert.Throws<BrokerUnreachableException>(() => ConnectNowhere(retries: 0));
        var without = Stopwatch.GetElapsedTime(started);

        started = Stopwatch.GetTimestamp();
        await Task.Run(() => Assert.Throws<BrokerUnreachableException>(() => ConnectNowhere(retries: 1)), TestContext.Current.CancellationToken);

        // The one delay there is, of a second.
        Assert.True(Stopwatch.GetElapsedTime(started) > TimeSpan.FromSeconds(0.9), "It did not wait before the second attempt.");
        Assert.True(without < TimeSpan.FromSeconds(0.9), $"It took {without} without a retry.");
    }

    [Fact]
    public async Task A_broker_that_does_not_answer_is_unhealthy_within_the_checks_time()
    {
        var builder = ComponentHost.Create(("ConnectionStrings:messaging", "amqp://127.0.0.1:1"));
        builder.AddRabbitMQClient("messaging");
        using var host = builder.Build();

        var started = Stopwatch.GetTimestamp();
        var report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(TestContext.Current.CancellationToken);

        // The five attempts would take half a minute.
        Assert.Equal(HealthStatus.Unhealthy, report.Entries["RabbitMQ.Client"].Status);
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(15));
    }

    [Fact]
    public async Task Activation_at_the_start_fails_the_start()
    {
        var builder = ComponentHost.Create();
        builder.AddRabbitMQClient("messaging", settings => settings.DisableAutoActivation = false);
        using var host = builder.Build();

        await Assert.ThrowsAsync<InvalidOperationException>(() => host.StartAsync(TestContext.Current.CancellationToken));
    }

    private static void ConnectNowhere(int retries)
    {
        var builder = ComponentHost.Create(("ConnectionStrings:messaging", "amqp://127.0.0.1:1"));
        builder.AddRabbitMQClient("messaging", settings => settings.MaxConnectRetryCount = retries);
        using var host = builder.Build();
        host.Services.GetRequiredService<IConnection>();
    }
}
