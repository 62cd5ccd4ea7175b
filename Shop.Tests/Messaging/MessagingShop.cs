using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;
using RabbitMQ.Client;
using Shop.Contracts;
using Shop.Contracts.Messaging;

namespace Shop.Tests.Messaging;

/// <summary>
/// The whole shop with two workers, in which messages are given up within seconds instead of minutes. Outbox, broker and
/// mails are within reach, so that a test can put in what no customer could.
/// </summary>
[SuppressMessage("Performance", "CA1812", Justification = "xUnit makes it.")]
public sealed class MessagingShop : IAsyncLifetime
{
    /// <summary>How often a message is tried here, and an event.</summary>
    public const int Attempts = 4;

    /// <summary>Far beyond what a start takes with everything installed: the first run may have to install the servers.</summary>
    private static readonly TimeSpan StartLimit = TimeSpan.FromMinutes(8);

    private readonly DirectoryInfo _mail = Directory.CreateTempSubdirectory("shop-tests-mail-");
    private readonly string _adminKey = Guid.NewGuid().ToString("N") + Guid.NewGuid().ToString("N");
    private DistributedApplication? _app;
    private NpgsqlDataSource? _database;
    private string? _connectionString;

    /// <summary>How long a message waits after its failures here.</summary>
    public static IReadOnlyList<TimeSpan> Delays { get; } = [
        TimeSpan.FromMilliseconds(200), TimeSpan.FromMilliseconds(400), TimeSpan.FromMilliseconds(800)];

    public DistributedApplication App => _app ?? throw new InvalidOperationException("The shop has not been started.");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        limit.CancelAfter(StartLimit);
        var builder = await DistributedApplicationTestingBuilder.CreateAsync<Projects.Shop_AppHost>(
            [
                "--Replicas:worker=2", $"--Mail={_mail.FullName}", $"--Parameters:admin-key={_adminKey}", "--RateLimiting:Enabled=false",
                "--Logging:LogLevel:Default=None",
            ], limit.Token);
        var worker = builder.CreateResourceBuilder(builder.Resources.OfType<ProjectResource>().Single(project => project.Name == "worker"));
        var attempts = Attempts.ToString(CultureInfo.InvariantCulture);
        worker.WithEnvironment("Messaging__Relay__Attempts", attempts).WithEnvironment("Messaging__Relay__RetryDelay", "00:00:00.050")
            .WithEnvironment("Messaging__Relay__LateAfter", "00:00:03")
            .WithEnvironment("Messaging__Consumers__Attempts", attempts);
        for (var index = 0; index < Delays.Count; index++)
            worker.WithEnvironment($"Messaging__Consumers__Delays__{index}", Delays[index].ToString());
        _app = await builder.BuildAsync(limit.Token);
        await _app.StartAsync(limit.Token);
        foreach (var resource in new[] { "apiservice", "worker" })
            await _app.ResourceNotifications.WaitForResourceHealthyAsync(resource, limit.Token);
        _connectionString = await _app.GetConnectionStringAsync("shopdb", limit.Token);
        _database = NpgsqlDataSource.Create(_connectionString!);
    }

    public async ValueTask DisposeAsync()
    {
        if (_database is not null)
            await _database.DisposeAsync();
        if (_app is not null)
            await _app.DisposeAsync();
        _mail.Delete(recursive: true);
    }

    /// <summary>A client of the API that knows the admin key.</summary>
    public HttpClient Admin()
    {
        var http = App.CreateHttpClient("apiservice", "http");
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", _adminKey);
        return http;
    }

    /// <summary>A channel of the test's own to the shop's broker; it goes with its connection.</summary>
    public async Task<IConnection> ConnectAsync() => await new ConnectionFactory
    {
        Uri = new Uri((await App.GetConnectionStringAsync("messaging", Cancellation))!),
        AutomaticRecoveryEnabled = false,
    }.CreateConnectionAsync(Cancellation);

    public async Task ExecuteAsync(string sql, params object?[] values)
    {
        await using var command = Command(sql, values);
        await command.ExecuteNonQueryAsync(Cancellation);
    }

    /// <summary>The single value of a query.</summary>
    public async Task<T> AskAsync<T>(string sql, params object?[] values)
    {
        await using var command = Command(sql, values);
        return (T)(await command.ExecuteScalarAsync(Cancellation))!;
    }

    /// <summary>Puts an event into the outbox, as a module would.</summary>
    /// <param name="type">Its routing key.</param>
    /// <param name="payload">JSON.</param>
    /// <param name="queue">Set: it goes to this queue alone.</param>
    /// <param name="traceParent">The trace it belongs to.</param>
    /// <param name="messageId">Of the message; its own unless given.</param>
    /// <returns>The message's id.</returns>
    public async Task<Guid> SendAsync(string type, string payload, string? queue = null, string? traceParent = null, Guid? messageId = null)
    {
        var id = messageId ?? Guid.NewGuid();
        await ExecuteAsync(
            "INSERT INTO messaging.outbox (id, message_id, type, payload, trace_parent, queue, occurred_at) VALUES (gen_random_uuid(), "
                + "$1, $2, $3, $4, $5, now())",
            id, type, payload, traceParent, queue);
        await ExecuteAsync("NOTIFY outbox");
        return id;
    }

    /// <summary>
    /// Makes an order that nobody has heard of, after the pattern of an accepted one; its number is far from those to come.
    /// </summary>
    public Task CopyOrderAsync(Guid pattern, Guid id, string email) => ExecuteAsync(
        """
        INSERT INTO ordering.orders
        SELECT (jsonb_populate_record(o, jsonb_build_object('id', $2::uuid, 'email', $3::text, 'number',
            (random() * 1e12)::bigint + 1000000000))).*
        FROM ordering.orders o WHERE id = $1
        """, pattern, id, email);

    /// <summary>How many e-mails to this address have gone out.</summary>
    public async Task<int> MailsToAsync(string address)
    {
        var count = 0;
        foreach (var file in _mail.EnumerateFiles("*.eml"))
        {
            if ((await File.ReadAllTextAsync(file.FullName, Cancellation)).Contains(address, StringComparison.OrdinalIgnoreCase))
                count++;
        }

        return count;
    }

    /// <summary>Waits until a message has become a dead letter that waits for a decision.</summary>
    public async Task<DeadLetter> LetterAsync(Guid messageId)
    {
        using var admin = Admin();
        var letters = await Eventually.SeesAsync(
            TimeSpan.FromSeconds(30),
            async () => (await LettersAsync(admin)).Where(letter => letter.MessageId == messageId.ToString()).ToList(),
            found => found.Count == 1,
            $"message {messageId} is a dead letter");
        return letters[0];
    }

    /// <summary>
    /// All pages: what another test has sent again dies once more, and hundreds of later letters come before an earlier one.
    /// </summary>
    private static async Task<List<DeadLetter>> LettersAsync(HttpClient admin)
    {
        var letters = new List<DeadLetter>();
        string? cursor = null;
        do
        {
            var page = await ReadAsync(admin, $"/api/v1/admin/dead-letters?pageSize=100&cursor={cursor}", ShopJson.Default.PageDeadLetter);
            letters.AddRange(page.Items);
            cursor = page.NextCursor;
        }
        while (cursor is not null);
        return letters;
    }

    public static async Task<T> ReadAsync<T>(HttpClient http, string path, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        using var response = await http.GetAsync(path, Cancellation);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return (await JsonSerializer.DeserializeAsync(await response.Content.ReadAsStreamAsync(Cancellation), type, Cancellation))!;
    }

    public Task<(int ExitCode, string Said)> RunWorkerAsync(params string[] words) => WorkerProgram.RunAsync(_connectionString!, words);

    private NpgsqlCommand Command(string sql, object?[] values)
    {
        var command = (_database ?? throw new InvalidOperationException("The shop has not been started.")).CreateCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(value is null
                ? new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text }
                : new NpgsqlParameter { Value = value });
        return command;
    }
}
