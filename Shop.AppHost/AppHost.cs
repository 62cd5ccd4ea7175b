// The whole shop on one screen: the servers, the services, and who waits for whom.
if (!AppHostOptions.TryParse(args, out var options, out var answer))
    return answer.Print();

var builder = DistributedApplication.CreateBuilder(options.HostArguments);

var postgres = builder.AddPostgres("postgres").WithDataVolume("shop-postgres");
var shopdb = postgres.AddDatabase("shopdb");
var cache = builder.AddRedis("cache").WithDataVolume("shop-cache");
var messaging = builder.AddRabbitMQ("messaging").WithManagementPlugin().WithDataVolume("shop-messaging");

// Signs the token by which a guest sees an order; every replica must know the same one, tomorrow too.
var orderTokenKey = builder.AddParameter("order-token-key", new GenerateParameterDefault { MinLength = 32 }, secret: true, persist: true);
// Lets in whoever runs the shop, to /api/v1/admin.
var adminKey = builder.AddParameter("admin-key", new GenerateParameterDefault { MinLength = 32 }, secret: true, persist: true);

var migrations = builder.AddProject<Projects.Shop_Worker>("migrations", project => project.ExcludeLaunchProfile = true)
    .WithArgs(["migrate", .. options.CatalogArguments])
    .WithReference(shopdb).WaitFor(shopdb);

var apiservice = builder.AddProject<Projects.Shop_ApiService>("apiservice", project => project.ExcludeLaunchProfile = true)
    .WithHttpEndpoint(port: options.Port("apiservice", 8081))
    .WithHttpHealthCheck("/health")
    .WithReplicas(options.Replicas("apiservice"))
    .WithEnvironment("Ordering__OrderTokenKey", orderTokenKey)
    .WithEnvironment("Admin__ApiKey", adminKey)
    .WithSettings(builder.Configuration.GetSection("Payments"))
    .WithReference(shopdb).WithReference(cache)
    .WaitForCompletion(migrations).WaitFor(cache);

var webfrontend = builder.AddProject<Projects.Shop_Web>("webfrontend", project => project.ExcludeLaunchProfile = true)
    .WithHttpEndpoint(port: options.Port("webfrontend", 8080))
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health")
    .WithReplicas(options.Replicas("webfrontend"))
    .WithReference(apiservice).WithReference(cache)
    .WaitFor(apiservice).WaitFor(cache);

var worker = builder.AddProject<Projects.Shop_Worker>("worker", project => project.ExcludeLaunchProfile = true)
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithReplicas(options.Replicas("worker"))
    .WithEnvironment("Ordering__OrderTokenKey", orderTokenKey)
    .WithEnvironment("Notifications__ShopUrl", webfrontend.GetEndpoint("http"))
    .WithSettings(builder.Configuration.GetSection("Payments"))
    .WithReference(shopdb).WithReference(messaging)
    .WaitForCompletion(migrations).WaitFor(messaging);

if (builder.ExecutionContext.IsRunMode)
{
    // Without a mail server the e-mails are kept as files, to be looked at.
    worker.WithEnvironment("Notifications__PickupDirectory", options.MailDirectory)
        .WithUrl(new Uri(options.MailDirectory).AbsoluteUri, "e-mails");
}

builder.Build().Run();
return 0;
