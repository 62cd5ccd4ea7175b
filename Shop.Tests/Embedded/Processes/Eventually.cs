using System.Runtime.CompilerServices;

namespace Shop.Tests.Embedded;

/// <summary>Waits for what becomes true by itself.</summary>
internal static class Eventually
{
    public static async Task HoldsAsync(Func<bool> condition, int seconds = 10, [CallerArgumentExpression(nameof(condition))] string? what = null)
    {
        var deadline = Environment.TickCount64 + (seconds * 1000L);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!condition())
        {
            Assert.True(Environment.TickCount64 < deadline, $"Not so within {seconds} s: {what}");
            await poll.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }
}
