using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using StackExchange.Redis;
using StackExchange.Redis.Configuration;

namespace Embedded.Components;

public static class RedisClientExtensions
{
    private const string Section = "Aspire:StackExchange:Redis";

    /// <summary>
    /// Registers <see cref="IConnectionMultiplexer"/>, connected at its first use, with the health check
    /// <c>StackExchange.Redis</c>. The settings come from <c>Aspire:StackExchange:Redis</c>, then its subsection of the
    /// connection's name, then <c>ConnectionStrings:{connectionName}</c>, then <paramref name="configureSettings"/>; what
    /// else the client can be told comes from the connection string, then the sections' <c>ConfigurationOptions</c>, then
    /// <paramref name="configureOptions"/>.
    /// </summary>
    /// <remarks>A server that can't be reached is no error: the client goes on trying.</remarks>
    /// <exception cref="InvalidOperationException">At the first use of the client: there is no connection string, or it can't be read.</exception>
    public static void AddRedisClient(
        this IHostApplicationBuilder builder,
        string connectionName,
        Action<StackExchangeRedisSettings>? configureSettings = null,
        Action<ConfigurationOptions>? configureOptions = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        ArgumentException.ThrowIfNullOrEmpty(connectionName);

        var section = builder.Configuration.GetSection(Section);
        var named = section.GetSection(connectionName);
        var settings = new StackExchangeRedisSettings();
        section.Bind(settings);
        named.Bind(settings);
        if (builder.Configuration.GetConnectionString(connectionName) is { } connectionString)
            settings.ConnectionString = connectionString;
        configureSettings?.Invoke(settings);

        // The options start from the parsed connection string, which Configure alone could not do; others may still
        // configure them.
        builder.Services.TryAddTransient<IOptionsFactory<ConfigurationOptions>>(services => new RedisOptionsFactory(
            settings.ConnectionString,
            connectionName,
            services.GetServices<IConfigureOptions<ConfigurationOptions>>(),
            services.GetServices<IPostConfigureOptions<ConfigurationOptions>>(),
            services.GetServices<IValidateOptions<ConfigurationOptions>>()));
        builder.Services.Configure<ConfigurationOptions>(options =>
        {
            section.GetSection("ConfigurationOptions").Bind(options);
            named.GetSection("ConfigurationOptions").Bind(options);
            configureOptions?.Invoke(options);
        });

        if (!settings.DisableTracing)
        {
            builder.Services.TryAddSingleton<RedisCommandTracing>();
            builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, RedisCommandTracing>(services => services.GetRequiredService<RedisCommandTracing>()));
        }

        builder.Services.AddSingleton<IConnectionMultiplexer>(services =>
        {
            var options = services.GetRequiredService<IOptions<ConfigurationOptions>>().Value;
            if (options.EndPoints.Count == 0)
                throw ConnectionStrings.Missing(connectionName, Section);

            options.LoggerFactory ??= services.GetService<ILoggerFactory>();
            var connection = ConnectionMultiplexer.Connect(options);
            services.GetService<RedisCommandTracing>()?.Watch(connection);
            return connection;
        });

        builder.Services.TryAddSingleton(services => new PendingConnection<IConnectionMultiplexer>(services.GetRequiredService<IConnectionMultiplexer>));
        if (!settings.DisableAutoActivation)
            builder.Services.AddHostedService<ConnectAtStart<IConnectionMultiplexer>>();

        if (!settings.DisableHealthChecks)
            builder.TryAddHealthCheck("StackExchange.Redis", services => new RedisHealthCheck(services.GetRequiredService<PendingConnection<IConnectionMultiplexer>>()));
    }

    private sealed class RedisOptionsFactory(
        string? connectionString,
        string connectionName,
        IEnumerable<IConfigureOptions<ConfigurationOptions>> configure,
        IEnumerable<IPostConfigureOptions<ConfigurationOptions>> postConfigure,
        IEnumerable<IValidateOptions<ConfigurationOptions>> validate)
        : OptionsFactory<ConfigurationOptions>(configure, postConfigure, validate)
    {
        protected override ConfigurationOptions CreateInstance(string name)
        {
            var options = string.IsNullOrWhiteSpace(connectionString) || name != Options.DefaultName ? new ConfigurationOptions() : Parse(connectionString);

            // Someone's own defaults (Azure's, say) are left alone.
            if (options.Defaults.GetType() == typeof(DefaultOptionsProvider))
                options.Defaults = new PatientDefaults();

            return options;
        }

        private ConfigurationOptions Parse(string text)
        {
            try
            {
                return ConfigurationOptions.Parse(text);
            }
            catch (ArgumentException e)
            {
                // The inner error names the keyword at fault; the text itself holds a password and stays out.
                throw new InvalidOperationException($"The connection string '{connectionName}' can't be read: write it as 'host:port,password=…'.", e);
            }
        }
    }

    /// <summary>A server that isn't there yet is waited for.</summary>
    private sealed class PatientDefaults : DefaultOptionsProvider
    {
        public override bool AbortOnConnectFail => false;
    }
}
