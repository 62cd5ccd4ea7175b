using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Shop.Infrastructure.Promotions;
using Shop.ServiceDefaults;

namespace Shop.Infrastructure.Ordering;

/// <summary>What orders bring.</summary>
public static class OrderingModule
{
    /// <summary>Looking at orders.</summary>
    public static void AddOrderQueries(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<OrderQueries>();
    }

    /// <summary>Moving orders on.</summary>
    public static void AddOrderTransitions(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddGateLevels();
        builder.Services.AddSettings<OrderPaymentOptions>("Ordering:Payment");
        builder.Services.AddSingleton<OrderTransitions>();
    }

    /// <summary>Accepting orders.</summary>
    public static void AddOrderIntake(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddOrderTokens();
        builder.AddGateLevels();
        builder.Services.AddSettings<IntakeOptions>("Ordering:Intake");
        builder.Services.AddSingleton<OrderIntake>();
        builder.Services.AddSingleton<IAcceptedKeys, AcceptedKeys>();
        builder.Services.AddSingleton<Checkout>();
    }

    /// <summary>By which guests see their orders.</summary>
    public static void AddOrderTokens(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSettings<OrderingOptions>("Ordering");
        builder.Services.TryAddSingleton<OrderTokens>();
    }
}
