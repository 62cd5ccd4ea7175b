using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Npgsql;
using Shop.Contracts.Ordering;
using Shop.Infrastructure.Messaging;
using Shop.Infrastructure.Ordering;

namespace Shop.ApiService.Ordering;

/// <summary>
/// Tells of orders' changes as they are committed, whichever process made them. One reader looks for all who watch: with each
/// signal at those orders that it names, and every other second at all of them, since signals are lost while their connection
/// is. Whoever watches holds no connection and asks nothing.
/// </summary>
internal sealed class OrderWatch(
    DatabaseSignals signals, OrderQueries orders, IHostApplicationLifetime lifetime, IOptions<OrderWatchOptions> options, TimeProvider time,
    ILogger<OrderWatch> logger) : BackgroundService
{
    private const int MaxOrdersAtOnce = 1000;

    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(2);

    /// <summary>Proxies cut what is silent for a minute or less.</summary>
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    private readonly Channel<Guid> _changed = Channel.CreateUnbounded<Guid>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _lock = new();
    private readonly Dictionary<Guid, List<Stream>> _byOrder = [];
    private readonly Dictionary<string, int> _byAddress = new(StringComparer.Ordinal);
    private int _streams;
    private bool _hasEnded;

    /// <summary>How many streams are open.</summary>
    public int Streams => Volatile.Read(ref _streams);

    /// <summary>Begins to watch an order; ends with the stream's disposal.</summary>
    /// <param name="orderId">Which.</param>
    /// <param name="address">The client's.</param>
    /// <returns>False when there are too many streams already, or the process ends.</returns>
    public bool TryOpen(Guid orderId, string address, [NotNullWhen(true)] out Stream? stream)
    {
        stream = null;
        lock (_lock)
        {
            var (limits, ofAddress) = (options.Value, _byAddress.GetValueOrDefault(address));
            if (_hasEnded || _streams >= limits.MaxStreams || ofAddress >= limits.MaxPerAddress
                || (_byOrder.TryGetValue(orderId, out var others) && others.Count >= limits.MaxPerOrder))
                return false;
            stream = new Stream(this, orderId, address);
            if (others is null)
                _byOrder[orderId] = others = [];
            others.Add(stream);
            _byAddress[address] = ofAddress + 1;
            _streams++;
            return true;
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A replica that stops ends its streams at once; the browser goes on at another one.
        using var ends = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, lifetime.ApplicationStopping);
        signals.Received += OnSignal;
        try
        {
            await PublishAsync(ends.Token);
        }
        catch (OperationCanceledException) when (ends.IsCancellationRequested)
        {
            // The end, which is no failure.
        }
        finally
        {
            signals.Received -= OnSignal;
            lock (_lock)
            {
                _hasEnded = true;
                foreach (var stream in _byOrder.Values.SelectMany(streams => streams))
                    stream.Complete();
            }
        }
    }

    private async Task PublishAsync(CancellationToken cancellationToken)
    {
        var (lookedAt, beatAt) = (time.GetTimestamp(), time.GetTimestamp());
        while (true)
        {
            var pause = LookAgain - time.GetElapsedTime(lookedAt);
            if (pause > TimeSpan.Zero)
                await SignalOrAfterAsync(pause, cancellationToken);
            HashSet<Guid> due = [];
            while (_changed.Reader.TryRead(out var orderId))
                due.Add(orderId);
            if (time.GetElapsedTime(lookedAt) >= LookAgain)
            {
                lookedAt = time.GetTimestamp();
                lock (_lock)
                    due = [.. _byOrder.Keys];
            }

            foreach (var some in due.Chunk(MaxOrdersAtOnce))
                await LookAsync(some, cancellationToken);
            if (time.GetElapsedTime(beatAt) >= Heartbeat)
            {
                beatAt = time.GetTimestamp();
                lock (_lock)
                {
                    foreach (var stream in _byOrder.Values.SelectMany(streams => streams))
                        stream.Beat();
                }
            }
        }
    }

    private async Task LookAsync(Guid[] orderIds, CancellationToken cancellationToken)
    {
        try
        {
            var found = await orders.StatusesAsync(orderIds, cancellationToken);
            lock (_lock)
            {
                foreach (var status in found)
                {
                    foreach (var stream in _byOrder.GetValueOrDefault(status.OrderId) ?? [])
                        stream.Publish(status);
                }
            }
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException)
        {
            // In two seconds it looks at all of them again.
            logger.OrdersNotLookedAt(failure.Message);
        }
    }

    private async Task SignalOrAfterAsync(TimeSpan pause, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(pause);
        Task heard = _changed.Reader.WaitToReadAsync(limit.Token).AsTask();
        await heard.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
    }

    private void OnSignal(string channel, string payload)
    {
        if (channel != OrderTransitions.Channel || Streams == 0)
            return;
        lock (_lock)
        {
            foreach (var range in payload.AsSpan().Split(','))
            {
                if (Guid.TryParse(payload.AsSpan()[range], out var orderId) && _byOrder.ContainsKey(orderId))
                    _changed.Writer.TryWrite(orderId);
            }
        }
    }

    private void Close(Stream stream)
    {
        lock (_lock)
        {
            if (!_byOrder.TryGetValue(stream.OrderId, out var streams) || !streams.Remove(stream))
                return;
            if (streams.Count == 0)
                _byOrder.Remove(stream.OrderId);
            if (--_byAddress[stream.Address] == 0)
                _byAddress.Remove(stream.Address);
            _streams--;
        }
    }

    /// <summary>What one client gets to hear of one order.</summary>
    internal sealed class Stream(OrderWatch watch, Guid orderId, string address) : IDisposable
    {
        private readonly Channel<OrderStatusChanged?> _told =
            Channel.CreateBounded<OrderStatusChanged?>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropOldest });

        public Guid OrderId => orderId;

        public string Address => address;

        /// <summary>The latest status, whenever somebody has looked; null now and then, to show that the stream is alive.</summary>
        public IAsyncEnumerable<OrderStatusChanged?> ReadAsync(CancellationToken cancellationToken) =>
            _told.Reader.ReadAllAsync(cancellationToken);

        public void Dispose() => watch.Close(this);

        internal void Publish(OrderStatusChanged status) => _told.Writer.TryWrite(status);

        internal void Complete() => _told.Writer.TryComplete();

        internal void Beat()
        {
            // Never in the place of something that is still to be read.
            if (_told.Reader.Count == 0)
                _told.Writer.TryWrite(null);
        }
    }
}
