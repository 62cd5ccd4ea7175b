using OpenTelemetry;
using OpenTelemetry.Trace;
using Shop.ServiceDefaults;

namespace Shop.Tests.Telemetry;

/// <summary>The shop's tracing in this process, with what would be sent to a collector.</summary>
internal sealed class SentSpans : IDisposable
{
    private readonly ConcurrentQueue<Activity> _sent = [];
    private readonly TracerProvider _provider;

    /// <param name="perSecond">How many new traces are sampled a second.</param>
    public SentSpans(double perSecond) => _provider = Sdk.CreateTracerProviderBuilder()
        .AddSource("Shop.*", Source.Name)
        .SetSampler(new RecordingSampler(new RateLimitedSampler(perSecond, TimeProvider.System)))
        .AddProcessor(new TailSamplingProcessor(TimeSpan.FromMinutes(1)))
        .AddProcessor(new SimpleActivityExportProcessor(new Exporter(_sent)))
        .Build();

    /// <summary>For the requests of tests.</summary>
    public ActivitySource Source { get; } = new($"tests-{Guid.NewGuid():N}");

    /// <summary>What was sent of a trace, in the order in which it ended.</summary>
    public IReadOnlyList<Activity> Of(ActivityTraceId trace) => [.. _sent.Where(span => span.TraceId == trace)];

    /// <summary>A sent span by its context.</summary>
    public Activity Find(ActivityContext context) => _sent.Single(span => span.SpanId == context.SpanId);

    public void Dispose()
    {
        _provider.Dispose();
        Source.Dispose();
    }

    private sealed class Exporter(ConcurrentQueue<Activity> sent) : BaseExporter<Activity>
    {
        public override ExportResult Export(in Batch<Activity> batch)
        {
            foreach (var span in batch)
                sent.Enqueue(span);
            return ExportResult.Success;
        }
    }
}
