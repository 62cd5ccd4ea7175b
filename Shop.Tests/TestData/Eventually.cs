namespace Shop.Tests.TestData;

/// <summary>Waits for what becomes true by itself, within bounds.</summary>
internal static class Eventually
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(50);

    /// <summary>Looks until <paramref name="holds"/> is true of what it sees; fails with what it saw last.</summary>
    public static async Task<T> SeesAsync<T>(TimeSpan within, Func<Task<T>> look, Func<T, bool> holds, string what)
    {
        var start = Stopwatch.GetTimestamp();
        using var pulse = new PeriodicTimer(LookAgain);
        while (true)
        {
            var seen = await look();
            if (holds(seen))
                return seen;
            Assert.True(Stopwatch.GetElapsedTime(start) < within, $"Not within {within.TotalSeconds:0} s: {what}. Last seen: {seen}");
            await pulse.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }
    }
}
