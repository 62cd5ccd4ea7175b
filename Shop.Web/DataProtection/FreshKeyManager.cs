using Microsoft.AspNetCore.DataProtection.Internal;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;

namespace Shop.Web.DataProtection;

/// <summary>
/// The framework's key manager, which after its first minute looks for other replicas' keys once a day only: too seldom for
/// replicas that each made a key because they started together, or while Redis was away. Here the keys are read anew
/// every <see cref="RereadEvery"/>, beside the requests, which go on with those of before.
/// </summary>
public sealed class FreshKeyManager(IOptions<KeyManagementOptions> options, IActivator activator, ILoggerFactory loggers, TimeProvider time)
    : IKeyManager
{
    /// <summary>One small question to Redis by each replica that is asked for forms.</summary>
    public static readonly TimeSpan RereadEvery = TimeSpan.FromSeconds(15);

    private readonly XmlKeyManager _inner = new(options, activator, loggers);

    public IKey CreateNewKey(DateTimeOffset activationDate, DateTimeOffset expirationDate) =>
        _inner.CreateNewKey(activationDate, expirationDate);

    public IReadOnlyCollection<IKey> GetAllKeys() => _inner.GetAllKeys();

    public CancellationToken GetCacheExpirationToken() => new CancellationTokenSource(RereadEvery, time).Token;

    public void RevokeAllKeys(DateTimeOffset revocationDate, string? reason = null) => _inner.RevokeAllKeys(revocationDate, reason);

    public void RevokeKey(Guid keyId, string? reason = null) => _inner.RevokeKey(keyId, reason);
}
