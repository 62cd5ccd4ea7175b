using Microsoft.Extensions.Time.Testing;
using OpenTelemetry;
using OpenTelemetry.Trace;
using Shop.ServiceDefaults;

namespace Shop.Tests.ServiceDefaults;

[Trait("Category", "Unit")]
public sealed class SamplingTests
{
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public void So_many_traces_a_second_are_sampled_and_the_others_recorded_by_themselves()
    {
        var sampler = Sampler(5);

        // Two seconds' worth may come at once.
        Assert.Equal(10, Enumerable.Range(0, 100).Count(_ => Decide(sampler, ActivityKind.Server) == SamplingDecision.RecordAndSample));
        Assert.Equal(SamplingDecision.RecordOnly, Decide(sampler, ActivityKind.Server));
        Assert.Equal(SamplingDecision.RecordOnly, Decide(sampler, ActivityKind.Consumer));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(5, Enumerable.Range(0, 100).Count(_ => Decide(sampler, ActivityKind.Server) == SamplingDecision.RecordAndSample));
    }

    [Fact]
    public void What_belongs_to_a_trace_shares_its_fate()
    {
        var sampler = Sampler(0);

        Assert.Equal(
            SamplingDecision.RecordAndSample, Decide(sampler, ActivityKind.Client, Parent(ActivityTraceFlags.Recorded, isRemote: false)));
        Assert.Equal(
            SamplingDecision.RecordAndSample, Decide(sampler, ActivityKind.Server, Parent(ActivityTraceFlags.Recorded, isRemote: true)));
        Assert.Equal(SamplingDecision.Drop, Decide(sampler, ActivityKind.Client, Parent(ActivityTraceFlags.None, isRemote: false)));
        Assert.Equal(SamplingDecision.RecordOnly, Decide(sampler, ActivityKind.Server, Parent(ActivityTraceFlags.None, isRemote: true)));
    }

    [Fact]
    public void A_statement_that_nobody_asked_for_makes_no_trace() =>
        Assert.Equal(SamplingDecision.Drop, Decide(Sampler(5), ActivityKind.Client));

    [Fact]
    public void A_call_without_a_request_begins_a_trace() =>
        Assert.Equal(
            SamplingDecision.RecordAndSample,
            Sampler(5).ShouldSample(new SamplingParameters(
                default, ActivityTraceId.CreateRandom(), "System.Net.Http.HttpRequestOut", ActivityKind.Client)).Decision);

    [Fact]
    public void What_is_done_for_many_is_sampled_with_any_of_them_and_takes_from_nobody()
    {
        var sampler = Sampler(0);

        Assert.Equal(SamplingDecision.RecordAndSample, DecideFor(ActivityTraceFlags.None, ActivityTraceFlags.Recorded));
        Assert.Equal(SamplingDecision.Drop, DecideFor(ActivityTraceFlags.None, ActivityTraceFlags.None));

        SamplingDecision DecideFor(params ActivityTraceFlags[] members) => sampler.ShouldSample(new SamplingParameters(
            default, ActivityTraceId.CreateRandom(), "commit", ActivityKind.Internal,
            links: members.Select(flags => new ActivityLink(Parent(flags, isRemote: false))))).Decision;
    }

    [Fact]
    public void Strangers_do_not_say_what_the_gateway_samples()
    {
        var sampler = Sampler(0, followsCallers: false);

        Assert.Equal(
            SamplingDecision.RecordOnly, Decide(sampler, ActivityKind.Server, Parent(ActivityTraceFlags.Recorded, isRemote: true)));
        Assert.Equal(
            SamplingDecision.RecordAndSample, Decide(sampler, ActivityKind.Client, Parent(ActivityTraceFlags.Recorded, isRemote: false)));
    }

    [Fact]
    public void Another_sampler_has_requests_recorded_as_well()
    {
        var sampler = new RecordingSampler(new AlwaysOffSampler());

        Assert.Equal(SamplingDecision.RecordOnly, Decide(sampler, ActivityKind.Server));
        Assert.Equal(SamplingDecision.RecordOnly, Decide(sampler, ActivityKind.Consumer, Parent(ActivityTraceFlags.None, isRemote: true)));
        Assert.Equal(SamplingDecision.Drop, Decide(sampler, ActivityKind.Client));
        Assert.Equal(SamplingDecision.Drop, Decide(sampler, ActivityKind.Server, Parent(ActivityTraceFlags.None, isRemote: false)));
    }

    [Fact]
    public void A_stream_of_events_is_not_slow()
    {
        using var span = new Activity("events").Start();
        TailSamplingProcessor.TakesItsTime(span);
        span.SetEndTime(span.StartTimeUtc.AddHours(1));
        using var keeper = new TailSamplingProcessor(TimeSpan.FromSeconds(1));
        keeper.OnEnd(span);

        Assert.False(span.Recorded);
    }

    [Theory]
    [InlineData(false, 1, 0)]
    [InlineData(true, 1, 1)]
    [InlineData(false, 2_000, 1)]
    public void Errors_and_slow_ones_are_kept_though_not_sampled(bool isError, int milliseconds, int kept)
    {
        var exported = new List<Activity>();
        using var source = new ActivitySource(nameof(SamplingTests) + Guid.NewGuid());
        using (var provider = Sdk.CreateTracerProviderBuilder().AddSource(source.Name).SetSampler(Sampler(0))
            .AddProcessor(new TailSamplingProcessor(TimeSpan.FromSeconds(1))).AddProcessor(
                new SimpleActivityExportProcessor(new ListExporter(exported))).Build())
        {
            using var span = source.StartActivity("request", ActivityKind.Server)!;
            Assert.Null(source.StartActivity("child", ActivityKind.Client));
            if (isError)
                span.SetStatus(ActivityStatusCode.Error);
            span.SetEndTime(span.StartTimeUtc.AddMilliseconds(milliseconds));
        }

        Assert.Equal(kept, exported.Count);
    }

    private RecordingSampler Sampler(double tracesPerSecond, bool followsCallers = true) =>
        new(new RateLimitedSampler(tracesPerSecond, _time, followsCallers));

    private static SamplingDecision Decide(Sampler sampler, ActivityKind kind, ActivityContext parent = default) =>
        sampler.ShouldSample(new SamplingParameters(
            parent, parent.TraceId == default ? ActivityTraceId.CreateRandom() : parent.TraceId, "span", kind)).Decision;

    private static ActivityContext Parent(ActivityTraceFlags flags, bool isRemote) =>
        new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), flags, traceState: null, isRemote);

    private sealed class ListExporter(List<Activity> exported) : BaseExporter<Activity>
    {
        public override ExportResult Export(in Batch<Activity> batch)
        {
            foreach (var activity in batch)
                exported.Add(activity);
            return ExportResult.Success;
        }
    }
}
