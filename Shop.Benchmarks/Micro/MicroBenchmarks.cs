using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Shop.Benchmarks.Scenarios;

namespace Shop.Benchmarks.Micro;

/// <summary>The pieces that the figures of the scenarios are made of, by BenchmarkDotNet.</summary>
internal static class MicroBenchmarks
{
    /// <returns>Whether all ran.</returns>
    public static bool Run(BenchmarkOptions options)
    {
        // In this process: a project that BenchmarkDotNet generated wouldn't know which engine this one was built with.
        var config = ManualConfig.Create(DefaultConfig.Instance)
            .AddJob(Job.ShortRun.WithToolchain(InProcessEmitToolchain.Instance))
            .WithArtifactsPath(Path.Combine(options.Output, "micro"));
        var summaries = BenchmarkRunner.Run([typeof(OrderBenchmarks), typeof(GroupCommitBenchmarks)], config);
        return summaries.All(summary => !summary.HasCriticalValidationErrors && summary.Reports.All(report => report.Success));
    }
}
