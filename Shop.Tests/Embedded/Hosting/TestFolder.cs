namespace Shop.Tests.Embedded.Hosting;

/// <summary>A temporary folder that goes with the test.</summary>
internal sealed class TestFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("shop-engine-test-").FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public string[] Lines(string name)
    {
        var path = File(name);
        return System.IO.File.Exists(path) ? System.IO.File.ReadAllLines(path) : [];
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
