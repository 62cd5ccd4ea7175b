using System.Globalization;
using Embedded.Dashboard.Resources;
using Embedded.Dashboard.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Embedded.Dashboard.Pages;

/// <summary>What the pages ask for.</summary>
internal static class DashboardApi
{
    private const int ListedUnlessAsked = 200;
    private const int MinutesUnlessAsked = 5;

    public static void MapDashboardApi(this IEndpointRouteBuilder routes, IDashboardResources resources, TelemetryStore store, TimeProvider time)
    {
        var (traces, logs, metrics) = (new TraceViews(store), new LogViews(store), new MetricViews(store, time));
        var api = routes.MapGroup("/api");
        api.MapGet("/summary", () => Summary(resources, store));
        api.MapGet("/resources", () => resources.Current());
        api.MapPost("/resources/{name}/commands/{command}", async (string name, string command, int? replica) =>
            await resources.ExecuteAsync(name, replica, command) is { } mistake
                ? Results.Problem(title: $"{command} didn't work", detail: mistake, statusCode: StatusCodes.Status409Conflict)
                : Results.NoContent());
        api.MapGet("/console/{name}", (string name, long? after) => resources.Console(name, after ?? 0) is { } lines
            ? Results.Ok(new { Lines = lines, Next = lines.Count > 0 ? lines[^1].Sequence : after ?? 0 })
            : Results.NotFound());
        api.MapGet("/console/{name}/download", DownloadAsync(resources));
        api.MapGet("/logs", (string? resource, string? level, string? text, string? trace, long? before, int? limit) =>
            logs.List(resource, level, text, trace, before, limit ?? ListedUnlessAsked));
        api.MapGet("/traces", (string? resource, string? text, bool? errors, double? minMs, TraceOrder? order, int? limit) =>
            traces.List(resource, text, errors ?? false, minMs ?? 0, order ?? TraceOrder.Newest, limit ?? ListedUnlessAsked));
        api.MapGet("/traces/{id}", (string id) => traces.Find(id) is { } trace ? Results.Ok(trace) : Results.NotFound());
        api.MapGet("/metrics", metrics.List);
        api.MapGet("/metrics/series", (string resource, string meter, string instrument, int? minutes) =>
            metrics.Find(resource, meter, instrument, minutes ?? MinutesUnlessAsked) is { } series ? Results.Ok(series) : Results.NotFound());
    }

    private static object Summary(IDashboardResources resources, TelemetryStore store)
    {
        var (spans, logs, points) = (store.Spans.Counts, store.Logs.Counts, store.Metrics.Counts);
        return new
        {
            Application = resources.ApplicationName,
            Spans = new { spans.Received, spans.Kept, spans.SampledOut, spans.Evicted },
            Logs = new { logs.Received, Evicted = logs.Dropped },
            Points = new { points.Received, points.Dropped },
            Sampling = new { spans.Ratio },
            MemoryBytes = spans.Bytes + logs.Bytes + points.Bytes,
            MemoryLimitBytes = store.Limits.TotalBytes,
        };
    }

    private static Func<string, HttpContext, Task> DownloadAsync(IDashboardResources resources) => async (name, context) =>
    {
        if (resources.ConsoleFiles(name) is not { } files)
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        context.Response.ContentType = "text/plain; charset=utf-8";
        context.Response.Headers.ContentDisposition = string.Create(CultureInfo.InvariantCulture, $"attachment; filename=\"{name}.log\"");
        foreach (var path in files.Where(File.Exists))
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            await file.CopyToAsync(context.Response.Body, context.RequestAborted);
        }
    };
}
