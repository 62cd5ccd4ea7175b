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

/// <summary>How long things last at the gate.</summary>
/// <param name="LevelLife">How long a level is believed: a stale one, whatever made it so, heals by then, and so often Postgres is asked
/// about what is sold out.</param>
/// <param name="LongestFlight">
/// How long anything that was begun may still have an effect: an order between its admission and its commit, a level
/// between its commit and the end of its number's life in Redis, a replica without news of a sale. No answer takes as long,
/// not even with <paramref name="LevelLife"/> on top.
/// </param>
public sealed record GateTimings(TimeSpan LevelLife, TimeSpan LongestFlight)
{
    public static GateTimings Default { get; } = new(TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(10));
}

/// <summary>
/// What the gate keeps in Redis, and the scripts that read and write it. For each sale a hash with its log of keys
/// (fields: 16 bytes each an idempotency key that was let through; <c>complete</c>, the run of Redis in which no such key
/// is missing; <c>since</c>, the run and the milliseconds at which the log was begun); for each of its SKUs a hash
/// with its level (<c>version</c>, and unless that is unknown <c>left</c>, until the millisecond <c>until</c>).
/// </summary>
/// <remarks>
/// Everything about the keys of a sale is one value, so that it is lost together. A Redis that was started anew may have
/// come back with old data: its run id, which no data outlives, makes such a log incomplete. The version of a level
/// outlives its number, so that nothing older that arrives late takes its place.
/// </remarks>
internal static class GateScripts
{
    /// <summary>
    /// Whether an order may pass, in one step. KEYS: the logs of its sales, then the levels of its SKUs.
    /// ARGV: the key, the number of logs, for each log when it ends (Unix seconds), for each level the pieces wanted.
    /// Returns the indexes (from 1) of the levels that are too low; none: it passes, and its key is remembered.
    /// </summary>
    public const string Admit = """
        local key, logs = ARGV[1], tonumber(ARGV[2])
        local refused = {}
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        for i = logs + 1, #KEYS do
          local level = redis.call('HMGET', KEYS[i], 'left', 'until')
          if level[1] and tonumber(level[2]) > now and tonumber(level[1]) < tonumber(ARGV[2 + i]) then refused[#refused + 1] = i - logs end
        end
        if #refused > 0 then
          local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
          for i = 1, logs do
            if redis.call('HEXISTS', KEYS[i], key) == 1 or redis.call('HGET', KEYS[i], 'complete') ~= run then refused = {} break end
          end
        end
        if #refused == 0 then
          for i = 1, logs do
            redis.call('HSET', KEYS[i], key, '')
            redis.call('EXPIREAT', KEYS[i], ARGV[2 + i])
          end
        end
        return refused
        """;

    /// <summary>
    /// Sets levels, each unless a newer one is known. KEYS: the levels. ARGV: how long their numbers and how long their
    /// versions live (milliseconds), for each its version and what is left, '' when unknown.
    /// </summary>
    public const string SetLevels = """
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        for i = 1, #KEYS do
          local version, left = ARGV[2 * i + 1], ARGV[2 * i + 2]
          local known = tonumber(redis.call('HGET', KEYS[i], 'version'))
          if not known or known <= tonumber(version) then
            if left == '' then
              redis.call('HSET', KEYS[i], 'version', version)
              redis.call('HDEL', KEYS[i], 'left', 'until')
            else
              redis.call('HSET', KEYS[i], 'version', version, 'left', left, 'until', string.format('%d', now + ARGV[1]))
            end
            redis.call('PEXPIRE', KEYS[i], ARGV[2])
          end
        end
        return #KEYS
        """;

    /// <summary>Remembers keys. KEYS: the log. ARGV: when it ends (Unix seconds), the keys.</summary>
    public const string Remember = """
        for i = 2, #ARGV do redis.call('HSET', KEYS[1], ARGV[i], '') end
        redis.call('EXPIREAT', KEYS[1], ARGV[1])
        return #ARGV - 1
        """;

    /// <summary>
    /// Begins a log that isn't there, or that another run of Redis began. KEYS: the log. ARGV: when it ends (Unix
    /// seconds). Returns nothing when it is complete, otherwise its beginning and how many milliseconds ago that was.
    /// </summary>
    public const string Begin = """
        local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
        if redis.call('HGET', KEYS[1], 'complete') == run then return {} end
        local time = redis.call('TIME')
        local now = time[1] * 1000 + math.floor(time[2] / 1000)
        local since = redis.call('HGET', KEYS[1], 'since')
        local begun = since and tonumber(string.match(since, '^' .. run .. ' (%d+)$'))
        if not begun then
          begun = now
          since = run .. ' ' .. string.format('%d', now)
          redis.call('HSET', KEYS[1], 'since', since)
          redis.call('EXPIREAT', KEYS[1], ARGV[1])
        end
        return {since, now - begun}
        """;

    /// <summary>Declares a log complete, if it is still the one that was begun then. KEYS: the log. ARGV: its beginning.</summary>
    public const string Complete = """
        local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
        if redis.call('HGET', KEYS[1], 'since') ~= ARGV[1] or string.sub(ARGV[1], 1, #run) ~= run then return 0 end
        redis.call('HSET', KEYS[1], 'complete', run)
        return 1
        """;

    /// <summary>How long a log outlives its sale: clocks differ a little.</summary>
    private static readonly TimeSpan Afterlife = TimeSpan.FromMinutes(1);

    public static RedisKey Log(Guid saleId) => $"sale:{saleId:N}:keys";

    public static RedisKey Level(Guid saleId, string sku) => $"sale:{saleId:N}:level:{sku}";

    public static RedisValue EndOfLog(DateTimeOffset saleEndsAt) => (saleEndsAt + Afterlife).ToUnixTimeSeconds();

    public static RedisValue Value(Guid key) => key.ToByteArray();
}
