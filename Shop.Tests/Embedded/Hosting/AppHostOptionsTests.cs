using Shop.AppHost;

namespace Shop.Tests.Embedded.Hosting;

public sealed class AppHostOptionsTests
{
    [Fact]
    public void Without_arguments_there_is_one_of_each_on_the_usual_ports()
    {
        var options = Parse();

        Assert.Equal(1, options.Replicas("apiservice"));
        Assert.Equal(8080, options.Port("webfrontend", 8080));
        Assert.Empty(options.CatalogArguments);
        Assert.Empty(options.HostArguments);
    }

    [Fact]
    public void Several_replicas_and_ports_can_be_asked_for()
    {
        var options = Parse("--scale", "apiservice=3", "worker=2", "--port", "webfrontend=9080", "apiservice=9081", "--scale=webfrontend=16");

        Assert.Equal(3, options.Replicas("apiservice"));
        Assert.Equal(2, options.Replicas("worker"));
        Assert.Equal(16, options.Replicas("webfrontend"));
        Assert.Equal(9080, options.Port("webfrontend", 8080));
        Assert.Equal(9081, options.Port("apiservice", 8081));
    }

    [Fact]
    public void A_catalogue_is_passed_on_by_its_full_path()
    {
        using var folder = new TestFolder();
        File.WriteAllText(folder.File("my.csv"), "Handle\n");
        var relative = Path.GetRelativePath(Directory.GetCurrentDirectory(), folder.File("my.csv"));

        Assert.Equal(["--catalog", folder.File("my.csv")], Parse("--catalog", relative).CatalogArguments);
    }

    [Fact]
    public void Aspires_own_arguments_are_passed_on_and_reset_comes_last()
    {
        var options = Parse("--reset", "--publisher", "manifest", "--output-path", "m.json", "Parameters:x=1", "--Logging:Level=Debug", "--environment=Staging");

        Assert.Equal(
            ["--publisher", "manifest", "--output-path", "m.json", "Parameters:x=1", "--Logging:Level=Debug", "--environment=Staging", "--reset"],
            options.HostArguments);
    }

    [Fact]
    public void The_mail_folder_is_made()
    {
        using var folder = new TestFolder();

        var options = Parse("--mail", folder.File("post"));

        Assert.Equal(folder.File("post"), options.MailDirectory);
        Assert.True(Directory.Exists(options.MailDirectory));
    }

    [Theory]
    [InlineData("is not an option", "--bogus")]
    [InlineData("is not an option", "bogus")]
    [InlineData("is not an option", "--bogus=1")]
    [InlineData("NAME=NUMBER", "--scale")]
    [InlineData("NAME=NUMBER", "--scale", "3")]
    [InlineData("apiservice, webfrontend, worker", "--scale", "postgres=2")]
    [InlineData("from 1 to 16", "--scale", "worker=0")]
    [InlineData("from 1 to 16", "--scale", "worker=17")]
    [InlineData("from 1 to 16", "--scale", "worker=-1")]
    [InlineData("from 1 to 16", "--scale", "worker=1e9")]
    [InlineData("twice", "--scale", "worker=1", "worker=2")]
    [InlineData("from 1 to 65535", "--port", "webfrontend=65536")]
    [InlineData("webfrontend, apiservice", "--port", "worker=9000")]
    [InlineData("can't share", "--port", "webfrontend=9000", "apiservice=9000")]
    [InlineData("one file", "--catalog")]
    [InlineData("no catalogue file", "--catalog", "missing.csv")]
    [InlineData("needs a value", "--publisher")]
    [InlineData("dotnet run", "--help")]
    public void A_mistake_is_answered_with_what_is_allowed(string sentence, params string[] args)
    {
        Assert.False(AppHostOptions.TryParse(args, out _, out var answer));
        Assert.Contains(sentence, answer.Text, StringComparison.Ordinal);
    }

    private static AppHostOptions Parse(params string[] args)
    {
        Assert.True(AppHostOptions.TryParse(args, out var options, out var answer), answer?.Text);
        return options;
    }
}
