using System.Net;
using System.Security.Cryptography;
using System.Text;
using Embedded.Dashboard.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Embedded.Dashboard.Otlp;

/// <summary>
/// OTLP over gRPC and over HTTP with protobuf (https://opentelemetry.io/docs/specs/otlp/). Whoever sends must know the key.
/// </summary>
internal sealed class OtlpReceiver(TelemetryStore store, string apiKey) : IDisposable
{
    private const string Protobuf = "application/x-protobuf";
    private const string Grpc = "application/grpc";

    /// <summary>Requests in memory at once; the others wait in their sockets, so that memory is bounded however many send.</summary>
    private const int RequestsAtOnce = 4;

    // https://grpc.io/docs/guides/status-codes/
    private const int GrpcOk = 0;
    private const int GrpcInvalidArgument = 3;
    private const int GrpcUnauthenticated = 16;

    /// <summary>An empty answer (everything was accepted) behind its prefix.</summary>
    private static readonly byte[] EmptyGrpcMessage = new byte[5];

    private readonly SemaphoreSlim _places = new(RequestsAtOnce);
    private readonly byte[] _apiKey = Encoding.UTF8.GetBytes(apiKey);

    private delegate void Export(ReadOnlySpan<byte> request, TelemetryStore store);

    public void Map(IEndpointRouteBuilder routes)
    {
        Map(routes, "v1/traces", "trace.v1.TraceService", TraceExport.Read);
        Map(routes, "v1/logs", "logs.v1.LogsService", LogExport.Read);
        Map(routes, "v1/metrics", "metrics.v1.MetricsService", MetricExport.Read);
    }

    public void Dispose() => _places.Dispose();

    private void Map(IEndpointRouteBuilder routes, string path, string service, Export export)
    {
        routes.MapPost(path, context => ReceiveHttpAsync(context, export));
        routes.MapPost($"opentelemetry.proto.collector.{service}/Export", context => ReceiveGrpcAsync(context, export));
    }

    private async Task ReceiveHttpAsync(HttpContext context, Export export)
    {
        var (status, sentence) = context.Request.ContentType?.Split(';')[0] != Protobuf
            ? (HttpStatusCode.UnsupportedMediaType, $"Send {Protobuf}: this receiver speaks OTLP over HTTP with protobuf, and over gRPC.")
            : !IsKnown(context.Request)
                ? (HttpStatusCode.Unauthorized, $"The header {DashboardServer.KeyHeader} is missing or wrong: OTEL_EXPORTER_OTLP_HEADERS tells it to the services.")
                : await ReceiveAsync(context, export, isGrpc: false) is { } mistake ? (HttpStatusCode.BadRequest, mistake) : (HttpStatusCode.OK, "");
        context.Response.StatusCode = (int)status;
        context.Response.ContentType = status == HttpStatusCode.OK ? Protobuf : "text/plain";
        await context.Response.WriteAsync(sentence, context.RequestAborted);
    }

    private async Task ReceiveGrpcAsync(HttpContext context, Export export)
    {
        if (context.Request.ContentType?.StartsWith(Grpc, StringComparison.Ordinal) != true)
        {
            context.Response.StatusCode = (int)HttpStatusCode.UnsupportedMediaType;
            return;
        }

        var (status, sentence) = !IsKnown(context.Request)
            ? (GrpcUnauthenticated, $"The header {DashboardServer.KeyHeader} is missing or wrong.")
            : await ReceiveAsync(context, export, isGrpc: true) is { } mistake ? (GrpcInvalidArgument, mistake) : (GrpcOk, "");
        context.Response.ContentType = Grpc;
        if (status == GrpcOk) await context.Response.Body.WriteAsync(EmptyGrpcMessage, context.RequestAborted);
        context.Response.AppendTrailer("grpc-status", status.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (sentence.Length > 0) context.Response.AppendTrailer("grpc-message", Uri.EscapeDataString(sentence));
    }

    /// <returns>What is wrong with the request; null when nothing is.</returns>
    private async Task<string?> ReceiveAsync(HttpContext context, Export export, bool isGrpc)
    {
        await _places.WaitAsync(context.RequestAborted);
        try
        {
            var body = isGrpc ? await OtlpBody.ReadGrpcAsync(context.Request, context.RequestAborted) : await OtlpBody.ReadHttpAsync(context.Request, context.RequestAborted);
            export(body.Span, store);
            return null;
        }
        catch (InvalidDataException mistake)
        {
            return mistake.Message;
        }
        finally
        {
            _places.Release();
        }
    }

    private bool IsKnown(HttpRequest request) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(request.Headers[DashboardServer.KeyHeader].ToString()), _apiKey);
}
