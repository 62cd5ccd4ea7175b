using System.Diagnostics;
using System.Net;
using System.Text.Json;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using Shop.Benchmarks.Reports;
using Shop.Benchmarks.Topology;

namespace Shop.Benchmarks.Scenarios;

/// <summary>Many more spans than anybody looks at come into the dashboard, which runs in this process, as it does in an AppHost.</summary>
internal static class TelemetryFloodScenario
{
    private const int DefaultSpansPerSecond = 20_000;
    private const int SpansPerTrace = 10;
    private const int QueuedSpans = 100_000;
    private const string Token = "flood";

    /// <summary>The exporter gives up a request after it.</summary>
    private const int ExporterTimeoutMilliseconds = 10_000;

    private static readonly TimeSpan DefaultWindow = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan SampleEvery = TimeSpan.FromSeconds(1);

    public static async Task<bool> RunAsync(BenchmarkOptions options, CancellationToken cancellationToken)
    {
        var report = new Report("telemetry-flood", options);
        var port = FreePort();
        var key = Guid.NewGuid().ToString("N");
        await using var builder = DistributedApplicationTestingBuilder.Create(
            "--Dashboard:Enabled=true", $"--Dashboard:Port={port}", $"--AppHost:BrowserToken={Token}", $"--AppHost:OtlpApiKey={key}");
        var app = await builder.BuildAsync(cancellationToken);
        await app.StartAsync(cancellationToken);
        using var browser = new HttpClient { BaseAddress = new Uri($"http://localhost:{port}") };
        using var login = await browser.GetAsync($"/login?t={Token}", cancellationToken);

        using var source = new ActivitySource("Shop.Benchmarks.Flood");
        using var provider = Sdk.CreateTracerProviderBuilder()
            .SetResourceBuilder(ResourceBuilder.CreateEmpty().AddService("flood", serviceInstanceId: "flood-1"))
            .AddSource(source.Name)
            .SetSampler(new AlwaysOnSampler())
            .AddProcessor(new BatchActivityExportProcessor(
                new OtlpTraceExporter(new OtlpExporterOptions { Endpoint = new Uri($"http://127.0.0.1:{port + 1}"), Headers = $"x-otlp-api-key={key}", TimeoutMilliseconds = ExporterTimeoutMilliseconds }),
                maxQueueSize: QueuedSpans, scheduledDelayMilliseconds: (int)Tick.TotalMilliseconds))
            .Build();

        var window = options.Window ?? DefaultWindow;
        var rate = options.Rate ?? DefaultSpansPerSecond;
        report.Say($"telemetry-flood: {Figure.Count(rate)} spans a second for {window.TotalSeconds:0} s");
        var samples = new List<FloodSample> { Sample(TimeSpan.Zero, await SummaryAsync(browser, cancellationToken), TimeSpan.Zero) };
        var start = Stopwatch.GetTimestamp();
        var sending = SendAsync(source, rate, window, cancellationToken);
        using var pulse = new PeriodicTimer(SampleEvery);
        while (!sending.IsCompleted && await pulse.WaitForNextTickAsync(cancellationToken))
        {
            var asked = Stopwatch.GetTimestamp();
            using var list = await browser.GetAsync("/api/traces?limit=100", cancellationToken);
            list.EnsureSuccessStatusCode();
            var answered = Stopwatch.GetElapsedTime(asked);
            samples.Add(Sample(Stopwatch.GetElapsedTime(start), await SummaryAsync(browser, cancellationToken), answered));
        }

        var sent = await sending;
        if (!provider.ForceFlush(ExporterTimeoutMilliseconds))
            report.Say("  The exporter could not send all of its spans.");
        var end = await SettledAsync(browser, sent, cancellationToken);
        var spans = end.GetProperty("spans");
        long Count(string name) => spans.GetProperty(name).GetInt64();

        var table = new TextTable("", "spans");
        table.Add("sent", Figure.Count(sent));
        table.Add("received", Figure.Count(Count("received")));
        table.Add("kept", Figure.Count(Count("kept")));
        table.Add("left out by sampling", Figure.Count(Count("sampledOut")));
        table.Add("gone again to make room", Figure.Count(Count("evicted")));
        report.Show("What became of them", table);
        var memory = new TextTable("", "begin, MiB", "largest, MiB", "end, MiB");
        memory.Add("process, resident (sender and dashboard)", Figure.MebiBytes(samples[0].ResidentBytes), Figure.MebiBytes(samples.Max(sample => sample.ResidentBytes)), Figure.MebiBytes(samples[^1].ResidentBytes));
        memory.Add("managed heap", Figure.MebiBytes(samples[0].HeapBytes), Figure.MebiBytes(samples.Max(sample => sample.HeapBytes)), Figure.MebiBytes(samples[^1].HeapBytes));
        memory.Add("telemetry kept", Figure.MebiBytes(samples[0].KeptBytes), Figure.MebiBytes(samples.Max(sample => sample.KeptBytes)), Figure.MebiBytes(samples[^1].KeptBytes));
        report.Show("Memory", memory);
        report.Conclude($"Meanwhile the list of traces was answered in {Figure.Milliseconds(Median(samples.Skip(1).Select(sample => sample.ListAnswered)))} ms (median), {Figure.Milliseconds(samples.Max(sample => sample.ListAnswered))} ms at most.");
        report.Figures["sent"] = sent;
        report.Figures["received"] = Count("received");
        report.Figures["kept"] = Count("kept");
        report.Figures["sampledOut"] = Count("sampledOut");
        report.Figures["evicted"] = Count("evicted");
        report.Figures["largestResidentMiB"] = Figure.Rounded(samples.Max(sample => sample.ResidentBytes) / 1024.0 / 1024);
        report.Figures["largestKeptMiB"] = Figure.Rounded(samples.Max(sample => sample.KeptBytes) / 1024.0 / 1024);
        report.Draw("", new Chart("Memory while spans come", "seconds", "MiB")
            .Line("process", samples.Select(sample => (sample.At.TotalSeconds, sample.ResidentBytes / 1024.0 / 1024)))
            .Line("telemetry kept", samples.Select(sample => (sample.At.TotalSeconds, sample.KeptBytes / 1024.0 / 1024))).ToString());
        await report.SaveAsync(cancellationToken);
        return Count("received") == sent && Count("received") == Count("kept") + Count("sampledOut")
            && samples.TrueForAll(sample => sample.KeptBytes <= end.GetProperty("memoryLimitBytes").GetInt64());
    }

    private static async Task<long> SendAsync(ActivitySource source, double perSecond, TimeSpan window, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        var sent = 0L;
        using var pulse = new PeriodicTimer(Tick);
        while (Stopwatch.GetElapsedTime(start) is var elapsed && elapsed < window && await pulse.WaitForNextTickAsync(cancellationToken))
        {
            while (sent < perSecond * elapsed.TotalSeconds)
                sent += SendTrace(source, sent);
        }

        return sent;
    }

    private static int SendTrace(ActivitySource source, long number)
    {
        using var root = source.StartActivity("POST /api/v1/orders", ActivityKind.Server);
        root!.SetTag("http.request.method", "POST").SetTag("url.path", "/api/v1/orders").SetTag("http.response.status_code", 202).SetTag("shop.order.number", number);
        for (var index = 1; index < SpansPerTrace; index++)
        {
            using var child = source.StartActivity("postgresql", ActivityKind.Client);
            child!.SetTag("db.system.name", "postgresql").SetTag("db.namespace", "shopdb").SetTag("db.query.text", "SELECT id, number, status FROM ordering.orders WHERE id = $1")
                .SetTag("server.address", "127.0.0.1").SetTag("server.port", 5432);
        }

        return SpansPerTrace;
    }

    /// <summary>The counts once all that was sent has come, or nothing more comes: the exporter's flush doesn't wait for the answer to its last request.</summary>
    private static async Task<JsonElement> SettledAsync(HttpClient browser, long sent, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        using var pulse = new PeriodicTimer(Tick);
        while (true)
        {
            var summary = await SummaryAsync(browser, cancellationToken);
            if (summary.GetProperty("spans").GetProperty("received").GetInt64() >= sent || Stopwatch.GetElapsedTime(start).TotalMilliseconds > ExporterTimeoutMilliseconds)
                return summary;
            await pulse.WaitForNextTickAsync(cancellationToken);
        }
    }

    private static async Task<JsonElement> SummaryAsync(HttpClient browser, CancellationToken cancellationToken) =>
        JsonElement.Parse(await browser.GetStringAsync("/api/summary", cancellationToken));

    private static FloodSample Sample(TimeSpan at, JsonElement summary, TimeSpan listAnswered) =>
        new(at, Environment.WorkingSet, GC.GetTotalMemory(forceFullCollection: false), summary.GetProperty("memoryBytes").GetInt64(), listAnswered);

    private static TimeSpan Median(IEnumerable<TimeSpan> values) => TimeSpan.FromTicks((long)Figure.Median(values.Select(value => (double)value.Ticks)));

    private static int FreePort()
    {
        using var socket = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        socket.Start();
        return ((IPEndPoint)socket.LocalEndpoint).Port;
    }

    private sealed record FloodSample(TimeSpan At, long ResidentBytes, long HeapBytes, long KeptBytes, TimeSpan ListAnswered);
}
