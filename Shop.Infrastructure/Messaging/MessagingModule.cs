using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Shop.Infrastructure.Messaging;

/// <summary>What events and their broker bring.</summary>
public static class MessagingModule
{
    /// <summary>RabbitMQ (the connection <c>messaging</c>).</summary>
    public static void AddShopMessaging(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddRabbitMQClient(
            "messaging",
            // Who publishes and who hears say for themselves whether they do; a connection made for the check says less. And
            // they have spans of their own: the client's begin a trace of their own for each message that isn't sampled, and
            // write it over the one that the message carries.
            settings => (settings.DisableHealthChecks, settings.DisableTracing) = (true, true),
            factory =>
            {
                // A lost connection is made anew by whoever uses it.
                factory.AutomaticRecoveryEnabled = false;
                factory.RequestedHeartbeat = TimeSpan.FromSeconds(10);
                factory.RequestedConnectionTimeout = TimeSpan.FromSeconds(5);
            });
        foreach (var name in new[] { BrokerConnection.Publishing, BrokerConnection.Consuming })
            builder.Services.AddKeyedSingleton(
                name, (services, _) => new BrokerConnection(services.GetRequiredService<RabbitMQ.Client.IConnectionFactory>(), name));
    }

    /// <summary>What didn't get where it should: dead letters and parked events.</summary>
    public static void AddMessagingAdministration(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<DeadLetters>();
        builder.Services.AddSingleton<OutboxAdministration>();
    }

    /// <summary>Passes Postgres' notifications on these channels to this process, by <see cref="DatabaseSignals"/>.</summary>
    public static void AddDatabaseSignals(this IHostApplicationBuilder builder, params string[] channels)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton(services => new DatabaseSignals(
            services.GetRequiredService<NpgsqlDataSource>(), channels, services.GetRequiredService<ILogger<DatabaseSignals>>()));
        builder.Services.AddHostedService(services => services.GetRequiredService<DatabaseSignals>());
    }
}
