using System.Text.RegularExpressions;

namespace Shop.Tests.Operations;

/// <summary>
/// What operators are given is right: promtool finds the rules valid and their tests green, and every name in them exists.
/// </summary>
[Trait("Category", "Servers")]
public sealed partial class AlertRulesTests
{
    private static readonly string Observability = Path.Combine(Repository.Root, "deploy", "observability");
    private static readonly string Rules = Path.Combine(Observability, "rules", "shop.rules.yml");

    /// <summary>Metrics that are not the shop's own.</summary>
    private static readonly string[] InBox = [
        "up", "http_server_request_duration_seconds", "dotnet_process_cpu_time_seconds_total", "dotnet_process_memory_working_set_bytes",
        "dotnet_gc_pause_time_seconds_total", "db_client_connection_count"];

    [Fact]
    public async Task Promtool_finds_the_rules_valid() => await PromtoolAsync("check", "rules", "shop.rules.yml");

    [Fact]
    public async Task Promtool_finds_what_is_scraped_valid() =>
        await PromtoolAsync("check", "config", Path.Combine("..", "prometheus.yml"));

    [Fact]
    public async Task Every_alert_fires_when_it_should_and_an_ordinary_day_is_silent()
    {
        await PromtoolAsync("test", "rules", "shop.tests.yml");

        // A rule that no test names would be green here too.
        var tests = await File.ReadAllTextAsync(
            Path.Combine(Observability, "rules", "shop.tests.yml"), TestContext.Current.CancellationToken);
        Assert.All(await AlertsAsync(), alert =>
        {
            Assert.Matches($@"alertname: {alert}\s+exp_alerts:\s+- exp_labels", tests);
            Assert.Matches($@"alertname: {alert}\s+exp_alerts: \[\]", tests);
        });
    }

    [Fact]
    public async Task Every_alert_has_a_section_in_the_runbook()
    {
        var runbook = await File.ReadAllLinesAsync(
            Path.Combine(Repository.Root, "docs", "runbook.md"), TestContext.Current.CancellationToken);

        Assert.Equal(
            await AlertsAsync(), runbook.Where(line => line.StartsWith("## ", StringComparison.Ordinal)).Select(line => line[3..]));
    }

    [Fact]
    public async Task Every_alert_says_how_urgent_it_is_what_has_happened_and_where_to_read_on()
    {
        var rules = (await File.ReadAllTextAsync(Rules, TestContext.Current.CancellationToken)).Split("- alert: ")[1..];
        var runbook = await File.ReadAllTextAsync(
            Path.Combine(Repository.Root, "docs", "runbook.md"), TestContext.Current.CancellationToken);

        Assert.Equal((await AlertsAsync()).Length, rules.Length);
        Assert.All(rules, rule =>
        {
            var alert = rule.Split('\n')[0];
            var severity = Severity().Match(rule).Groups[1].Value;
            Assert.Matches(@"summary: '.+'\s+description: '.+'", rule);
            // GitHub's and Markdig's anchor of a heading that is one word.
            Assert.Contains($"runbook_url: docs/runbook.md#{alert.ToLowerInvariant()}\n", rule, StringComparison.Ordinal);
            Assert.Contains($"## {alert}\n\n*{severity}*\n\n**Means.** ", runbook, StringComparison.Ordinal);
        });
    }

    [Fact]
    public async Task Every_metric_that_is_asked_for_is_one_that_the_shop_has()
    {
        var listed = MetricInDocs().Matches(
            await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "observability.md"), TestContext.Current.CancellationToken))
            .Select(match => match.Groups[1].Value).Concat(InBox).ToHashSet(StringComparer.Ordinal);
        var questions = new List<string>(QuestionInRules().Matches(
            await File.ReadAllTextAsync(Rules, TestContext.Current.CancellationToken)).Select(match => match.Groups[1].Value));
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Observability, "grafana", "dashboards"), "*.json"))
        {
            using var dashboard = JsonDocument.Parse(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
            questions.AddRange(dashboard.RootElement.GetProperty("panels").EnumerateArray()
                .SelectMany(panel => panel.GetProperty("targets").EnumerateArray()).Select(
                    target => target.GetProperty("expr").GetString()!));
        }

        var asked = questions.SelectMany(question => MetricInQuestion().Matches(Labels().Replace(question, ""))
            .Select(match => match.Value)).ToHashSet(StringComparer.Ordinal);
        Assert.True(asked.Count > 20, "The questions weren't understood.");
        Assert.DoesNotContain(asked, metric => !listed.Contains(metric) && !listed.Contains(HistogramPart().Replace(metric, "")));
    }

    private static async Task<string[]> AlertsAsync() =>
        [.. AlertInRules().Matches(await File.ReadAllTextAsync(Rules, TestContext.Current.CancellationToken))
            .Select(match => match.Groups[1].Value)];

    private static async Task PromtoolAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo(await Promtool.EnsureAsync(TestContext.Current.CancellationToken), arguments)
        {
            WorkingDirectory = Path.GetDirectoryName(Rules)!,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var promtool = Process.Start(start)!;
        var output = await Task.WhenAll(
            promtool.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken),
            promtool.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken));
        await promtool.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.True(promtool.ExitCode == 0, string.Join('\n', output));
    }

    [GeneratedRegex(@"^\s+- alert: (\w+)$", RegexOptions.Multiline)]
    private static partial Regex AlertInRules();

    [GeneratedRegex("severity: (page|ticket)$", RegexOptions.Multiline)]
    private static partial Regex Severity();

    [GeneratedRegex(@"^\s+expr: '(.*)'$", RegexOptions.Multiline)]
    private static partial Regex QuestionInRules();

    [GeneratedRegex(@"\| `(shop_\w+)` \|")]
    private static partial Regex MetricInDocs();

    [GeneratedRegex(@"\{[^}]*\}|by \([^)]*\)")]
    private static partial Regex Labels();

    [GeneratedRegex(@"\b(shop|http|dotnet|kestrel|aspnetcore|db|up)(_\w+)?\b(?!:)")]
    private static partial Regex MetricInQuestion();

    [GeneratedRegex("_(bucket|count|sum)$")]
    private static partial Regex HistogramPart();
}
