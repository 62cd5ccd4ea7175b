using OpenTelemetry.Trace;
using Shop.ServiceDefaults.Health;

namespace Shop.ServiceDefaults.Telemetry;

/// <summary>Leaves out what asks for health, and with it what is done for the answer; everything else is for the inner sampler to decide.</summary>
internal sealed class ProbeSampler(Sampler inner) : Sampler
{
    public override SamplingResult ShouldSample(in SamplingParameters samplingParameters)
    {
        if (samplingParameters.Tags is { } tags)
        {
            foreach (var tag in tags)
            {
                if (tag is { Key: "url.path", Value: string path } && HealthEndpoints.IsProbe(path)) return new SamplingResult(SamplingDecision.Drop);
            }
        }

        return inner.ShouldSample(samplingParameters);
    }
}
