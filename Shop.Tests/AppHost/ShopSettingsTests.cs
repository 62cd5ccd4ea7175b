using Microsoft.Extensions.Configuration;
using Shop.AppHost;

namespace Shop.Tests.AppHost;

/// <summary>What can be asked of the AppHost, and what it answers to what can't.</summary>
[Trait("Category", "Unit")]
public sealed class ShopSettingsTests
{
    [Fact]
    public void Without_options_there_is_one_of_each_on_the_usual_ports_with_the_shipped_catalogue()
    {
        var settings = Of();

        Assert.Equal(1, settings.Replicas("apiservice"));
        Assert.Equal(8081, settings.Port("apiservice", 8081));
        Assert.Empty(settings.CatalogArguments);
        Assert.Empty(settings.Mistakes);
    }

    [Fact]
    public void Replicas_ports_a_catalogue_and_a_folder_for_e_mails_can_be_asked_for()
    {
        var folder = Directory.CreateTempSubdirectory("shop-tests-settings-");
        try
        {
            var catalogue = Path.Combine(folder.FullName, "mine.csv");
            File.WriteAllText(catalogue, "Handle");
            var mail = Path.Combine(folder.FullName, "mail");
            var settings = Of("--Replicas:worker=16", "--Ports:webfrontend=65535", $"--Catalog={catalogue}", $"--Mail={mail}");

            Assert.Equal(16, settings.Replicas("worker"));
            Assert.Equal(1, settings.Replicas("apiservice"));
            Assert.Equal(65535, settings.Port("webfrontend", 8080));
            Assert.Equal(["--catalog", catalogue], settings.CatalogArguments);
            Assert.Equal(mail, settings.MailFolder);
            Assert.True(Directory.Exists(mail));
            Assert.Empty(settings.Mistakes);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("--Replicas:worker=0", "--Replicas:worker needs a whole number from 1 to 16, not '0'.")]
    [InlineData("--Replicas:worker=17", "--Replicas:worker needs a whole number from 1 to 16, not '17'.")]
    [InlineData("--Replicas:worker=many", "--Replicas:worker needs a whole number from 1 to 16, not 'many'.")]
    [InlineData("--Replicas:worker=-1", "--Replicas:worker needs a whole number from 1 to 16, not '-1'.")]
    [InlineData("--Ports:webfrontend=65536", "--Ports:webfrontend needs a whole number from 1 to 65535, not '65536'.")]
    [InlineData("--Ports:webfrontend=8 080", "--Ports:webfrontend needs a whole number from 1 to 65535, not '8 080'.")]
    [InlineData("--Catalog=/no/such.csv", "There is no catalogue file '/no/such.csv'")]
    [InlineData("--Mail=/dev/null/mail", "The folder '/dev/null/mail' for e-mails can't be used")]
    [InlineData("--scale", "--scale is not an option: use --Replicas:apiservice=3.")]
    [InlineData("--port", "--port is not an option: use --Ports:webfrontend=9080.")]
    [InlineData("--catalog", "--catalog is not an option: use --Catalog=my-products.csv.")]
    [InlineData("--reset", "--reset is not an option: use the command \"Reset the data\"")]
    [InlineData("--help", "--help is not an option: use the options in README.md.")]
    public void A_mistake_is_a_sentence_with_what_is_allowed(string argument, string sentence)
    {
        var settings = Of(argument);

        _ = (settings.Replicas("worker"), settings.Port("webfrontend", 8080), settings.CatalogArguments, settings.MailFolder);

        Assert.StartsWith(sentence, Assert.Single(settings.Mistakes), StringComparison.Ordinal);
    }

    private static ShopSettings Of(params string[] arguments)
    {
        // An option without a value would take the next one's.
        var values = arguments.Where(argument => argument.Contains('=', StringComparison.Ordinal)).ToArray();
        return new ShopSettings(new ConfigurationBuilder().AddCommandLine(values).Build(), arguments);
    }
}
