using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Shop.Domain.Payments;
using Shop.ServiceDefaults;

namespace Shop.Infrastructure.Payments;

/// <summary>What payments bring.</summary>
public static class PaymentsModule
{
    /// <summary>Taking money and giving it back, by the provider that <c>Payments:Provider</c> names.</summary>
    public static void AddPayments(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.AddPaymentOptions();
        builder.Services.AddSingleton<IPaymentProvider>(
            services => services.GetRequiredService<IOptions<PaymentOptions>>().Value.Provider switch
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

    private static void AddPaymentOptions(this IHostApplicationBuilder builder) =>
        builder.Services.AddSettings<PaymentOptions>("Payments");
}
