using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Shop.Worker.Messaging;

/// <summary>
/// Tells the broker what is done, in as few words as possible. Messages are done in bursts, as they are committed together;
/// a burst that leaves no gap is one acknowledgement "up to here", which a quorum queue writes to its log as one entry.
/// </summary>
internal sealed class Acknowledgements(IChannel channel, ILogger logger)
{
    private readonly Lock _lock = new();
    private List<ulong> _done = [];
    private List<ulong> _sending = [];
    private Task? _running;

    // The broker numbers a channel's deliveries from 1. Everything below this is acknowledged, and of what is above these.
    private ulong _next = 1;
    private readonly HashSet<ulong> _ahead = [];

    /// <summary>The message's effect is committed.</summary>
    public void Done(ulong tag)
    {
        lock (_lock)
        {
            _done.Add(tag);
            // Queued behind those who wait for the same commit, so that it finds them all.
            _running ??= Task.Factory.StartNew(SendAsync, CancellationToken.None, TaskCreationOptions.PreferFairness, TaskScheduler.Default)
                .Unwrap();
        }
    }

    /// <summary>Returns when all that was done is sent.</summary>
    public async Task FlushAsync()
    {
        while (true)
        {
            Task running;
            lock (_lock)
            {
                if (_running is null)
                    return;
                running = _running;
            }

            await running;
        }
    }

    private async Task SendAsync()
    {
        while (true)
        {
            lock (_lock)
            {
                if (_done.Count == 0)
                {
                    _running = null;
                    return;
                }

                (_done, _sending) = (_sending, _done);
            }

            try
            {
                await SendAsync(_sending);
            }
            catch (Exception lost) when (
                lost is RabbitMQClientException or IOException or ObjectDisposedException or OperationCanceledException)
            {
                // The broker has taken these back and delivers them again; their consumers know them then.
                logger.AcknowledgementsLost(_sending.Count, lost.Message);
            }

            _sending.Clear();
        }
    }

    private async Task SendAsync(List<ulong> tags)
    {
        tags.Sort();
        var upTo = 0UL;
        var first = 0;
        for (; first < tags.Count && tags[first] == _next; first++)
        {
            // The last one that isn't acknowledged yet: RabbitMQ takes "up to here" only with a tag it still waits for.
            upTo = _next++;
            while (_ahead.Remove(_next))
                _next++;
        }

        if (upTo > 0)
            await channel.BasicAckAsync(upTo, multiple: true);
        for (var index = first; index < tags.Count; index++)
        {
            _ahead.Add(tags[index]);
            await channel.BasicAckAsync(tags[index], multiple: false);
        }
    }
}
