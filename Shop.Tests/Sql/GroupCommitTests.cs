namespace Shop.Tests.Sql;

/// <summary>What arrives together is committed together, and nobody suffers from whom they came with.</summary>
[Trait("Category", "Unit")]
public sealed class GroupCommitTests
{
    private static readonly GroupCommitOptions OneWriter = new(Capacity: 100, MaxBatch: 10, Writers: 1) { RetryPause = TimeSpan.Zero };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_item_alone_is_committed_alone_and_at_once()
    {
        var recorder = new Recorder();
        await using var commits = recorder.Start(OneWriter);

        Assert.Equal(70, await commits.AddAsync(7, Cancellation));

        Assert.Equal([[7]], recorder.Batches);
    }

    [Fact]
    public async Task What_arrives_during_a_commit_is_committed_together_in_its_order_and_each_gets_its_own_result()
    {
        var recorder = new Recorder();
        var gate = recorder.Hold();
        await using var commits = recorder.Start(OneWriter);
        var first = commits.AddAsync(0, Cancellation);
        await recorder.Entered;

        var rest = Enumerable.Range(1, 15).Select(item => commits.AddAsync(item, Cancellation)).ToArray();
        Assert.Equal(15, commits.Depth);
        gate.SetResult();

        Assert.Equal(0, await first);
        Assert.Equal(Enumerable.Range(1, 15).Select(item => item * 10), await Task.WhenAll(rest));
        Assert.Equal([[0], [.. Enumerable.Range(1, 10)], [.. Enumerable.Range(11, 5)]], recorder.Batches);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(6)]
    [InlineData(10)]
    public async Task A_poisonous_item_fails_alone(int poison)
    {
        var recorder = new Recorder
        {
            Fail = batch => batch.Contains(poison)
            ? new InvalidOperationException($"{poison} is poison.")
            : null
        };
        var gate = recorder.Hold();
        await using var commits = recorder.Start(OneWriter);
        var first = commits.AddAsync(0, Cancellation);
        await recorder.Entered;

        var rest = Enumerable.Range(1, 10).ToDictionary(item => item, item => commits.AddAsync(item, Cancellation));
        gate.SetResult();
        await first;

        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => rest[poison]);
        Assert.Equal($"{poison} is poison.", failure.Message);
        foreach (var (item, result) in rest.Where(pair => pair.Key != poison))
            Assert.Equal(item * 10, await result);
    }

    [Fact]
    public async Task A_lost_connection_is_tried_again_with_the_whole_batch()
    {
        var attempts = 0;
        var recorder = new Recorder
        {
            Fail = _ => ++attempts < OneWriter.Attempts
            ? new NpgsqlException("The connection was lost.", new IOException())
            : null
        };
        await using var commits = recorder.Start(OneWriter);

        Assert.Equal(70, await commits.AddAsync(7, Cancellation));

        Assert.Equal(OneWriter.Attempts, attempts);
    }

    [Fact]
    public async Task A_database_that_stays_away_fails_everybody_without_being_asked_for_each()
    {
        var attempts = 0;
        var recorder = new Recorder();
        var gate = recorder.Hold();
        await using var commits = recorder.Start(OneWriter);
        var first = commits.AddAsync(0, Cancellation);
        await recorder.Entered;
        recorder.Fail = _ =>
        {
            attempts++;
            return new NpgsqlException("There is no server.", new IOException());
        };

        var rest = Enumerable.Range(1, 10).Select(item => commits.AddAsync(item, Cancellation)).ToArray();
        gate.SetResult();

        foreach (var result in rest.Prepend(first))
            await Assert.ThrowsAsync<NpgsqlException>(() => result);
        // The first one's batch and the rest's: three attempts each.
        Assert.Equal(2 * OneWriter.Attempts, attempts);
    }

    [Fact]
    public async Task Two_with_the_same_key_never_share_a_batch()
    {
        var recorder = new Recorder();
        var gate = recorder.Hold();
        await using var commits = recorder.Start(OneWriter, keyOf: item => item % 3);
        var first = commits.AddAsync(0, Cancellation);
        await recorder.Entered;

        var rest = Enumerable.Range(1, 6).Select(item => commits.AddAsync(item, Cancellation)).ToArray();
        gate.SetResult();
        await first;
        await Task.WhenAll(rest);

        Assert.All(recorder.Batches, batch => Assert.Equal(batch.Count, batch.DistinctBy(item => item % 3).Count()));
        Assert.Equal(Enumerable.Range(0, 7), recorder.Batches.SelectMany(batch => batch).Order());
    }

    [Fact]
    public async Task Who_comes_when_all_places_are_taken_is_told_so_at_once()
    {
        var recorder = new Recorder();
        var gate = recorder.Hold();
        await using var commits = recorder.Start(OneWriter with { Capacity = 3 });
        var first = commits.AddAsync(0, Cancellation);
        await recorder.Entered;
        var waiting = Enumerable.Range(1, 3).Select(item => commits.AddAsync(item, Cancellation)).ToArray();

        Assert.Throws<GroupCommitFullException>(() => { _ = commits.AddAsync(4, Cancellation); });

        gate.SetResult();
        await first;
        await Task.WhenAll(waiting);
        Assert.DoesNotContain(4, recorder.Batches.SelectMany(batch => batch));
    }

    [Fact]
    public async Task Those_that_are_held_over_for_their_key_take_up_places_too()
    {
        var recorder = new Recorder();
        var gate = recorder.Hold();
        await using var commits = recorder.Start(OneWriter with { Capacity = 3 }, keyOf: _ => "the same for all");
        var first = commits.AddAsync(0, Cancellation);
        await recorder.Entered;
        var waiting = Enumerable.Range(1, 3).Select(item => commits.AddAsync(item, Cancellation)).ToArray();

        Assert.Throws<GroupCommitFullException>(() => { _ = commits.AddAsync(4, Cancellation); });
        gate.SetResult();

        await Task.WhenAll(waiting.Prepend(first));
        Assert.Equal([[0], [1], [2], [3]], recorder.Batches);
        Assert.Equal(0, commits.Depth);
    }

    [Fact]
    public async Task Whoever_has_gone_before_their_turn_is_left_out()
    {
        var recorder = new Recorder();
        var gate = recorder.Hold();
        using var gone = new CancellationTokenSource();
        await using var commits = recorder.Start(OneWriter);
        var first = commits.AddAsync(0, Cancellation);
        await recorder.Entered;
        var impatient = commits.AddAsync(1, gone.Token);
        var patient = commits.AddAsync(2, Cancellation);

        await gone.CancelAsync();
        gate.SetResult();

        Assert.Equal(20, await patient);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        Assert.Equal([[0], [2]], recorder.Batches);
        await first;
    }

    [Fact]
    public async Task What_waits_at_the_end_is_still_committed()
    {
        var recorder = new Recorder();
        var gate = recorder.Hold();
        var commits = recorder.Start(OneWriter);
        var first = commits.AddAsync(0, Cancellation);
        await recorder.Entered;
        var waiting = commits.AddAsync(1, Cancellation);

        var end = commits.DisposeAsync();
        gate.SetResult();
        await end;

        Assert.Equal(0, await first);
        Assert.Equal(10, await waiting);
    }

    /// <summary>Commits a batch by multiplying its items by ten, and remembers it.</summary>
    private sealed class Recorder
    {
        private readonly TaskCompletionSource _entered = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private TaskCompletionSource? _gate;

        public List<IReadOnlyList<int>> Batches { get; } = [];

        /// <summary>What a batch fails with; null when it doesn't.</summary>
        public Func<IReadOnlyList<int>, Exception?> Fail { get; set; } = _ => null;

        /// <summary>The first batch is under way.</summary>
        public Task Entered => _entered.Task.WaitAsync(TimeSpan.FromSeconds(10), Cancellation);

        /// <summary>Holds the first batch until the gate is set.</summary>
        public TaskCompletionSource Hold() => _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public GroupCommit<int, int> Start(GroupCommitOptions options, Func<int, object>? keyOf = null) => new(options, CommitAsync, keyOf);

        private async Task<IReadOnlyList<int>> CommitAsync(IReadOnlyList<int> batch, CancellationToken cancellationToken)
        {
            _entered.TrySetResult();
            if (_gate is not null)
                await _gate.Task;
            if (Fail(batch) is { } failure)
                throw failure;
            Batches.Add(batch);
            return [.. batch.Select(item => item * 10)];
        }
    }
}
