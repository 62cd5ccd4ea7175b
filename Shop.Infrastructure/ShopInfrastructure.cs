using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Shop.Domain.Payments;
using Shop.Infrastructure.Baskets;
using Shop.Infrastructure.Catalog;
using Shop.Infrastructure.Inventory;
using Shop.Infrastructure.Messaging;
using Shop.Infrastructure.Notifications;
using Shop.Infrastructure.Ordering;
using Shop.Infrastructure.Payments;
using Shop.Infrastructure.Promotions;
using StackExchange.Redis;

namespace Shop.Infrastructure;

/// <summary>What a service asks for, by module; each brings what it stands on.</summary>
public static class ShopInfrastructure
{
    /// <summary>Postgres (the connection <c>shopdb</c>), and the modules that live in it.</summary>
    public static void AddShopDatabase(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddOptions<DatabaseOptions>().BindConfiguration("Database").ValidateDataAnnotations().ValidateOnStart();
        string? connectionString = null;
        builder.AddNpgsqlDataSource("shopdb", settings =>
        {
            if (settings.ConnectionString is not { } given)
                return;
            var limits = builder.Configuration.GetSection("Database").Get<DatabaseOptions>() ?? new();
            var own = new NpgsqlConnectionStringBuilder(given)
            {
                MaxPoolSize = limits.MaxConnections / 2,
                MaxAutoPrepare = 200,
                KeepAlive = 15,
            };
            settings.ConnectionString = connectionString = own.ConnectionString;
        });
        builder.Services.AddKeyedSingleton(HotPath.Name, (_, _) => HotPath.Open(connectionString
            ?? throw new InvalidOperationException("There is no connection string for shopdb: set ConnectionStrings:shopdb.")));
        // No retries under the hood: a transaction is repeated as a whole, by the message or the client it belongs to.
        builder.Services.AddDbContext<ShopDbContext>((services, options) => options
            .UseNpgsql(services.GetRequiredService<NpgsqlDataSource>())
            // The migrations are SQL and keep no snapshot of the model to compare with.
            .ConfigureWarnings(warnings => warnings.Ignore(RelationalEventId.PendingModelChangesWarning)));

        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<Stock>();
        builder.Services.AddSingleton<DeadLetters>();
        builder.Services.AddSingleton<OutboxAdministration>();
        builder.Services.AddSingleton<OrderQueries>();
    }

    /// <summary>The catalogue's reads and the import of product files.</summary>
    public static void AddCatalog(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddOptions<CatalogOptions>().BindConfiguration("Catalog").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.TryAddSingleton<ActiveSales>();
        builder.Services.AddSingleton<FacetIndex>();
        builder.Services.AddSingleton<CatalogQueries>();
        builder.Services.AddSingleton<CatalogImporter>();
    }

    /// <summary>Redis, and the baskets that live in it.</summary>
    public static void AddBaskets(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddCache();
        builder.Services.AddSingleton<BasketStore>();
    }

    /// <summary>Flash sales: planning them, knowing which run, and the gate in front of the intake.</summary>
    public static void AddFlashSales(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddGateLevels();
        builder.Services.TryAddSingleton<ActiveSales>();
        builder.Services.AddSingleton<FlashSales>();
        builder.Services.AddSingleton<AcceptedKeys>();
        builder.Services.AddSingleton<AcceptedKeyLog>();
        builder.Services.AddSingleton<StockGate>();
        builder.Services.AddHostedService<ActiveSalesWatch>();
    }

    /// <summary>Telling the gate what is left, for those who change it.</summary>
    private static void AddGateLevels(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddCache();
        builder.Services.TryAddSingleton(GateTimings.Default);
        builder.Services.TryAddSingleton<RedisGate>();
        builder.Services.TryAddSingleton<StockLevelCache>();
    }

    /// <summary>The connection <c>cache</c>, once for all who use it.</summary>
    private static void AddCache(this IHostApplicationBuilder builder)
    {
        if (builder.Services.Any(service => service.ServiceType == typeof(IConnectionMultiplexer)))
            return;
        builder.AddRedisClient("cache", configureOptions: options =>
        {
            // A basket that can't be had now is said so at once; waiting in a queue for Redis helps nobody.
            options.BacklogPolicy = BacklogPolicy.FailFast;
            options.AbortOnConnectFail = false;
            options.ConnectTimeout = 2000;
            options.SyncTimeout = 1000;
            options.AsyncTimeout = 1000;
        });
    }

    /// <summary>Moving orders on.</summary>
    public static void AddOrderTransitions(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddGateLevels();
        builder.Services.AddOptions<OrderPaymentOptions>().BindConfiguration("Ordering:Payment").ValidateDataAnnotations()
            .ValidateOnStart();
        builder.Services.AddSingleton<OrderTransitions>();
    }

    /// <summary>Accepting orders.</summary>
    public static void AddOrderIntake(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddOrderTokens();
        builder.AddGateLevels();
        builder.Services.AddOptions<IntakeOptions>().BindConfiguration("Ordering:Intake").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<OrderIntake>();
    }

    /// <summary>Taking money and giving it back, by the provider that <c>Payments:Provider</c> names.</summary>
    public static void AddPayments(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddPaymentOptions();
        builder.Services.AddSingleton<IPaymentProvider>(services => services.GetRequiredService<IOptions<PaymentOptions>>().Value.Provider switch
        {
            PaymentProviderKind.Stripe => ActivatorUtilities.CreateInstance<StripePaymentProvider>(services),
            _ => ActivatorUtilities.CreateInstance<SimulatedPaymentProvider>(services),
        });
        builder.Services.AddSingleton<PaymentGateway>();
        builder.Services.AddSingleton<PaymentStore>();
        builder.Services.AddSingleton<PaymentProcessor>();
        builder.Services.AddSingleton<PaymentReconciliation>();
        builder.Services.AddSingleton<ProviderEventHandler>();
    }

    /// <summary>Receiving what payment providers tell by webhook.</summary>
    public static void AddPaymentEvents(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddPaymentOptions();
        builder.Services.AddSingleton<ProviderEvents>();
    }

    /// <summary>Writing to customers.</summary>
    public static void AddNotifications(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddOptions<NotificationsOptions>().BindConfiguration("Notifications").ValidateDataAnnotations().ValidateOnStart();
        builder.AddOrderTokens();
        builder.Services.AddSingleton<EmailSender>();
        builder.Services.AddSingleton<OrderEmails>();
    }

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
            builder.Services.AddKeyedSingleton(name, (services, _) => new BrokerConnection(services.GetRequiredService<RabbitMQ.Client.IConnectionFactory>(), name));
    }

    /// <summary>Passes Postgres' notifications on these channels to this process, by <see cref="DatabaseSignals"/>.</summary>
    public static void AddDatabaseSignals(this IHostApplicationBuilder builder, params string[] channels)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton(services => new DatabaseSignals(
            services.GetRequiredService<NpgsqlDataSource>(), channels, services.GetRequiredService<ILogger<DatabaseSignals>>()));
        builder.Services.AddHostedService(services => services.GetRequiredService<DatabaseSignals>());
    }

    private static void AddPaymentOptions(this IHostApplicationBuilder builder) =>
        builder.Services.AddOptions<PaymentOptions>().BindConfiguration("Payments").ValidateDataAnnotations().ValidateOnStart();

    private static void AddOrderTokens(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<OrderingOptions>().BindConfiguration("Ordering").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.TryAddSingleton<OrderTokens>();
    }
}
