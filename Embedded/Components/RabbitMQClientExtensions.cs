using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Polly;
using Polly.Retry;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Embedded.Components;

public static class RabbitMQClientExtensions
{
    private const string Section = "Aspire:RabbitMQ:Client";

    /// <summary>
    /// Registers <see cref="IConnection"/>, made at its first use and recovering by itself, and
    /// <see cref="IConnectionFactory"/>, with the health check <c>RabbitMQ.Client</c>. The settings come from
    /// <c>Aspire:RabbitMQ:Client</c>, then its subsection of the connection's name, then
    /// <c>ConnectionStrings:{connectionName}</c>, then <paramref name="configureSettings"/>; the factory from the sections'
    /// <c>ConnectionFactory</c>, then the connection string, then <paramref name="configureConnectionFactory"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">At the first use of the connection: there is no connection string, or it can't be read.</exception>
    public static void AddRabbitMQClient(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<RabbitMQClientSettings>? configureSettings = null,
        Action<ConnectionFactory>? configureConnectionFactory = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);

        var section = builder.Configuration.GetSection(Section);
        var named = section.GetSection(connectionName);
        var settings = new RabbitMQClientSettings();
        section.Bind(settings);
        named.Bind(settings);
        if (builder.Configuration.GetConnectionString(connectionName) is { } connectionString)
            settings.ConnectionString = connectionString;
        configureSettings?.Invoke(settings);

        builder.Services.TryAddSingleton<RabbitMQLogForwarder>();
        builder.Services.AddSingleton<IConnectionFactory>(services =>
        {
            services.GetRequiredService<RabbitMQLogForwarder>().Start();

            var factory = new ConnectionFactory();
            section.GetSection("ConnectionFactory").Bind(factory);
            named.GetSection("ConnectionFactory").Bind(factory);
            if (!string.IsNullOrWhiteSpace(settings.ConnectionString))
                factory.Uri = Parse(settings.ConnectionString, connectionName);
            configureConnectionFactory?.Invoke(factory);

            // Left alone, the client would look for a broker on this machine, and fail there without a word of why.
            if (string.IsNullOrWhiteSpace(settings.ConnectionString) && factory.Uri == new ConnectionFactory().Uri)
                throw ConnectionStrings.Missing(connectionName, Section);

            return factory;
        });
        builder.Services.AddSingleton(services => Connect(services.GetRequiredService<IConnectionFactory>(), settings.MaxConnectRetryCount));

        builder.Services.TryAddSingleton(services => new PendingConnection<IConnection>(services.GetRequiredService<IConnection>));
        if (!settings.DisableAutoActivation)
            builder.Services.AddHostedService<ConnectAtStart<IConnection>>();

        if (!settings.DisableHealthChecks)
            builder.TryAddHealthCheck("RabbitMQ.Client", services => new RabbitMQHealthCheck(services.GetRequiredService<PendingConnection<IConnection>>()));
    }

    private static Uri Parse(string connectionString, string connectionName) =>
        Uri.TryCreate(connectionString, UriKind.Absolute, out var uri) && uri.Scheme is "amqp" or "amqps"
            ? uri
            // Without the text itself: it holds a password.
            : throw new InvalidOperationException($"The connection string '{connectionName}' is no address of RabbitMQ: write it as 'amqp://user:password@host:port'.");

    private static IConnection Connect(IConnectionFactory factory, int retries)
    {
        var pipeline = new ResiliencePipelineBuilder();
        if (retries > 0)
        {
            pipeline.AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = new PredicateBuilder().Handle<BrokerUnreachableException>().Handle<SocketException>(),
                BackoffType = DelayBackoffType.Exponential,
                MaxRetryAttempts = retries,
                Delay = TimeSpan.FromSeconds(1),
            });
        }

        // A service is resolved synchronously and RabbitMQ.Client connects only asynchronously: for a connection that is
        // itself the service, as in Aspire, somebody has to wait. On the pool, so that no context can be waited for.
        return Task.Run(async () => await pipeline.Build().ExecuteAsync(
            static async (factory, cancellationToken) => await factory.CreateConnectionAsync(cancellationToken), factory)).GetAwaiter().GetResult();
    }
}
