using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;

namespace Shop.Tests.ServiceDefaults;

[Trait("Category", "Unit")]
public sealed class ProblemTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public async Task What_nobody_foresaw_is_a_problem_with_a_trace_and_without_a_stack(string environment)
    {
        await using var shop = await ShopProcess.StartAsync(
            map: app => app.MapGet("/broken", string () => throw new InvalidOperationException("secret reason")), environment: environment);

        using var response = await shop.Outside.GetAsync("/broken", Cancellation);
        var body = await response.Content.ReadAsStringAsync(Cancellation);
        var problem = JsonSerializer.Deserialize<JsonElement>(body);

        Assert.Equal(HttpStatusCode.InternalServerError, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
        Assert.Equal("urn:shop:problem:internal-error", problem.GetProperty("type").GetString());
        Assert.Matches("^[0-9a-f]{32}$", problem.GetProperty("traceId").GetString());
        Assert.DoesNotContain("secret reason", body, StringComparison.Ordinal);
        Assert.DoesNotContain(" at ", body, StringComparison.Ordinal);
        Assert.False(response.Headers.Contains("Server"));
    }

    [Theory]
    [InlineData("Production")]
    [InlineData("Development")]
    public async Task Malformed_JSON_is_the_callers_mistake(string environment)
    {
        await using var shop = await ShopProcess.StartAsync(
            map: app =>
            {
                app.UseExceptionHandler();
                app.UseStatusCodePages();
                app.MapPost("/things", (Dictionary<string, int> thing) => thing.Count);
            },
            environment: environment);

        using var response = await shop.Outside.PostAsync(
            "/things", new StringContent("{", new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")), Cancellation);
        var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Cancellation);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("urn:shop:problem:bad-request", problem.GetProperty("type").GetString());
    }
}
