namespace Shop.Worker.Telemetry;

internal static class Gauges
{
    /// <summary>Keeps the gauges of what waits in Postgres and RabbitMQ up to date.</summary>
    public static void AddGauges(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<DatabaseGauges>();
        builder.Services.AddSingleton<QueueDepths>();
        builder.Services.AddHostedService<GaugeReader>();
    }
}
