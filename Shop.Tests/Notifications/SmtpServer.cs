using System.Net.Sockets;
using MimeKit;

namespace Shop.Tests.Notifications;

/// <summary>A real mail server on a free port of 127.0.0.1, with as much of SMTP (RFC 5321) as it takes to hand it a letter.</summary>
internal sealed class SmtpServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentBag<Task> _sessions = [];
    private readonly ConcurrentQueue<Letter> _received = new();
    private readonly Lock _lock = new();
    private Task _accepting = Task.CompletedTask;
    private int _transactions;

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public IReadOnlyCollection<Letter> Received => _received;

    /// <summary>How many letters at most were being handed over at the same time.</summary>
    public int MostTransactions { get; private set; }

    /// <summary>What it says to a command instead of what it says to others.</summary>
    public ConcurrentDictionary<string, string> Answers { get; } = new(StringComparer.Ordinal);

    public static SmtpServer Start()
    {
        var server = new SmtpServer();
        server._listener.Start();
        server._accepting = server.AcceptAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _accepting;
        await Task.WhenAll(_sessions);
        _listener.Dispose();
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _sessions.Add(ConverseAsync(await _listener.AcceptTcpClientAsync(_stop.Token)));
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task ConverseAsync(TcpClient client)
    {
        var isInTransaction = false;
        using var connection = client;
        try
        {
            // Latin-1 keeps each byte as it is.
            using var reader = new StreamReader(client.GetStream(), Encoding.Latin1);
            await using var writer = new StreamWriter(client.GetStream(), Encoding.Latin1) { NewLine = "\r\n", AutoFlush = true };
            await writer.WriteLineAsync("220 localhost");
            var (from, to) = ("", new List<string>());
            while (await reader.ReadLineAsync(_stop.Token) is { } line)
            {
                var command = line.Split(' ')[0].ToUpperInvariant();
                if (command == "MAIL" && !isInTransaction)
                {
                    isInTransaction = true;
                    Enter();
                }

                if (Answers.TryGetValue(command, out var answer))
                {
                    await writer.WriteLineAsync(answer);
                    continue;
                }

                switch (command)
                {
                    case "MAIL":
                        (from, to) = (Path(line), []);
                        break;
                    case "RCPT":
                        to.Add(Path(line));
                        break;
                    case "DATA":
                        await writer.WriteLineAsync("354 Go on");
                        _received.Enqueue(new Letter(from, to, await ReadMessageAsync(reader)));
                        Leave();
                        isInTransaction = false;
                        break;
                    case "QUIT":
                        await writer.WriteLineAsync("221 Goodbye");
                        return;
                    case not ("EHLO" or "RSET" or "NOOP"):
                        await writer.WriteLineAsync("502 Not here");
                        continue;
                }

                await writer.WriteLineAsync("250 OK");
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // The one who wrote has hung up, or the test is over.
        }
        finally
        {
            if (isInTransaction)
                Leave();
        }
    }

    private async Task<MimeMessage> ReadMessageAsync(StreamReader reader)
    {
        using var message = new MemoryStream();
        while (await reader.ReadLineAsync(_stop.Token) is { } line and not ".")
        {
            // A line that begins with a dot has been given another one (RFC 5321, section 4.5.2).
            message.Write(Encoding.Latin1.GetBytes($"{(line.StartsWith('.') ? line[1..] : line)}\r\n"));
        }

        message.Position = 0;
        return await MimeMessage.LoadAsync(message, _stop.Token);
    }

    private void Enter()
    {
        lock (_lock)
            MostTransactions = Math.Max(MostTransactions, ++_transactions);
    }

    private void Leave()
    {
        lock (_lock)
            _transactions--;
    }

    private static string Path(string line) => line.Split('<', '>')[1];

    /// <summary>What was handed over, and between whom by its envelope.</summary>
    public sealed record Letter(string From, IReadOnlyList<string> To, MimeMessage Message);
}
