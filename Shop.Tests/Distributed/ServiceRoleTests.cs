namespace Shop.Tests.Distributed;

/// <summary>What the services may do in the database, and what only whoever migrates may.</summary>
[Trait("Category", "Distributed")]
[Collection(RunningShopCollection.Name)]
public sealed class ServiceRoleTests(RunningShop shop)
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_services_come_as_a_role_of_their_own_that_is_no_superuser()
    {
        Assert.False(await shop.AskAsync<bool>(
            "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls FROM pg_roles WHERE rolname = 'shop'"));
        // Each of two replicas and the worker has some connections open at any time.
        Assert.True(await shop.AskAsync<long>("SELECT count(*) FROM pg_stat_activity WHERE usename = 'shop'") >= 3);
        await using var services = NpgsqlDataSource.Create((await shop.App.GetConnectionStringAsync("shopdb-role", Cancellation))!);
        Assert.Equal("shop", await services.CreateCommand("SELECT current_user").ExecuteScalarAsync(Cancellation));
    }

    [Theory]
    [InlineData("DROP TABLE ordering.orders")]
    [InlineData("TRUNCATE inventory.movements")]
    [InlineData("ALTER TABLE payments.payments ADD COLUMN stolen text")]
    [InlineData("CREATE TABLE ordering.mine (id int)")]
    [InlineData("CREATE SCHEMA mine")]
    [InlineData("ALTER TABLE inventory.stock DISABLE TRIGGER ALL")]
    [InlineData("CREATE ROLE friend SUPERUSER")]
    [InlineData("COPY ordering.orders TO PROGRAM 'cat'")]
    [InlineData("SELECT pg_read_file('/etc/passwd')")]
    [InlineData("""SELECT * FROM public."__EFMigrationsHistory" """)]
    public async Task It_changes_no_table_and_reaches_nothing_outside_the_database(string sql)
    {
        await using var services = NpgsqlDataSource.Create((await shop.App.GetConnectionStringAsync("shopdb-role", Cancellation))!);
        await using var command = services.CreateCommand(sql);
        var refused = await Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync(Cancellation));
        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refused.SqlState);
    }
}
