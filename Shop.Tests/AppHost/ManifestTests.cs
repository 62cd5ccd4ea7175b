using System.Runtime.Versioning;
using Shop.Tests.LocalServers;

namespace Shop.Tests.AppHost;

/// <summary>The shop as a deployment tool reads it.</summary>
[Trait("Category", "Distributed")]
[SupportedOSPlatform("linux")]
public sealed class ManifestTests
{
    [Fact]
    public async Task The_manifest_tells_every_resource_with_its_bindings_images_and_secrets_and_nothing_of_this_machine()
    {
        // Within the repository, since the manifest names projects by their way from itself.
        var folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, "manifest"));
        try
        {
            var file = Path.Combine(folder.FullName, "manifest.json");
            var (exitCode, output, errors) = await AppHostProcess.RunAsync(
                folder.FullName, ["--publisher", "manifest", "--output-path", file]);
            Assert.True(exitCode == 0, output + errors);
            Check(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Check(string manifest, string folder)
    {
        using var json = JsonDocument.Parse(manifest);
        var resources = json.RootElement.GetProperty("resources");
        string Text(string resource, params string[] path) =>
            path.Aggregate(resources.GetProperty(resource), (at, name) => at.GetProperty(name)).ToString();

        Assert.Equal(
            [
                "admin-key parameter.v0", "apiservice project.v0", "cache container.v0", "cache-password parameter.v0",
                "messaging container.v0",
                "messaging-password parameter.v0", "migrations project.v0", "order-token-key parameter.v0", "postgres container.v0",
                "postgres-password parameter.v0", "shopdb value.v0", "shopdb-role value.v0", "shopdb-role-password parameter.v0",
                "webfrontend project.v0", "worker project.v0",
            ],
            resources.EnumerateObject().Select(resource => $"{resource.Name} {resource.Value.GetProperty("type")}")
                // What the connection strings are made of.
                .Where(resource => !resource.EndsWith(" annotated.string", StringComparison.Ordinal)
                    && !resource.StartsWith("cond-", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal));
        foreach (var secret in new[] { "admin-key", "order-token-key", "postgres-password",
            "shopdb-role-password", "cache-password", "messaging-password" })
        {
            Assert.Equal($"{{{secret}.inputs.value}}", Text(secret, "value"));
            Assert.Equal("True", Text(secret, "inputs", "value", "secret"));
            Assert.True(resources.GetProperty(secret).GetProperty("inputs").GetProperty("value").GetProperty("default")
                .GetProperty("generate")
                .GetProperty("minLength").GetInt32() >= 22);
        }

        Assert.Matches("^docker.io/library/postgres:[0-9.]+$", Text("postgres", "image"));
        Assert.Matches("^docker.io/library/redis:[0-9.]+$", Text("cache", "image"));
        Assert.Matches("^docker.io/library/rabbitmq:[0-9.]+-management$", Text("messaging", "image"));
        Assert.EndsWith(
            " --maxmemory 256mb --maxmemory-policy volatile-ttl", resources.GetProperty("cache").GetProperty("args")[1].GetString(),
            StringComparison.Ordinal);
        Assert.Equal("-ra wal_max_size_bytes 67108864", Text("messaging", "env", "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS"));
        Assert.Equal("5432", Text("postgres", "bindings", "tcp", "targetPort"));
        Assert.Equal("6379", Text("cache", "bindings", "tcp", "targetPort"));
        Assert.Equal("5672", Text("messaging", "bindings", "tcp", "targetPort"));
        Assert.Equal("15672", Text("messaging", "bindings", "management", "targetPort"));
        foreach (var server in new[] { "postgres", "cache", "messaging" })
            Assert.Equal(
                $"shop-{server}",
                resources.GetProperty(server).GetProperty("volumes").EnumerateArray().Single().GetProperty("name").GetString());

        Assert.Equal("migrate", resources.GetProperty("migrations").GetProperty("args").EnumerateArray().Single().GetString());
        Assert.Equal("True", Text("webfrontend", "bindings", "http", "external"));
        foreach (var service in new[] { "apiservice", "webfrontend", "worker" })
        {
            Assert.Equal("http", Text(service, "bindings", "http", "scheme"));
            Assert.Equal("http", Text(service, "bindings", "management", "scheme"));
            // Metrics and the state of health are for inside only.
            foreach (var binding in resources.GetProperty(service).GetProperty("bindings").EnumerateObject())
                Assert.Equal((service, binding.Name) == ("webfrontend", "http"), binding.Value.TryGetProperty("external", out _));
        }

        Assert.Equal("{admin-key.value}", Text("apiservice", "env", "Admin__ApiKey"));
        Assert.Equal("{order-token-key.value}", Text("worker", "env", "Ordering__OrderTokenKey"));
        foreach (var service in new[] { "apiservice", "worker" })
            Assert.Equal("{shopdb-role.connectionString}", Text(service, "env", "ConnectionStrings__shopdb"));
        Assert.Equal("{shopdb.connectionString}", Text("migrations", "env", "ConnectionStrings__shopdb"));
        Assert.Equal("{shopdb-role.connectionString}", Text("migrations", "env", "ConnectionStrings__services"));
        Assert.Equal("{messaging.connectionString}", Text("worker", "env", "ConnectionStrings__messaging"));
        Assert.Equal("{apiservice.bindings.http.url}", Text("webfrontend", "env", "services__apiservice__http__0"));

        Assert.DoesNotContain(folder, manifest, StringComparison.Ordinal);
        Assert.DoesNotContain(Repository.Root, manifest, StringComparison.Ordinal);
        Assert.DoesNotContain("localhost", manifest, StringComparison.Ordinal);
    }
}
