using System.IO.Compression;
using Microsoft.AspNetCore.ResponseCompression;
using Shop.ServiceDefaults;
using Shop.Web.Api;
using Shop.Web.Baskets;
using Shop.Web.Catalog;
using Shop.Web.Ordering;
using Shop.Web.Storefront;

namespace Shop.Web;

public static class StorefrontServices
{
    /// <summary>The pages and what they need: the API's client, the menu, the visitor's basket.</summary>
    public static void AddStorefront(this WebApplicationBuilder builder)
    {
        // Also when it runs unpublished outside of Development, as under an AppHost.
        builder.WebHost.UseStaticWebAssets();

        var services = builder.Services;
        services.AddSettings<StorefrontOptions>(StorefrontOptions.Section);
        services.AddHttpClient<ShopClient>(http => http.BaseAddress = new Uri("http://apiservice/api/v1/"))
            .AddHttpMessageHandler<VisitorAddressHandler>();
        services.AddTransient<VisitorAddressHandler>();
        services.AddMemoryCache();
        services.AddHttpContextAccessor();
        services.AddScoped<CategoryMenu>();
        services.AddScoped<CurrentBasket>();
        services.AddSingleton<FilledForm>();
        services.AddAntiforgery(options =>
        {
            options.Cookie.Name = "antiforgery";
            options.Cookie.SameSite = SameSiteMode.Strict;
            options.Cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
        });
        services.AddResponseCompression();
        services.Configure<BrotliCompressionProviderOptions>(options => options.Level = CompressionLevel.Fastest);
        services.Configure<GzipCompressionProviderOptions>(options => options.Level = CompressionLevel.Fastest);
        services.AddRazorComponents();
        services.AddPageLimit();
    }
}
