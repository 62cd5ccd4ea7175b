using Pipelines.Sockets.Unofficial;

namespace Shop.Tests.Embedded.FillIns;

public sealed class DelegatesTests
{
    [Fact]
    public void All_targets_are_walked_in_order()
    {
        var called = new List<int>();
        Action handler = () => called.Add(1);
        Assert.True(handler.IsSingle());

        handler += () => called.Add(2);
        Assert.False(handler.IsSingle());

        foreach (var target in handler.AsEnumerable())
            target();

        Assert.Equal([1, 2], called);
        Assert.Equal(2, handler.AsEnumerable().Count());
    }

    [Fact]
    public void No_handler_has_no_targets()
    {
        Action? handler = null;

        Assert.Empty(handler.AsEnumerable());
    }
}
