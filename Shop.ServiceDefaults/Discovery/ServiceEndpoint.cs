namespace Shop.ServiceDefaults.Discovery;

/// <summary>One place where a service answers.</summary>
internal sealed class ServiceEndpoint(Uri address)
{
    private long _failedAt;

    public Uri Address { get; } = address;

    /// <summary>Timestamp of the last failure since the last success; 0 when there is none.</summary>
    public long FailedAt
    {
        get => Interlocked.Read(ref _failedAt);
        set => Interlocked.Exchange(ref _failedAt, value);
    }

    /// <summary>The same request at this endpoint.</summary>
    public Uri Rebase(Uri request) => new UriBuilder(request) { Scheme = Address.Scheme, Host = Address.Host, Port = Address.Port }.Uri;
}
