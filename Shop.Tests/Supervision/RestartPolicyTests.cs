using Microsoft.Extensions.Time.Testing;
using Shop.AppHost.Supervision;

namespace Shop.Tests.Supervision;

/// <summary>How long a crashed process is left down, and for how many crashes.</summary>
[Trait("Category", "Unit")]
public sealed class RestartPolicyTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RestartPolicy _policy;

    public RestartPolicyTests() => _policy = new RestartPolicy(_time);

    [Fact]
    public void Each_crash_doubles_the_pause_up_to_ten_seconds()
    {
        _policy.Healthy();

        Assert.Equal([0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10], Enumerable.Range(0, 8).Select(_ => PauseAfter(TimeSpan.FromSeconds(1))));
        Assert.Equal(10, Enumerable.Range(0, 1000).Select(_ => PauseAfter(TimeSpan.FromSeconds(1))).Last());
    }

    [Fact]
    public void After_a_run_of_ten_seconds_the_pause_is_short_again()
    {
        _policy.Healthy();

        Assert.Equal(0.2, PauseAfter(TimeSpan.Zero));
        Assert.Equal(0.4, PauseAfter(TimeSpan.FromSeconds(9.9)));
        Assert.Equal(0.2, PauseAfter(TimeSpan.FromSeconds(10)));
        Assert.Equal(0.4, PauseAfter(TimeSpan.Zero));
    }

    [Fact]
    public void What_fails_four_times_before_it_was_ever_healthy_stays_down()
    {
        Assert.Equal([0.2, 0.4, 0.8, null], Enumerable.Range(0, 4).Select(_ => PauseAfter(TimeSpan.Zero)));
        Assert.Equal(4, _policy.Failures);
        Assert.False(_policy.WasHealthy);
    }

    [Fact]
    public void What_was_healthy_once_is_always_started_again()
    {
        _policy.Healthy();

        Assert.All(Enumerable.Range(0, 100), _ => Assert.NotNull(PauseAfter(TimeSpan.Zero)));
    }

    [Fact]
    public void What_cannot_be_started_is_tried_again_only_if_it_was_healthy_once()
    {
        Assert.Null(_policy.NotStarted());

        _policy.Healthy();
        Assert.Equal([0.4, 0.8, 1.6, 3.2, 6.4, 10, 10], Enumerable.Range(0, 7).Select(_ =>
        {
            _time.Advance(TimeSpan.FromMinutes(1));
            return _policy.NotStarted()!.Value.TotalSeconds;
        }));
        Assert.Equal(0.2, PauseAfter(TimeSpan.FromSeconds(10)));
    }

    private double? PauseAfter(TimeSpan run)
    {
        _policy.Started();
        _time.Advance(run);
        return _policy.Crashed()?.TotalSeconds;
    }
}
