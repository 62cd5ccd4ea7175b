using Shop.ServiceDefaults;
using Shop.Web;
using Shop.Web.Baskets;
using Shop.Web.Components;
using Shop.Web.DataProtection;
using Shop.Web.Gateway;
using Shop.Web.Ordering;
using Shop.Web.Storefront;

var builder = WebApplication.CreateBuilder(args);

builder.AddServiceDefaults();
builder.AddGateway();
builder.AddSharedDataProtection();
builder.AddStorefront();

var app = builder.Build();

app.UseForwardedAddresses();
app.UseStorefrontErrorPages();
app.UseRequestChecks();
app.UseStorefrontSecurityHeaders();
app.UseResponseCompression();
app.UseRouting();
app.UseRateLimiter();
app.UseAntiforgery();
app.UseForgedFormRefusal();

app.MapDefaultEndpoints();
app.MapGateway();
app.MapStaticAssets().AsOneRoute("static-files");
app.MapRobots();
app.MapTheme();
app.MapBasketActions();
app.MapOrderActions();
app.MapRazorComponents<App>().WithHead().RequirePageLimit();

return await app.RunToEndAsync();
