using Shop.Infrastructure.Promotions;
using StackExchange.Redis;

namespace Shop.Tests.Promotions;

/// <summary>
/// Orders, refusals, releases, crashes and late messages in any order, against a model of Postgres. The rule: at the
/// moment the gate's script refuses so many pieces, Postgres has fewer.
/// </summary>
[Trait("Category", "Servers")]
public sealed class GateInterleavingTests(RunningServers servers)
{
    private enum Step
    {
        /// <summary>An order is committed; its level is on its way.</summary>
        Sell,

        /// <summary>An order is refused with the stock locked; the level is on its way.</summary>
        Refuse,

        /// <summary>A release has locked the stock and opens the gate.</summary>
        Open,
        CommitRelease,
        CrashBeforeCommit,

        /// <summary>One of the levels on their way arrives, not necessarily the oldest.</summary>
        Arrive,
        GetLost,

        /// <summary>The number of the level has had its time.</summary>
        Forget,
        LoseMemory,

        /// <summary>The time has passed after which nothing is on its way any more and no number from before is believed.</summary>
        Settle,
        Ask,
    }

    [Fact]
    public async Task In_whatever_order_things_happen_the_gate_refuses_only_what_Postgres_would()
    {
        await using var bench = await GateBench.OpenAsync(servers);
        // Asking is what it is about, and levels that arrive are what it can be wrong by.
        var steps = Gen.Frequency(
            (4, Gen.Elements(Step.Sell, Step.Refuse, Step.Open, Step.CommitRelease, Step.CommitRelease)),
            (3, Gen.Constant(Step.Arrive)),
            (3, Gen.Constant(Step.Ask)),
            (1, Gen.Elements(Step.CrashBeforeCommit, Step.GetLost, Step.Forget, Step.LoseMemory, Step.Settle, Step.Settle)));
        var histories = steps.SelectMany(_ => Gen.Choose(0, 5), (step, pieces) => (Step: step, Pieces: pieces)).ListOf().ToArbitrary();
        var refusals = 0;

        Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(400).WithEndSize(80),
            Prop.ForAll(histories, async history => refusals += await RunAsync(bench, history)));

        // Otherwise all of this would say nothing.
        Assert.True(refusals > 100, $"Only {refusals} were refused.");
    }

    /// <returns>How many were refused, all of them rightly.</returns>
    private static async Task<int> RunAsync(GateBench bench, IEnumerable<(Step Step, int Pieces)> history)
    {
        const int mostLeft = 4;
        bench.Know();
        await bench.RebuildAsync();
        var redis = bench.Redis.GetDatabase();
        RedisKey levelKey = $"sale:{bench.SaleId:N}:level:{GateBench.Sku}";
        var (version, left, refusals) = (1L, mostLeft, 0);
        GateLevel? opened = null;
        var onTheirWay = new List<GateLevel>();
        foreach (var (step, pieces) in history)
        {
            switch (step)
            {
                case Step.Sell when opened is null && pieces > 0 && pieces <= left:
                    (version, left) = (version + 1, left - pieces);
                    onTheirWay.Add(Level(version, left));
                    break;
                case Step.Refuse when opened is null:
                    onTheirWay.Add(Level(version, left));
                    break;
                case Step.Open when opened is null:
                    opened = Level(version + 1, Math.Min(left + pieces, mostLeft));
                    await bench.Levels.InvalidateAsync([opened]);
                    break;
                case Step.CommitRelease when opened is not null:
                    (version, left) = (opened.Version, opened.Left);
                    onTheirWay.Add(opened);
                    opened = null;
                    break;
                case Step.CrashBeforeCommit:
                    opened = null;
                    break;
                case Step.Arrive when onTheirWay.Count > 0:
                    await bench.Levels.PublishAsync([Take(pieces)], []);
                    break;
                case Step.GetLost when onTheirWay.Count > 0:
                    Take(pieces);
                    break;
                case Step.Forget:
                    await ForgetNumberAsync();
                    break;
                case Step.LoseMemory:
                    await redis.KeyDeleteAsync([levelKey, bench.LogKey]);
                    break;
                // An opening is not on its way: it is awaited before the commit.
                case Step.Settle when opened is null:
                    onTheirWay.Clear();
                    await ForgetNumberAsync();
                    await bench.RebuildAsync();
                    break;
                case Step.Ask:
                    if (await bench.AskAsync(Math.Max(pieces, 1)) is { Count: > 0 })
                    {
                        refusals++;
                        Assert.True(Math.Max(pieces, 1) > left,
                            $"{Math.Max(pieces, 1)} were refused, though {left} are left at version {version}.");
                    }

                    break;
            }
        }

        return refusals;

        Task ForgetNumberAsync() => redis.HashDeleteAsync(levelKey, ["left", "until"]);

        GateLevel Level(long levelVersion, int levelLeft) => new(bench.SaleId, GateBench.Sku, levelVersion, levelLeft);

        GateLevel Take(int index)
        {
            var taken = onTheirWay[index % onTheirWay.Count];
            onTheirWay.Remove(taken);
            return taken;
        }
    }
}
