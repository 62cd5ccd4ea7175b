using System.Diagnostics.Tracing;
using Microsoft.Extensions.Logging;

namespace Embedded.Components;

/// <summary>RabbitMQ.Client tells of lost connections and recoveries by an event source only; here they reach the log.</summary>
internal sealed class RabbitMQLogForwarder(ILoggerFactory loggers) : IDisposable
{
    private readonly ILogger _logger = loggers.CreateLogger("RabbitMQ.Client");
    private Listener? _listener;

    public void Start()
    {
        var listener = new Listener(Forward);
        if (Interlocked.CompareExchange(ref _listener, listener, null) is not null)
            listener.Dispose();
    }

    public void Dispose() => _listener?.Dispose();

    private void Forward(EventWrittenEventArgs written)
    {
        var level = written.Level switch
        {
            EventLevel.Critical => LogLevel.Critical,
            EventLevel.Error => LogLevel.Error,
            EventLevel.Warning => LogLevel.Warning,
            EventLevel.Verbose => LogLevel.Debug,
            _ => LogLevel.Information,
        };

        // An error has two values: the sentence and the exception's parts.
        var message = written.Payload is { Count: > 0 } payload ? payload[0] : written.Message;
        var exception = written.Payload is [_, IDictionary<string, object?> parts, ..] && parts.TryGetValue("Message", out var text) ? text : null;
        if (exception is null)
            _logger.Log(level, new EventId(written.EventId, written.EventName), "{Message}", message);
        else
            _logger.Log(level, new EventId(written.EventId, written.EventName), "{Message}: {Exception}", message, exception);
    }

    private sealed class Listener : EventListener
    {
        private readonly Action<EventWrittenEventArgs>? _forward;
        private readonly List<EventSource> _early = [];

        public Listener(Action<EventWrittenEventArgs> forward)
        {
            _forward = forward;
            foreach (var source in _early)
                EnableEvents(source, EventLevel.Informational);
        }

        // The base constructor calls this for the sources there are, before the constructor above has run.
        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name != "rabbitmq-client")
                return;

            if (_forward is null)
                _early.Add(eventSource);
            else
                EnableEvents(eventSource, EventLevel.Informational);
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData) => _forward?.Invoke(eventData);
    }
}
