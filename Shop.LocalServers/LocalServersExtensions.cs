using Aspire.Hosting;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Shop.LocalServers;

/// <summary>Lets <c>AddPostgres</c>, <c>AddRedis</c> and <c>AddRabbitMQ</c> run where there are no containers.</summary>
public static class LocalServersExtensions
{
    /// <summary>
    /// Where a container engine answers, nothing changes. Where none does, PostgreSQL, Redis and RabbitMQ run as this machine's own
    /// programs, each private: own data, own free port on the loopback interface, password. Call it right after
    /// <c>CreateBuilder</c>, so that it sees the resources before their packages do.
    /// </summary>
    /// <remarks>
    /// Environment: <c>SHOP_SERVERS=local|containers</c> (or the option <c>--SHOP_SERVERS</c>) decides instead of looking for an engine;
    /// <c>SHOP_DATA</c> is the folder of
    /// data volumes (<c>~/.local/share/shop</c> unless given); <c>SHOP_NO_INSTALL=1</c> forbids installing what is missing.
    /// Servers without a data volume get fresh data, and in tests (<c>DcpPublisher:RandomizePorts</c>) all of them do: it is
    /// removed at the end.
    /// </remarks>
    /// <exception cref="DistributedApplicationException">SHOP_SERVERS has another value.</exception>
    public static IDistributedApplicationBuilder UseLocalServers(this IDistributedApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        if (!builder.ExecutionContext.IsRunMode)
            return builder;
        var isTest = builder.Configuration.GetValue("DcpPublisher:RandomizePorts", false);
        builder.Services.AddSingleton(_ => new DataDirectories(isTest, DataFolder.Path));
        builder.Eventing.Subscribe<BeforeStartEvent>(async (start, cancellationToken) =>
        {
            var logger = start.Services.GetRequiredService<ILoggerFactory>().CreateLogger("Shop.LocalServers");
            if (await ContainerEngine.IsWantedAsync(builder.Configuration["SHOP_SERVERS"], logger, cancellationToken) is { } engine)
            {
                builder.Configuration["DcpPublisher:ContainerRuntime"] ??= engine;
                if (isTest)
                    RemoveVolumes(start.Model);
                return;
            }

            foreach (var server in start.Model.Resources.OfType<ContainerResource>().ToArray())
            {
                if (ServerKind.Of(server) is { } kind)
                    LocalServer.Replace(server, kind, builder, start.Services);
            }
        });
        return builder;
    }

    private static void RemoveVolumes(DistributedApplicationModel model)
    {
        foreach (var container in model.Resources.OfType<ContainerResource>())
        {
            foreach (var volume in container.Annotations.OfType<ContainerMountAnnotation>().Where(
                mount => mount.Type == ContainerMountType.Volume).ToArray())
                container.Annotations.Remove(volume);
        }
    }
}
