using System.Security.Cryptography;
using System.Xml.Linq;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.DataProtection.Repositories;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Shop.Web.DataProtection;
using StackExchange.Redis;

namespace Shop.Tests.DataProtection;

/// <summary>A form that one replica of the storefront has served is accepted by the others, and pages don't need Redis.</summary>
[Trait("Category", "Unit")]
public sealed class SharedDataProtectionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Store _redis = new();
    private readonly FakeTimeProvider _time = new();

    [Fact]
    public async Task Replicas_that_each_made_a_key_trust_each_other_soon()
    {
        await using var one = Replica();
        await using var other = Replica();
        _redis.IsAway = true;
        var (first, second) = (Protect(one), Protect(other));
        Assert.Throws<CryptographicException>(() => Unprotect(one, second));
        _redis.IsAway = false;

        _time.Advance(FreshKeyManager.RereadEvery);
        await TrustsAsync(one, first);
        _time.Advance(FreshKeyManager.RereadEvery);

        await TrustsAsync(other, first);
        _time.Advance(FreshKeyManager.RereadEvery);
        await TrustsAsync(one, second);
    }

    [Fact]
    public async Task What_Redis_has_lost_is_written_to_it_again_though_more_than_one_does_so()
    {
        await using var one = Replica();
        var form = Protect(one);
        await using var other = Replica();
        await TrustsAsync(other, form);
        _redis.Elements.Clear();

        foreach (var replica in new[] { one, other, one })
        {
            _time.Advance(FreshKeyManager.RereadEvery);
            await Eventually.SeesAsync(
                Patience, () => Task.FromResult(Written(replica)), written => written > 0, "the key is in Redis again");
        }

        // As after two replicas wrote at the same moment.
        _redis.Elements.AddRange(_redis.Elements.ToArray());
        await using var late = Replica();
        Assert.Equal("form", Unprotect(late, form));

        int Written(ServiceProvider replica)
        {
            Protect(replica);
            return _redis.Elements.Count;
        }
    }

    [Fact]
    public async Task Without_Redis_the_storefront_protects_its_forms_all_the_same()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:cache", "127.0.0.1:1,connectTimeout=200,connectRetry=0")]);
        builder.AddSharedDataProtection();
        await using var app = builder.Build();

        Assert.Equal("form", Unprotect(app.Services, Protect(app.Services)));
    }

    private static string Protect(IServiceProvider replica) => Protector(replica).Protect("form");

    private static string Unprotect(IServiceProvider replica, string form) => Protector(replica).Unprotect(form);

    private static IDataProtector Protector(IServiceProvider replica) =>
        replica.GetRequiredService<IDataProtectionProvider>().CreateProtector("test");

    /// <summary>The keys are read beside the requests, so the first one after it may still fail.</summary>
    private static Task TrustsAsync(IServiceProvider replica, string form) => Eventually.SeesAsync(Patience, () =>
    {
        try
        {
            return Task.FromResult(Unprotect(replica, form));
        }
        catch (CryptographicException)
        {
            return Task.FromResult("");
        }
    }, text => text == "form", "the form is accepted");

    private ServiceProvider Replica()
    {
        var services = new ServiceCollection();
        services.AddLogging();
        services.AddDataProtection().SetApplicationName("shop-web");
        services.Configure<KeyManagementOptions>(
            options => options.XmlRepository = new RememberedKeys(_redis, NullLogger<RememberedKeys>.Instance));
        services.AddSingleton<TimeProvider>(_time);
        services.AddSingleton<IKeyManager, FreshKeyManager>();
        return services.BuildServiceProvider();
    }

    /// <summary>Fails as the store in Redis does, and keeps twice what is written twice.</summary>
    private sealed class Store : IXmlRepository
    {
        public List<XElement> Elements { get; } = [];

        public bool IsAway { get; set; }

        public IReadOnlyCollection<XElement> GetAllElements()
        {
            FailWhileAway();
            lock (Elements)
                return [.. Elements.Select(element => new XElement(element))];
        }

        public void StoreElement(XElement element, string friendlyName)
        {
            FailWhileAway();
            lock (Elements)
                Elements.Add(new XElement(element));
        }

        private void FailWhileAway()
        {
            if (IsAway)
                throw new RedisConnectionException(ConnectionFailureType.UnableToConnect, "It is away.");
        }
    }
}
