using System.Xml.Linq;
using Microsoft.AspNetCore.DataProtection.Repositories;
using StackExchange.Redis;

namespace Shop.Web.DataProtection;

/// <summary>
/// Remembers what was ever read from or written to the keys' store in Redis, which by itself fails while Redis is away, and
/// every page with it that holds a form. While it is away the keys come from memory; when it is back, perhaps empty, those it
/// doesn't have are written to it at the next reading.
/// </summary>
public sealed class RememberedKeys(IXmlRepository store, ILogger<RememberedKeys> logger) : IXmlRepository
{
    /// <summary>By their text: one that two replicas wrote after a loss lies in Redis twice, and is taken once.</summary>
    private readonly ConcurrentDictionary<string, XElement> _known = new(StringComparer.Ordinal);

    public IReadOnlyCollection<XElement> GetAllElements()
    {
        Try("reading", () =>
        {
            var stored = new HashSet<string>(StringComparer.Ordinal);
            foreach (var element in store.GetAllElements())
            {
                stored.Add(Text(element));
                _known.TryAdd(Text(element), element);
            }

            foreach (var (text, element) in _known)
            {
                if (!stored.Contains(text))
                    store.StoreElement(element, "");
            }
        });
        return [.. _known.Values];
    }

    public void StoreElement(XElement element, string friendlyName)
    {
        _known.TryAdd(Text(element), element);
        Try("writing", () => store.StoreElement(element, friendlyName));
    }

    private static string Text(XElement element) => element.ToString(SaveOptions.DisableFormatting);

    private void Try(string what, Action action)
    {
        try
        {
            action();
        }
        catch (Exception exception) when (exception is RedisException or TimeoutException)
        {
            logger.KeysStayInMemory(what, exception.Message);
        }
    }
}
