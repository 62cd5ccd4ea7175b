using System.Reflection;
using Microsoft.Extensions.Hosting;

namespace Embedded.Hosting;

/// <summary>Present while a test runs the AppHost's entry point: its builder goes to the test instead of being built and run.</summary>
internal sealed class TestingContext
{
    private static readonly AsyncLocal<TestingContext?> Flowing = new();

    /// <summary>Of the present flow of control, so that several tests may run AppHosts side by side.</summary>
    public static TestingContext? Current
    {
        get => Flowing.Value;
        set => Flowing.Value = value;
    }

    public Assembly? AppHostAssembly { get; init; }

    public Action<DistributedApplicationOptions, HostApplicationBuilderSettings>? ConfigureBuilder { get; init; }

    /// <summary>Gets the AppHost's builder when it is about to be built; null when the test itself builds.</summary>
    public TaskCompletionSource<DistributedApplicationBuilder>? HandOver { get; init; }
}
