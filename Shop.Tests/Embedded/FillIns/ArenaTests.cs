using Pipelines.Sockets.Unofficial.Arenas;

namespace Shop.Tests.Embedded.FillIns;

public sealed class ArenaTests
{
    private readonly record struct Node(string? Name, Sequence Children);

    [Fact]
    public void Runs_are_zeroed_and_do_not_overlap_across_blocks_and_resets()
    {
        using var arena = new Arena<int>(new ArenaOptions(ArenaFlags.None, blockSizeBytes: 64 * sizeof(int)));

        for (var round = 0; round < 3; round++)
        {
            var runs = Enumerable.Range(1, 40).Select(length => arena.Allocate(length * 5)).ToArray();
            for (var i = 0; i < runs.Length; i++)
            {
                Assert.All(runs[i].FirstSpan.ToArray(), element => Assert.Equal(0, element));
                runs[i].FirstSpan.Fill(i + 1);
            }

            for (var i = 0; i < runs.Length; i++)
            {
                Assert.Equal((i + 1) * 5, runs[i].Length);
                Assert.All(runs[i].FirstSpan.ToArray(), element => Assert.Equal(i + 1, element));
            }

            arena.Reset();
        }
    }

    [Fact]
    public void A_reset_lets_go_of_what_the_elements_held()
    {
        using var arena = new Arena<object>(null);
        var run = arena.Allocate(3);
        run[1] = new object();

        arena.Reset();

        Assert.Null(run[1]);
    }

    [Fact]
    public void A_disposed_arena_gives_nothing()
    {
        var arena = new Arena<int>(null);
        arena.Dispose();

        Assert.Throws<ObjectDisposedException>(() => arena.Allocate(1));
    }

    [Fact]
    public void An_element_may_hold_a_run_of_its_own_type()
    {
        using var arena = new Arena<Node>(null);
        var children = arena.Allocate(2);
        children[0] = new Node("first", default);
        children[1] = new Node("second", default);
        var root = arena.Allocate(1);
        root[0] = new Node("root", children.Untyped());

        Assert.Equal(2, root[0].Children.Length);
        Assert.Equal(["first", "second"], root[0].Children.Cast<Node>().ToArray((in Node node) => node.Name!));
        Assert.True(children[0].Children.Cast<Node>().IsEmpty);
        Assert.Throws<InvalidCastException>(() => root[0].Children.Cast<string>());
    }

    [Fact]
    public void Every_way_to_walk_a_run_sees_the_same_elements()
    {
        using var arena = new Arena<int>(null);
        arena.Allocate(7);
        var run = arena.Allocate(5);
        for (var i = 0; i < run.Length; i++)
            run[i] = i * i;

        var walked = new List<int>();
        foreach (ref var element in run)
            walked.Add(element);

        var next = new List<int>();
        var enumerator = run.GetEnumerator();
        for (var i = 0; i < run.Length; i++)
            next.Add(enumerator.GetNext());

        var spans = new List<int>();
        foreach (var span in run.Spans)
            spans.AddRange(span);

        int[] expected = [0, 1, 4, 9, 16];
        Assert.Equal(expected, walked);
        Assert.Equal(expected, next);
        Assert.Equal(expected, spans);
        Assert.Throws<InvalidOperationException>(() => enumerator.GetNext());
        Assert.Throws<IndexOutOfRangeException>(() => run[5]);
    }

    [Fact]
    public void Projections_write_through_to_arrays()
    {
        using var arena = new Arena<int>(null);
        var run = arena.Allocate(3);
        run.FirstSpan.Fill(2);
        run[2] = 5;

        var copied = new long[4];
        run.CopyTo(copied, (in int value) => value * 10L);

        Assert.Equal([20L, 20L, 50L, 0L], copied);
        Assert.Equal([3, 3, 6], run.ToArray((in int value, in int step) => value + step, 1));
        Assert.Empty(default(Sequence<int>).ToArray((in int value) => value));
        Assert.Throws<ArgumentException>(() => run.CopyTo(new long[2], (in int value) => (long)value));
    }
}
