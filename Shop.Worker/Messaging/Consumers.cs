namespace Shop.Worker.Messaging;

internal static class Consumers
{
    /// <summary>Hears <paramref name="queue"/> and gives its messages to <typeparamref name="TConsumer"/>; shows in <c>/health</c> whether it does.</summary>
    public static void AddConsumer<TConsumer>(this IHostApplicationBuilder builder, string queue)
        where TConsumer : EventConsumer
    {
        builder.Services.AddSingleton<TConsumer>();
        builder.Services.AddKeyedSingleton(queue, (services, _) => ActivatorUtilities.CreateInstance<QueueListener>(
            services, queue, services.GetRequiredService<TConsumer>()));
        // Not AddHostedService: it takes the second listener for the first one, registered twice.
        builder.Services.AddSingleton<IHostedService>(services => services.GetRequiredKeyedService<QueueListener>(queue));
        builder.Services.AddHealthChecks().Add(new(queue, services => services.GetRequiredKeyedService<QueueListener>(queue), failureStatus: null, tags: null));
    }
}
