using System.Diagnostics.Metrics;
using Shop.Infrastructure.Inventory;
using Shop.Infrastructure.Ordering;
using Shop.Infrastructure.Payments;
using Shop.ServiceDefaults;

namespace Shop.Worker.Sweepers;

internal static class SweeperRegistration
{
    /// <summary>Finishes what stays half done; one process of all that do this at a time.</summary>
    public static void AddSweepers(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSettings<SweeperOptions>("Sweepers");
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

/// <summary>
/// Looks for one kind of thing that stays half done when a message or a process gets lost, and finishes it.
/// Whatever it does must be right though it is done twice, or too late: a process that was stopped may wake up in the
/// middle of a sweep when another one sweeps already.
/// </summary>
internal abstract class Sweeper
{
    /// <summary>What its repairs are counted by, e.g. <c>expired-reservations</c>.</summary>
    public abstract string Name { get; }

    public abstract TimeSpan Interval { get; }

    /// <returns>How many were repaired.</returns>
    public abstract Task<int> SweepAsync(CancellationToken cancellationToken);
}

/// <summary>What the sweepers have repaired: in a healthy shop nearly nothing, so a rise says that messages get lost somewhere.</summary>
internal static class SweeperTelemetry
{
    public const string Name = "Shop.Sweepers";
    public const string RepairedName = "shop.sweeper.repaired";

    private static readonly Counter<long> RepairedThings = new Meter(Name).CreateCounter<long>(
        RepairedName, "{thing}", "What sweepers found half done and finished, by sweeper.");

    public static void Repaired(string sweeper, int repaired) =>
        RepairedThings.Add(repaired, new KeyValuePair<string, object?>("sweeper", sweeper));
}
