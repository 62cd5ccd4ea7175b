namespace Shop.Tests.Embedded.Hosting;

public sealed class ApplicationDataTests
{
    [Fact]
    public void A_secret_is_kept_and_readable_by_the_user_alone()
    {
        using var data = ApplicationData.Temporary("secrets-test");

        Assert.Equal("first", data.GetOrCreateSecret("key", () => "first"));
        Assert.Equal("first", data.GetOrCreateSecret("key", () => "second"));

        var file = Path.Combine(data.RootDirectory, "secrets.json");
        Assert.Contains("first", File.ReadAllText(file), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows()) Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public void A_tests_folder_is_gone_afterwards()
    {
        var data = ApplicationData.Temporary("gone-test");
        data.Open();
        data.Prepare(_ => { });
        Assert.True(Directory.Exists(data.LogDirectory));

        data.Dispose();

        Assert.False(Directory.Exists(data.RootDirectory));
    }

    [Fact]
    public void A_log_is_bounded_and_remembers_its_last_lines()
    {
        using var folder = new TestFolder();
        using var log = new ResourceLog(folder.File("service.log"), announcement => Assert.Fail(announcement));
        var line = new string('x', 100_000);

        for (var i = 0; i < 250; i++)
            log.Write(line);

        log.Write("last words");

        Assert.InRange(Directory.EnumerateFiles(folder.Path).Sum(file => new FileInfo(file).Length), 10_000_000, 22_000_000);
        Assert.Contains("    last words", log.Explain("It failed."), StringComparison.Ordinal);
    }
}
