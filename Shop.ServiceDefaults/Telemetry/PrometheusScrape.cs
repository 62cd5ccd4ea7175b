using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Shop.ServiceDefaults.Telemetry;

/// <summary>Collects the metrics of this process when somebody asks for them.</summary>
[ExportModes(ExportModes.Pull)]
internal sealed class PrometheusScrape : BaseExporter<Metric>, IPullMetricExporter
{
    private const int CollectMilliseconds = 5_000;

    /// <summary>The text is made while the SDK holds its points still; two scrapes at once must not mix theirs.</summary>
    private readonly SemaphoreSlim _turn = new(1, 1);

    private string _text = "";

    public Func<int, bool>? Collect { get; set; }

    /// <returns>Null when the metrics couldn't be collected in time.</returns>
    public async Task<string?> TextAsync(CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return Collect?.Invoke(CollectMilliseconds) == true ? _text : null;
        }
        finally
        {
            _turn.Release();
        }
    }

    public override ExportResult Export(in Batch<Metric> batch)
    {
        var metrics = new List<Metric>();
        foreach (var metric in batch)
            metrics.Add(metric);
        _text = PrometheusText.Write(metrics, ParentProvider.GetResource());
        return ExportResult.Success;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _turn.Dispose();
        base.Dispose(disposing);
    }
}
