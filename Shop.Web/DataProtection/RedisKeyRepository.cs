using System.Collections.Concurrent;
using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using StackExchange.Redis;

namespace Shop.Web.DataProtection;

/// <summary>
/// Keeps the key ring in one Redis hash, a field a key. What was ever seen is remembered: while Redis is away the ring is
/// served from memory, and when it is back (perhaps empty) everything known is written again and the other replicas are told.
/// </summary>
public sealed class RedisKeyRepository : IXmlRepository
{
    private static readonly RedisKey Hash = "shop:web:data-protection-keys";
    private static readonly RedisChannel Changes = RedisChannel.Literal("shop:web:data-protection-keys-changed");
    private readonly ConcurrentDictionary<string, string> _known = new(StringComparer.Ordinal);
    private readonly IConnectionMultiplexer _redis;
    private readonly ILogger<RedisKeyRepository> _logger;
    private volatile bool _listening;

    public RedisKeyRepository(IConnectionMultiplexer redis, ILogger<RedisKeyRepository> logger)
    {
        _redis = redis;
        _logger = logger;
        redis.ConnectionRestored += (_, restored) =>
        {
            Listen();
            if (restored.ConnectionType != ConnectionType.Interactive) return;
            WriteWhatIsKnown();
            // Others may have written meanwhile, unheard.
            Changed?.Invoke(this, EventArgs.Empty);
        };
        Listen();
    }

    /// <summary>Another replica, or this one, has written a key.</summary>
    public event EventHandler? Changed;

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        Listen();
        Try("reading", () =>
        {
            foreach (var entry in _redis.GetDatabase().HashGetAll(Hash)) _known[entry.Name.ToString()] = entry.Value.ToString();
        });
        return [.. _known.Values.Select(XElement.Parse)];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        _known[friendlyName] = element.ToString(SaveOptions.DisableFormatting);
        WriteWhatIsKnown();
    }

    private void Listen() => Try("listening for", () =>
    {
        if (_listening) return;
        _redis.GetSubscriber().Subscribe(Changes, (_, _) => Changed?.Invoke(this, EventArgs.Empty));
        _listening = true;
    });

    private void WriteWhatIsKnown() => Try("writing", () =>
    {
        var database = _redis.GetDatabase();
        var news = false;
        foreach (var (name, xml) in _known) news |= database.HashSet(Hash, name, xml, When.NotExists);
        if (news) _redis.GetSubscriber().Publish(Changes, RedisValue.EmptyString);
    });

    private void Try(string what, Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            _logger.KeysStayInMemory(what, exception.Message);
        }
    }
}
