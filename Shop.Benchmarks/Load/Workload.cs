namespace Shop.Benchmarks.Load;

/// <summary>What is asked for, and how often relative to the others.</summary>
/// <param name="Requests">Picked from with equal chance.</param>
/// <param name="Weight">Of all shares.</param>
public sealed record WorkloadShare(double Weight, params RequestTemplate[] Requests);

/// <summary>A mix of requests.</summary>
public sealed class Workload(params WorkloadShare[] shares)
{
    private readonly double _total = shares.Sum(share => share.Weight);

    public static Workload Of(params RequestTemplate[] requests) => new(new WorkloadShare(1, requests));

    internal RequestTemplate Next(Random random)
    {
        var point = shares.Length == 1 ? 0 : random.NextDouble() * _total;
        foreach (var share in shares)
        {
            if (point < share.Weight)
                return share.Requests[random.Next(share.Requests.Length)];
            point -= share.Weight;
        }

        return shares[^1].Requests[0];
    }
}
