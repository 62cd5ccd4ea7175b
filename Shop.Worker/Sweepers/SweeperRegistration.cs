using Shop.Infrastructure.Inventory;
using Shop.Infrastructure.Ordering;
using Shop.Infrastructure.Payments;

namespace Shop.Worker.Sweepers;

internal static class SweeperRegistration
{
    /// <summary>Finishes what stays half done; one process of all that do this at a time.</summary>
    public static void AddSweepers(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<SweeperOptions>().BindConfiguration("Sweepers").ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<OverdueReservations>();
        builder.Services.AddSingleton<OverdueOrders>();
        builder.Services.AddSingleton<OverduePayments>();
        builder.Services.AddSingleton<OldInboxNotes>();
        builder.Services.AddSingleton<OldIdempotencyKeys>();
        builder.Services.AddSingleton<OrderPaymentReconciler>();
        builder.Services.AddSingleton<ParallelProviderCalls>();
        builder.Services.AddSingleton<Sweeper, ExpiredReservations>();
        builder.Services.AddSingleton<Sweeper, UnsettledOrders>();
        builder.Services.AddSingleton<Sweeper, UnsettledPayments>();
        builder.Services.AddSingleton<Sweeper, HeldPayments>();
        builder.Services.AddSingleton<Sweeper, RefundSweeper>();
        builder.Services.AddSingleton<Sweeper, UnhandledProviderEvents>();
        builder.Services.AddSingleton<Sweeper, OldRecords>();
        builder.Services.AddHostedService<SweeperService>();
    }
}
