using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Shop.ServiceDefaults;

/// <summary>Where a process says how it is, in production too.</summary>
internal static class Health
{
    /// <summary>Ready to serve: every registered check. 200, or 503.</summary>
    public const string ReadyPath = "/health";

    /// <summary>The process lives: the checks tagged <see cref="LiveTag"/>. 200, or 503.</summary>
    public const string AlivePath = "/alive";

    /// <summary>Tag of the checks whose failure only a restart can mend.</summary>
    private const string LiveTag = "live";

    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    public static void AddHealth(this IHostApplicationBuilder builder)
    {
        builder.Services.AddHealthChecks().AddCheck("self", () => HealthCheckResult.Healthy(), [LiveTag]);
        builder.Services.AddOptions<HealthCheckServiceOptions>().PostConfigure<IServiceScopeFactory, TimeProvider>((checks, scopes, time) =>
        {
            // Whoever registered them: a check that hangs must not make the whole answer hang.
            foreach (var registration in checks.Registrations)
            {
                var bounded = new BoundedHealthCheck(registration.Factory, scopes, time);
                registration.Factory = _ => bounded;
            }
        });
    }

    public static void MapHealth(this WebApplication app)
    {
        var stopping = app.Lifetime.ApplicationStopping;
        var inside = ManagementPort.Of(app.Configuration);
        Map(ReadyPath, check => !stopping.IsCancellationRequested || check.Tags.Contains(LiveTag));
        Map(AlivePath, check => check.Tags.Contains(LiveTag));

        void Map(string path, Func<HealthCheckRegistration, bool> includes) => app
            .MapHealthChecks(path, new HealthCheckOptions { Predicate = includes, ResponseWriter = WriteAsync })
            .AllowAnonymous().DisableHttpMetrics().ShortCircuit();

        Task WriteAsync(HttpContext context, HealthReport report)
        {
            // Said at once, so that balancers send new requests elsewhere while those in flight are finished.
            var isLeaving = context.Request.Path == ReadyPath && stopping.IsCancellationRequested;
            if (isLeaving)
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            var isInside = context.Connection.LocalPort == inside;
            return context.Response.WriteAsJsonAsync(
                new
                {
                    status = isLeaving ? "Stopping" : report.Status.ToString(),
                    checks = report.Entries.ToDictionary(check => check.Key, check => new
                    {
                        status = check.Value.Status.ToString(),
                        durationMs = check.Value.Data.GetValueOrDefault(BoundedHealthCheck.Milliseconds),
                        // May name servers and users.
                        description = isInside ? check.Value.Description ?? check.Value.Exception?.Message : null,
                    }),
                },
                Json,
                context.RequestAborted);
        }
    }
}

/// <summary>
/// Answers in time even when the check doesn't: some make their client connect in the constructor, some ignore their token.
/// However many ask, the check runs once a second; one that is still running is waited for rather than started again.
/// </summary>
internal sealed class BoundedHealthCheck(Func<IServiceProvider, IHealthCheck> factory, IServiceScopeFactory scopes, TimeProvider time)
    : IHealthCheck
{
    /// <summary>The entry of a result's data that tells how long the check took.</summary>
    public const string Milliseconds = "ms";

    /// <summary>Below the seconds that probes of orchestrators usually wait.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan Life = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private Task<HealthCheckResult>? _result;
    private long _startedAt;

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        Task<HealthCheckResult> result;
        lock (_gate)
        {
            if (_result is null || (_result.IsCompleted && time.GetElapsedTime(_startedAt) >= Life))
            {
                _startedAt = time.GetTimestamp();
                // With no token of the request that happens to be first: others wait for the same result.
                _result = Task.Run(() => RunAsync(context.Registration), CancellationToken.None);
            }

            result = _result;
        }

        try
        {
            return await result.WaitAsync(Limit, time, cancellationToken);
        }
        catch (TimeoutException) when (!result.IsCompleted)
        {
            return Result(context.Registration.FailureStatus, $"No answer within {Limit.TotalSeconds} s.", exception: null, Limit);
        }
    }

    private async Task<HealthCheckResult> RunAsync(HealthCheckRegistration registration)
    {
        var start = time.GetTimestamp();
        try
        {
            await using var scope = scopes.CreateAsyncScope();
            var context = new HealthCheckContext { Registration = registration };
            var said = await factory(scope.ServiceProvider).CheckHealthAsync(context, CancellationToken.None);
            return Result(said.Status, said.Description, said.Exception, time.GetElapsedTime(start));
        }
        catch (Exception exception)
        {
            // Whatever a check throws is its verdict.
            return Result(registration.FailureStatus, description: null, exception, time.GetElapsedTime(start));
        }
    }

    private static HealthCheckResult Result(HealthStatus status, string? description, Exception? exception, TimeSpan took) =>
        new(status, description, exception, new Dictionary<string, object> { [Milliseconds] = Math.Round(took.TotalMilliseconds, 1) });
}
