// The whole shop on one screen: the servers, the services, and who waits for whom.
using Shop.AppHost;
using Shop.LocalServers;

var builder = DistributedApplication.CreateBuilder(ShopDefaults.Options(args));
builder.UseLocalServers();
var settings = builder.UseShopDefaults(args);

var postgres = builder.AddPostgres("postgres").WithDataVolume("shop-postgres");
var shopdb = postgres.AddDatabase("shopdb");
// The services come as a role of their own, which can neither change tables nor drop them; the migrations make it.
var shopdbRole = shopdb.AddServiceRole("shopdb-role", "shop");
var cache = builder.AddRedis("cache").WithDataVolume("shop-cache").WithMemoryLimit();
var messaging = builder.AddRabbitMQ("messaging").WithManagementPlugin().WithDataVolume("shop-messaging").WithSmallLog();

// Signs the token by which a guest sees an order; every replica must know the same one, tomorrow too.
var orderTokenKey = builder.AddParameter("order-token-key", new GenerateParameterDefault { MinLength = 32 }, secret: true, persist: true);
// Lets in whoever runs the shop, to /api/v1/admin.
var adminKey = builder.AddParameter("admin-key", new GenerateParameterDefault { MinLength = 32 }, secret: true, persist: true);

var migrations = builder.AddProject<Projects.Shop_Worker>("migrations", project => project.ExcludeLaunchProfile = true)
    .WithArgs("migrate").WithArgs(settings.CatalogArguments)
    .WithReference(shopdb).WithReference(shopdbRole, "services").WaitFor(shopdb);

var apiservice = builder.AddProject<Projects.Shop_ApiService>("apiservice", project => project.ExcludeLaunchProfile = true)
    .WithHttpEndpoint(port: settings.Port("apiservice", 8081)).WithManagementPort(settings)
    .WithHttpHealthCheck("/health")
    .WithReplicas(settings.Replicas("apiservice"))
    .WithEnvironment("Ordering__OrderTokenKey", orderTokenKey)
    .WithEnvironment("Admin__ApiKey", adminKey)
    .WithSettings("Database").WithSettings("Payments").WithSettings("Ordering:Payment").WithSettings("RateLimiting")
    .WithReference(shopdbRole, "shopdb").WithReference(cache)
    .WaitForCompletion(migrations).WaitFor(cache);

var webfrontend = builder.AddProject<Projects.Shop_Web>("webfrontend", project => project.ExcludeLaunchProfile = true)
    .WithHttpEndpoint(port: settings.Port("webfrontend", 8080)).WithExternalHttpEndpoints()
    .WithManagementPort(settings)
    .WithHttpHealthCheck("/health")
    .WithReplicas(settings.Replicas("webfrontend"))
    .WithReference(apiservice).WithReference(cache)
    .WaitFor(apiservice).WaitFor(cache);

var worker = builder.AddProject<Projects.Shop_Worker>("worker", project => project.ExcludeLaunchProfile = true)
    .WithHttpEndpoint().WithManagementPort(settings)
    .WithHttpHealthCheck("/health")
    .WithReplicas(settings.Replicas("worker"))
    .WithEnvironment("Ordering__OrderTokenKey", orderTokenKey)
    .WithEnvironment("Notifications__ShopUrl", webfrontend.GetEndpoint("http"))
    .WithMailFolder(settings)
    .WithSettings("Database").WithSettings("Payments").WithSettings("Ordering:Payment")
    .WithReference(shopdbRole, "shopdb").WithReference(cache).WithReference(messaging)
    .WaitForCompletion(migrations).WaitFor(messaging);

webfrontend.WithUrlForEndpoint("http", url => url.DisplayText = "Shop");
apiservice.WithUrlForEndpoint("http", url => (url.Url, url.DisplayText) = ("/docs", "API"));
messaging.WithUrlForEndpoint("management", url => url.DisplayText = "RabbitMQ");
// Chores, as commands in the dashboard.
apiservice.WithKillCommand().WithAdminKeyCommand(adminKey);
webfrontend.WithKillCommand();
worker.WithKillCommand().WithDeadLettersCommands(shopdb);
postgres.WithKillCommand();
cache.WithKillCommand();
messaging.WithKillCommand();
migrations.WithCatalogueCommand(shopdb).WithAuditCommand(shopdb).WithResetCommand([shopdb, cache, messaging], worker, apiservice);

return await builder.Build().RunToEndAsync();
