using System.Diagnostics;
using OpenTelemetry;
using Shop.ServiceDefaults.Health;

namespace Shop.ServiceDefaults.Telemetry;

/// <summary>Leaves out this process's own calls to the health endpoints of others, such as the gateway's probes.</summary>
internal sealed class ProbeCallFilter : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        if (data.Kind == ActivityKind.Client
            && data.GetTagItem("url.full") is string url
            && Uri.TryCreate(url, UriKind.Absolute, out var uri)
            && HealthEndpoints.IsProbe(uri.AbsolutePath))
        {
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }
}
