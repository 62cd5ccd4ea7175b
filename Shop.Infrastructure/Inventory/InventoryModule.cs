using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Shop.Infrastructure.Inventory;

/// <summary>What the stock brings.</summary>
public static class InventoryModule
{
    /// <summary>How many pieces there are.</summary>
    public static void AddInventory(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSingleton<Stock>();
    }
}
