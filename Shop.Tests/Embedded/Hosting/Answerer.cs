using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Shop.Tests.Embedded.Hosting;

/// <summary>Stands for a process's HTTP listener: says its name to every connection, with a status that the test sets.</summary>
internal sealed class Answerer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _serving;
    private int _requests;

    public Answerer(string name, int status = 200)
    {
        Name = name;
        Status = status;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _serving = ServeAsync();
    }

    public string Name { get; }

    public int Port { get; }

    public int Status { get; set; }

    public int Requests => Volatile.Read(ref _requests);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _serving;
        _listener.Dispose();
        _stopping.Dispose();
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync(_stopping.Token);
                await AnswerAsync(client.GetStream());
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task AnswerAsync(NetworkStream stream)
    {
        var buffer = new byte[4096];
        try
        {
            await stream.ReadAtLeastAsync(buffer, 1, throwOnEndOfStream: false, _stopping.Token);
            Interlocked.Increment(ref _requests);
            await stream.WriteAsync(
                Encoding.ASCII.GetBytes($"HTTP/1.1 {Status} X\r\nContent-Length: {Name.Length}\r\nConnection: close\r\n\r\n{Name}"), _stopping.Token);
        }
        catch (IOException)
        {
            // Who asked has given up meanwhile, as on a busy machine a health check does; the next one is answered.
        }
    }
}
