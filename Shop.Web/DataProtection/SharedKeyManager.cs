using Microsoft.AspNetCore.DataProtection.Internal;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;

namespace Shop.Web.DataProtection;

/// <summary>
/// The framework's key manager, which otherwise looks for other replicas' keys once a day only: here the ring is read anew
/// as soon as any replica has written a key, so that replicas that start together trust each other at once.
/// </summary>
public sealed class SharedKeyManager : IKeyManager, IDisposable
{
    private readonly XmlKeyManager _inner;
    private readonly RedisKeyRepository _repository;
    private CancellationTokenSource _changed = new();

    public SharedKeyManager(IOptions<KeyManagementOptions> options, IActivator activator, ILoggerFactory loggers, RedisKeyRepository repository)
    {
        _inner = new XmlKeyManager(options, activator, loggers);
        _repository = repository;
        _repository.Changed += OnChanged;
    }

    public IKey CreateNewKey(DateTimeOffset activationDate, DateTimeOffset expirationDate) => _inner.CreateNewKey(activationDate, expirationDate);

    public IReadOnlyCollection<IKey> GetAllKeys() => _inner.GetAllKeys();

    public CancellationToken GetCacheExpirationToken() =>
        // Linked sources live as long as the ring they expire: one a day, or one a change.
        CancellationTokenSource.CreateLinkedTokenSource(_inner.GetCacheExpirationToken(), Volatile.Read(ref _changed).Token).Token;

    public void RevokeAllKeys(DateTimeOffset revocationDate, string? reason = null) => _inner.RevokeAllKeys(revocationDate, reason);

    public void RevokeKey(Guid keyId, string? reason = null) => _inner.RevokeKey(keyId, reason);

    public void Dispose()
    {
        _repository.Changed -= OnChanged;
        _changed.Dispose();
    }

    private void OnChanged(object? sender, EventArgs e) => Interlocked.Exchange(ref _changed, new CancellationTokenSource()).Cancel();
}
