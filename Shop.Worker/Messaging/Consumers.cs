using Shop.ServiceDefaults;

namespace Shop.Worker.Messaging;

internal static class Consumers
{
    /// <summary>What relay and consumers share.</summary>
    public static void AddMessagingOptions(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSettings<RelayOptions>("Messaging:Relay");
        builder.Services.AddSettings<ConsumerOptions>("Messaging:Consumers");
        builder.Services.AddSingleton<Redelivery>();
    }

    /// <summary>Publishes what stands in the outbox; shows in <c>/health</c> whether it does.</summary>
    public static void AddOutboxRelay(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<OutboxRelay>();
        builder.Services.AddHostedService(services => services.GetRequiredService<OutboxRelay>());
        builder.Services.AddHealthChecks()
            .Add(new("outbox", services => services.GetRequiredService<OutboxRelay>(), failureStatus: null, tags: null));
    }

    /// <summary>
    /// Consumes <paramref name="queue"/> and gives its messages to <typeparamref name="THandler"/>; shows in <c>/health</c> whether it
    /// does.
    /// </summary>
    public static void AddConsumer<THandler>(this IHostApplicationBuilder builder, string queue)
        where THandler : class, IDeliveryHandler
    {
        builder.Services.AddSingleton<THandler>();
        builder.Services.AddKeyedSingleton(queue, (services, _) => ActivatorUtilities.CreateInstance<QueueListener>(
            services, queue, services.GetRequiredService<THandler>()));
        // Not AddHostedService: it takes the second listener for the first one, registered twice.
        builder.Services.AddSingleton<IHostedService>(services => services.GetRequiredKeyedService<QueueListener>(queue));
        builder.Services.AddHealthChecks()
            .Add(new(queue, services => services.GetRequiredKeyedService<QueueListener>(queue), failureStatus: null, tags: null));
    }
}
