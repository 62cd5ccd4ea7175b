namespace Shop.Tests.Catalog;

/// <summary><c>Shop.Worker migrate</c> as a shop owner meets it, on a database of its own.</summary>
[Trait("Category", "Servers")]
public sealed class CatalogImportTests(RunningServers servers) : IAsyncLifetime
{
    private const string Header =
        "Handle,Title,Body (HTML),Vendor,Type,Option1 Name,Option1 Value,Variant SKU,Variant Inventory Qty,Variant Price";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("shop-tests-import-");
    private string _connectionString = "";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _connectionString = await servers.CreateDatabaseAsync();

    public async ValueTask DisposeAsync()
    {
        await servers.DropAsync(_connectionString);
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Importing_twice_changes_nothing_and_a_changed_file_changes_what_it_says()
    {
        var file = await FileAsync(
            "mug,Camp Mug,<p>Tea.</p>,Tarn,Kitchen,Title,Default Title,MUG,25,12.50",
            "pot,Pot,,Tarn,Kitchen,Title,Default Title,POT,5,30.00");
        var first = await MigrateAsync("--catalog", file);
        var stored = await ContentAsync();

        var second = await MigrateAsync("--catalog", file);

        Assert.Contains("2 products added, 0 changed, 0 unchanged", first, StringComparison.Ordinal);
        Assert.Contains("0 products added, 0 changed, 2 unchanged", second, StringComparison.Ordinal);
        Assert.Equal(stored, await ContentAsync());

        await File.WriteAllLinesAsync(
            file,
            [Header, "mug,Camp Mug,<p>Tea.</p>,Tarn,Kitchen,Title,Default Title,MUG,999,14.00",
                "pot,Pot,,Tarn,Kitchen,Title,Default Title,POT,5,30.00"],
            Cancellation);
        var third = await MigrateAsync("--catalog", file);

        Assert.Contains("0 products added, 1 changed, 1 unchanged", third, StringComparison.Ordinal);
        Assert.Equal(1400L, await AskAsync<long>("SELECT price_minor FROM catalog.variants WHERE sku = 'MUG'"));
        // Stock has been sold from meanwhile: a file never overwrites it.
        Assert.Equal(25, await AskAsync<int>("SELECT on_hand FROM inventory.stock WHERE sku = 'MUG'"));
    }

    [Fact]
    public async Task A_file_with_faults_loads_its_good_rows_and_names_the_others()
    {
        var file = await FileAsync(
            "mug,Camp Mug,<p>Tea.</p>,Tarn,Kitchen,Title,Default Title,MUG,25,12.50",
            "bad,Bad,,Tarn,Kitchen,Title,Default Title,BAD,1,cheap",
            "broken,\"Broken \"quote,,Tarn,Kitchen,Title,Default Title,BROKEN,1,5.00",
            "pot,Pot,,Tarn,Kitchen,Title,Default Title,POT,5,30.00");

        var said = await MigrateAsync("--catalog", file);

        Assert.Contains("products.csv line 3: the price 'cheap'", said, StringComparison.Ordinal);
        Assert.Contains("products.csv line 4: ", said, StringComparison.Ordinal);
        Assert.Contains("2 products added, 0 changed, 0 unchanged, 2 rows left out", said, StringComparison.Ordinal);
        Assert.Equal(
            ["mug", "pot"], (await AskAsync<string[]>("SELECT array_agg(slug ORDER BY slug) FROM catalog.products")).AsEnumerable());
    }

    [Fact]
    public async Task The_own_catalogue_is_loaded_when_no_file_is_named()
    {
        var said = await MigrateAsync();

        Assert.Contains("Catalogue products.csv: ", said, StringComparison.Ordinal);
        Assert.True(await AskAsync<long>("SELECT count(*) FROM catalog.products WHERE published") >= 120);
    }

    [Theory]
    [InlineData("", "empty")]
    [InlineData("Name,Price\nMug,5", "'Handle'")]
    public async Task A_file_that_is_no_catalogue_is_refused_in_a_sentence(string text, string expected)
    {
        var file = Path.Combine(_folder.FullName, "products.csv");
        await File.WriteAllTextAsync(file, text, Cancellation);

        var (exitCode, said) = await RunAsync("migrate", "--catalog", file);

        Assert.Equal(1, exitCode);
        Assert.Contains(expected, said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named()
    {
        var (exitCode, said) = await RunAsync("migrate", "--catalog", "/no/such/file.csv");

        Assert.Equal(1, exitCode);
        Assert.Contains("/no/such/file.csv", said, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", said, StringComparison.Ordinal);
    }

    private async Task<string> FileAsync(params string[] rows)
    {
        var file = Path.Combine(_folder.FullName, "products.csv");
        await File.WriteAllLinesAsync(file, [Header, .. rows], Cancellation);
        return file;
    }

    /// <summary>A run that must succeed.</summary>
    private async Task<string> MigrateAsync(params string[] arguments)
    {
        var (exitCode, said) = await RunAsync(["migrate", .. arguments]);
        Assert.True(exitCode == 0, said);
        return said;
    }

    private Task<(int ExitCode, string Said)> RunAsync(params string[] arguments) => WorkerProgram.RunAsync(_connectionString, arguments);

    /// <summary>All that an import writes, as one text.</summary>
    private Task<string> ContentAsync() => AskAsync<string>("""
        SELECT (SELECT string_agg(p::text, E'\n' ORDER BY id) FROM catalog.products p)
            || (SELECT string_agg(v::text, E'\n' ORDER BY sku) FROM catalog.variants v)
            || (SELECT string_agg(s::text, E'\n' ORDER BY sku) FROM inventory.stock s)
            || (SELECT string_agg(m::text, E'\n' ORDER BY id) FROM inventory.movements m)
        """);

    private async Task<T> AskAsync<T>(string sql)
    {
        await using var database = NpgsqlDataSource.Create(_connectionString);
        await using var command = database.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync(Cancellation))!;
    }
}
