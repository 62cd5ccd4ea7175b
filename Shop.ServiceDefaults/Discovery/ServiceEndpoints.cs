namespace Shop.ServiceDefaults.Discovery;

/// <summary>The endpoints of one service, taken in turn; one that failed is left out for a few seconds.</summary>
internal sealed class ServiceEndpoints(ServiceEndpoint[] endpoints, TimeProvider time)
{
    private static readonly TimeSpan SkipDuration = TimeSpan.FromSeconds(5);
    private int _next = -1;

    public int Count => endpoints.Length;

    /// <summary>The next in turn that hasn't failed lately; when all have, the next in turn.</summary>
    public ServiceEndpoint Next()
    {
        var turn = (uint)Interlocked.Increment(ref _next);
        for (uint i = 0; i < endpoints.Length; i++)
        {
            var endpoint = endpoints[(turn + i) % endpoints.Length];
            if (endpoint.FailedAt is 0 || time.GetElapsedTime(endpoint.FailedAt) >= SkipDuration) return endpoint;
        }

        return endpoints[turn % endpoints.Length];
    }

    public void Failed(ServiceEndpoint endpoint) => endpoint.FailedAt = time.GetTimestamp();

    public static void Answered(ServiceEndpoint endpoint)
    {
        if (endpoint.FailedAt is not 0) endpoint.FailedAt = 0;
    }
}
