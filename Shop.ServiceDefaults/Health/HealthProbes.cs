using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Shop.ServiceDefaults.Health;

/// <summary>Answers <c>/health</c> and <c>/alive</c>.</summary>
internal sealed class HealthProbes(
    HealthCheckService checks, IHostApplicationLifetime lifetime, IHostEnvironment environment, IOptions<HealthOptions> options, TimeProvider time)
{
    private readonly HealthReportCache _readiness = new(checks, _ => true, options.Value.CacheDuration, time);
    private readonly HealthReportCache _liveness = new(checks, check => check.Tags.Contains(HealthEndpoints.LiveTag), options.Value.CacheDuration, time);

    public async Task AnswerReadinessAsync(HttpContext context)
    {
        // Said at once, so that balancers send new requests elsewhere while those in flight are finished.
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            await WriteAsync(context, StatusCodes.Status503ServiceUnavailable, new HealthAnswer("Stopping", 0, new Dictionary<string, CheckAnswer>()));
            return;
        }

        await AnswerAsync(context, await _readiness.GetAsync(context.RequestAborted));
    }

    public async Task AnswerLivenessAsync(HttpContext context) =>
        await AnswerAsync(context, await _liveness.GetAsync(context.RequestAborted));

    private Task AnswerAsync(HttpContext context, HealthReport report)
    {
        var detailed = environment.IsDevelopment() || Neighbours.Include(context);
        var answer = new HealthAnswer(
            report.Status.ToString(),
            Milliseconds(report.TotalDuration),
            report.Entries.ToDictionary(
                entry => entry.Key,
                entry => new CheckAnswer(
                    entry.Value.Status.ToString(),
                    Milliseconds(entry.Value.Duration),
                    detailed ? entry.Value.Description ?? entry.Value.Exception?.Message : null)));
        var statusCode = report.Status == HealthStatus.Unhealthy ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
        return WriteAsync(context, statusCode, answer);
    }

    private static Task WriteAsync(HttpContext context, int statusCode, HealthAnswer answer)
    {
        context.Response.StatusCode = statusCode;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsJsonAsync(answer, HealthJson.Default.HealthAnswer, cancellationToken: context.RequestAborted);
    }

    private static double Milliseconds(TimeSpan duration) => Math.Round(duration.TotalMilliseconds, 1);
}
