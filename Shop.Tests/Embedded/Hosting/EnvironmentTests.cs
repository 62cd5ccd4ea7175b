namespace Shop.Tests.Embedded.Hosting;

public sealed class EnvironmentTests
{
    private static readonly CancellationToken Cancellation = TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_database_is_told_in_all_the_forms_that_Aspire_uses()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create("Parameters:postgres-password=p/w");
        var postgres = builder.AddPostgres("postgres");
        var shopdb = postgres.AddDatabase("shopdb", "shop");
        Allocate(postgres.Resource, 5001);

        var variables = await VariablesOf(builder.AddExecutable("app", "true", ".").WithReference(shopdb));

        Assert.Equal("Host=127.0.0.1;Port=5001;Username=postgres;Password=p/w;Database=shop", variables["ConnectionStrings__shopdb"]);
        Assert.Equal("127.0.0.1", variables["SHOPDB_HOST"]);
        Assert.Equal("5001", variables["SHOPDB_PORT"]);
        Assert.Equal("postgres", variables["SHOPDB_USERNAME"]);
        Assert.Equal("p/w", variables["SHOPDB_PASSWORD"]);
        Assert.Equal("postgresql://postgres:p%2Fw@127.0.0.1:5001/shop", variables["SHOPDB_URI"]);
        Assert.Equal("jdbc:postgresql://127.0.0.1:5001/shop", variables["SHOPDB_JDBCCONNECTIONSTRING"]);
        Assert.Equal("shop", variables["SHOPDB_DATABASENAME"]);
    }

    [Fact]
    public async Task A_cache_and_a_broker_are_told_in_all_the_forms_that_Aspire_uses()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create("Parameters:cache-password=c", "Parameters:messaging-password=m");
        var cache = builder.AddRedis("cache");
        var messaging = builder.AddRabbitMQ("messaging");
        Allocate(cache.Resource, 5002);
        Allocate(messaging.Resource, 5003);

        var variables = await VariablesOf(builder.AddExecutable("app", "true", ".").WithReference(cache).WithReference(messaging, "broker"));

        Assert.Equal("127.0.0.1:5002,password=c", variables["ConnectionStrings__cache"]);
        Assert.Equal("redis://:c@127.0.0.1:5002", variables["CACHE_URI"]);
        Assert.Equal("amqp://guest:m@127.0.0.1:5003", variables["ConnectionStrings__broker"]);
        Assert.Equal("guest", variables["BROKER_USERNAME"]);
        Assert.Equal("m", variables["BROKER_PASSWORD"]);
    }

    [Fact]
    public async Task A_service_is_told_by_its_stable_address()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        var api = builder.AddExecutable("api-service", "true", ".").WithHttpEndpoint();
        Allocate(api.Resource, 5004);
        var key = builder.AddParameter("key", "k", secret: true);

        var variables = await VariablesOf(builder.AddExecutable("app", "true", ".")
            .WithReference(api)
            .WithEnvironment("URL", api.GetEndpoint("http"))
            .WithEnvironment("KEY", key)
            .WithEnvironment("MIXED", $"{api.GetEndpoint("http")}/x?k={key}&{{}}"));

        Assert.Equal("http://localhost:5004", variables["services__api-service__http__0"]);
        Assert.Equal("http://localhost:5004", variables["API_SERVICE_HTTP"]);
        Assert.Equal("http://localhost:5004", variables["URL"]);
        Assert.Equal("k", variables["KEY"]);
        Assert.Equal("http://localhost:5004/x?k=k&{}", variables["MIXED"]);
    }

    [Fact]
    public async Task A_parameter_without_a_value_is_named_with_the_way_to_set_it()
    {
        await using var builder = DistributedApplicationTestingBuilder.Create();
        var key = builder.AddParameter("api-key");

        var failure = await Assert.ThrowsAsync<EmbeddedHostingException>(async () => await key.Resource.GetValueAsync(Cancellation));

        Assert.Contains("Parameters__api_key", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_generated_value_holds_what_was_asked_for()
    {
        var wanted = new GenerateParameterDefault { MinLength = 32, MinLower = 3, MinUpper = 4, MinNumeric = 5, Special = false };

        var value = wanted.GetDefaultValue();

        Assert.Equal(32, value.Length);
        Assert.True(value.Count(char.IsAsciiLetterLower) >= 3 && value.Count(char.IsAsciiLetterUpper) >= 4 && value.Count(char.IsAsciiDigit) >= 5);
        Assert.All(value, c => Assert.True(char.IsAsciiLetterOrDigit(c)));
        Assert.NotEqual(value, wanted.GetDefaultValue());
    }

    private static void Allocate(IResourceWithEndpoints resource, int port) =>
        resource.Annotations.OfType<EndpointAnnotation>().First().AllocatedPort = port;

    private static async Task<Dictionary<string, string?>> VariablesOf<T>(IResourceBuilder<T> builder)
        where T : IResourceWithEnvironment
    {
        var context = new EnvironmentCallbackContext(builder.ApplicationBuilder.ExecutionContext, builder.Resource);
        foreach (var annotation in builder.Resource.Annotations.OfType<EnvironmentCallbackAnnotation>())
            await annotation.Callback(context);

        var variables = new Dictionary<string, string?>();
        foreach (var (name, value) in context.EnvironmentVariables)
            variables[name] = value is IValueProvider provider ? await provider.GetValueAsync(Cancellation) : (string)value;

        return variables;
    }
}
