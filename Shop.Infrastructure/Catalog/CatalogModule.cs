using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Shop.Infrastructure.Promotions;
using Shop.ServiceDefaults;

namespace Shop.Infrastructure.Catalog;

/// <summary>What the catalogue brings.</summary>
public static class CatalogModule
{
    /// <summary>The catalogue's reads and the import of product files.</summary>
    public static void AddCatalog(this IHostApplicationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddSettings<CatalogOptions>("Catalog");
        builder.Services.TryAddSingleton<ActiveSales>();
        builder.Services.AddSingleton<FacetIndex>();
        builder.Services.AddSingleton<CatalogQueries>();
        builder.Services.AddSingleton<CatalogImporter>();
    }
}
