using Microsoft.Extensions.Logging;
using StackExchange.Redis;

namespace Shop.Infrastructure.Promotions;

/// <summary>
/// The gate's way to Redis. Nobody waits long on it, and after a failure nobody asks for a moment: a Redis that is down costs nothing.
/// </summary>
public sealed class RedisGate(IConnectionMultiplexer redis, GateTimings times, TimeProvider time, ILogger<RedisGate> logger)
{
    /// <summary>Far beyond what Redis takes, and short enough for a customer to wait once.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(250);

    /// <summary>A timestamp of the clock; 0 while all is well.</summary>
    private long _failedAt;

    /// <summary>
    /// Whether Redis failed so lately that it isn't asked. As long as a level lives: what was missed meanwhile is forgotten there too.
    /// </summary>
    public bool IsPaused => Volatile.Read(ref _failedAt) is var failedAt and not 0 && time.GetElapsedTime(failedAt) < times.LevelLife;

    /// <summary>Runs a script.</summary>
    /// <returns>Null when Redis doesn't answer; then it isn't known whether the script ran, or will.</returns>
    internal async Task<RedisResult?> TryAsync(string script, RedisKey[] keys, RedisValue[] values)
    {
        try
        {
            return await redis.GetDatabase().ScriptEvaluateAsync(script, keys, values).WaitAsync(Patience, time);
        }
        catch (Exception failure) when (failure is RedisException or TimeoutException)
        {
            PromotionsTelemetry.Failures.Add(1);
            if (!IsPaused)
                logger.GateOpen(failure.Message);
            Volatile.Write(ref _failedAt, time.GetTimestamp());
            return null;
        }
    }

    /// <summary>Sends a script without waiting for it; it may get lost.</summary>
    internal void Send(string script, RedisKey[] keys, RedisValue[] values)
    {
        try
        {
            redis.GetDatabase().ScriptEvaluate(script, keys, values, CommandFlags.FireAndForget);
        }
        catch (RedisException)
        {
            // Not connected: the pause is about just that, and has been logged.
        }
    }
}
