using Microsoft.Extensions.Time.Testing;

namespace Shop.Tests.Payments;

/// <summary>An outage isn't multiplied by asking again, and a single failure is still mended.</summary>
[Trait("Category", "Unit")]
public sealed class RetryBudgetTests
{
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    private readonly FakeTimeProvider _clock = new();

    [Fact]
    public void Where_little_is_going_on_a_few_may_be_asked_again()
    {
        var budget = new RetryBudget(percent: 20, minimum: 3, Window, _clock);
        budget.CountAttempt();

        Assert.Equal([true, true, true, false], Enumerable.Range(0, 4).Select(_ => budget.TryTakeRetry()));
    }

    [Fact]
    public void Where_everything_fails_only_a_share_is_asked_again()
    {
        var budget = new RetryBudget(percent: 20, minimum: 3, Window, _clock);
        for (var attempt = 0; attempt < 1000; attempt++)
            budget.CountAttempt();

        Assert.Equal(203, Enumerable.Range(0, 1000).Count(_ => budget.TryTakeRetry()));
    }

    [Fact]
    public void What_lies_further_back_than_the_window_is_forgotten_piece_by_piece()
    {
        var budget = new RetryBudget(percent: 50, minimum: 0, Window, _clock);
        Count(4);
        _clock.Advance(TimeSpan.FromSeconds(6));
        Count(2);
        Assert.Equal(3, Enumerable.Range(0, 10).Count(_ => budget.TryTakeRetry()));

        // The four are out of the window, the two and the three retries are still in it.
        _clock.Advance(TimeSpan.FromSeconds(5));
        Assert.False(budget.TryTakeRetry());
        Count(6);
        Assert.Equal(1, Enumerable.Range(0, 10).Count(_ => budget.TryTakeRetry()));

        _clock.Advance(Window);
        Assert.False(budget.TryTakeRetry());
        Count(2);
        Assert.Equal(1, Enumerable.Range(0, 10).Count(_ => budget.TryTakeRetry()));

        void Count(int attempts)
        {
            for (var attempt = 0; attempt < attempts; attempt++)
                budget.CountAttempt();
        }
    }
}
