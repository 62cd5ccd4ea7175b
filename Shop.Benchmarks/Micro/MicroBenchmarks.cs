using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Shop.Benchmarks.Scenarios;

namespace Shop.Benchmarks.Micro;

/// <summary>The pieces that the figures of the scenarios are made of, by BenchmarkDotNet.</summary>
internal static class MicroBenchmarks
{
    private const string MarkdownSuffix = "-report-github.md";

    /// <returns>Whether all ran.</returns>
    public static bool Run(BenchmarkOptions options)
    {
        var artifacts = Directory.CreateTempSubdirectory("shop-benchmarks-");
        try
        {
            // In this process: a project that BenchmarkDotNet generated wouldn't know which engine this one was built with.
            var config = ManualConfig.Create(DefaultConfig.Instance)
                .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
                .WithArtifactsPath(artifacts.FullName);
            var summaries = BenchmarkRunner.Run([typeof(OrderBenchmarks), typeof(GroupCommitBenchmarks)], config);
            // Only the tables are worth keeping.
            Directory.CreateDirectory(options.Output);
            foreach (var table in artifacts.EnumerateFiles($"*{MarkdownSuffix}", SearchOption.AllDirectories))
            {
                var name = table.Name.Replace(MarkdownSuffix, ".md", StringComparison.Ordinal).Split('.')[^2];
                table.CopyTo(Path.Combine(options.Output, $"micro-{name}.md"), overwrite: true);
            }
            return summaries.All(summary => !summary.HasCriticalValidationErrors && summary.Reports.All(report => report.Success));
        }
        finally
        {
            artifacts.Delete(recursive: true);
        }
    }
}
