using Pipelines.Sockets.Unofficial;

namespace Shop.Tests.Embedded.FillIns;

public sealed class DedicatedThreadPoolPipeSchedulerTests
{
    [Fact]
    public async Task Callbacks_run_on_threads_of_its_own()
    {
        using var scheduler = new DedicatedThreadPoolPipeScheduler("shop", workerCount: 2);

        var thread = new TaskCompletionSource<(string? Name, bool IsPool)>(TaskCreationOptions.RunContinuationsAsynchronously);
        scheduler.Schedule(state => ((TaskCompletionSource<(string?, bool)>)state!).SetResult((Thread.CurrentThread.Name, Thread.CurrentThread.IsThreadPoolThread)), thread);
        var (name, isPool) = await thread.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);

        Assert.StartsWith("shop:", name, StringComparison.Ordinal);
        Assert.False(isPool);
        Assert.Equal(2, scheduler.WorkerCount);
        Assert.Equal(1, scheduler.TotalServicedByQueue);
        Assert.Equal(0, scheduler.TotalServicedByPool);
    }

    [Fact]
    public async Task What_does_not_fit_the_queue_goes_to_the_shared_pool()
    {
        using var scheduler = new DedicatedThreadPoolPipeScheduler(workerCount: 1, useThreadPoolQueueLength: 1);
        using var release = new ManualResetEventSlim();
        using var busy = new ManualResetEventSlim();
        scheduler.Schedule(_ =>
        {
            busy.Set();
            release.Wait();
        }, null);
        busy.Wait(TestContext.Current.CancellationToken);
        Assert.Equal(0, scheduler.AvailableCount);

        var queued = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        scheduler.Schedule(_ => queued.SetResult(), null);
        var pooled = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        scheduler.Schedule(_ => pooled.SetResult(Thread.CurrentThread.IsThreadPoolThread), null);

        Assert.True(await pooled.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
        Assert.False(queued.Task.IsCompleted);
        Assert.Equal(1, scheduler.TotalServicedByPool);
        release.Set();
        await queued.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_disposed_scheduler_still_runs_callbacks()
    {
        var scheduler = new DedicatedThreadPoolPipeScheduler(workerCount: 1);
        scheduler.Dispose();

        var run = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        scheduler.Schedule(_ => run.SetResult(), null);

        await run.Task.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }
}
