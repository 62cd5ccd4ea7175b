using Shop.ApiService.Baskets;
using Shop.ApiService.Catalog;
using Shop.ApiService.Messaging;
using Shop.ApiService.Ordering;
using Shop.ApiService.Payments;
using Shop.ApiService.Promotions;
using Shop.Contracts;
using Shop.Infrastructure.Baskets;
using Shop.Infrastructure.Catalog;
using Shop.Infrastructure.Inventory;
using Shop.Infrastructure.Messaging;
using Shop.Infrastructure.Ordering;
using Shop.Infrastructure.Payments;
using Shop.Infrastructure.Promotions;
using Shop.Infrastructure.Sql;
using Shop.ServiceDefaults;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddServiceDefaults();

builder.AddShopDatabase();
builder.AddCatalog();
builder.AddInventory();
builder.AddBaskets();
builder.AddFlashSales();
builder.AddOrderQueries();
builder.AddOrderIntake();
builder.AddPaymentEvents();
builder.AddOrderTransitions();
builder.AddMessagingAdministration();
builder.AddDatabaseSignals(OrderTransitions.Channel);
builder.Services.AddSettings<OrderWatchOptions>("Ordering:Watch");
builder.Services.AddSingleton<OrderWatch>();
builder.Services.AddHostedService(services => services.GetRequiredService<OrderWatch>());

builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ShopJson.Default));
builder.AddApiErrors();
builder.AddAdminAccess();
builder.AddListCache();
builder.AddRateLimits();
builder.AddApiDocumentation();

var app = builder.Build();
app.UseForwardedAddresses();
app.UseApiErrors();
app.UseSecurityHeaders();
// What is kept costs nothing, so it isn't counted.
app.UseOutputCache();
if (app.Configuration.GetValue("RateLimiting:Enabled", true))
    app.UseRateLimiter();
app.UseAdminAccess();
app.MapDefaultEndpoints();
app.MapApiDocumentation();

var api = app.MapGroup("/api/v1").WithHead().RequireRateLimiting(RateLimits.Customers)
    .ProducesProblem(StatusCodes.Status429TooManyRequests);
api.MapCatalog();
api.MapBaskets();
api.MapOrders();
api.MapPayments();
api.MapFlashSales();

var admin = api.MapAdmin();
admin.MapOrderAdministration();
admin.MapFlashSaleAdministration();
admin.MapMessaging();

return await app.RunToEndAsync();
