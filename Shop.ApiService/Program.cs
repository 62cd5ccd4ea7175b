using Shop.ApiService.Baskets;
using Shop.ApiService.Catalog;
using Shop.ApiService.Messaging;
using Shop.ApiService.Ordering;
using Shop.ApiService.Payments;
using Shop.ApiService.Promotions;
using Shop.Contracts;
using Shop.Infrastructure;
using Shop.Infrastructure.Ordering;
using Shop.ServiceDefaults;

var builder = WebApplication.CreateSlimBuilder(args);
builder.AddServiceDefaults();

builder.AddShopDatabase();
builder.AddCatalog();
builder.AddBaskets();
builder.AddFlashSales();
builder.AddOrderIntake();
builder.AddPaymentEvents();
builder.AddOrderTransitions();
builder.AddDatabaseSignals(OrderTransitions.Channel);
builder.Services.AddSingleton<OrderWatch>();

builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, ShopJson.Default));
builder.AddApiErrors();
builder.AddAdminAccess();
builder.AddListCache();
builder.AddApiDocumentation();

var app = builder.Build();
app.UseApiErrors();
app.UseOutputCache();
app.MapDefaultEndpoints();
app.MapApiDocumentation();

var api = app.MapGroup("/api/v1");
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
