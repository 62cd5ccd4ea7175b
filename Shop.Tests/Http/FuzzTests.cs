using System.Text.Json.Nodes;

namespace Shop.Tests.Http;

/// <summary>
/// What strangers send: thousands of requests made from the API's own document, right in one part and garbage in another. Nothing of it
/// may be an error of the shop's. <c>SHOP_FUZZ_SEED</c> repeats a run, <c>SHOP_FUZZ_REQUESTS</c> makes it longer.
/// </summary>
[Trait("Category", "Distributed")]
[Collection(RunningShopCollection.Name)]
public sealed class FuzzTests(RunningShop shop, ITestOutputHelper output)
{
    private const int AtOnce = 8;

    /// <summary>Far beyond what any answer takes; whoever exceeds it has found something to keep the shop busy with.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(30);

    private static readonly string[] Garbage =
    [
        "", " ", "\0", "a\0b", "'", "\"", "';--", "%", "%%", "\\", "../../etc/passwd", "<script>", "{{7*7}}", "${jndi:ldap://x}", "null",
        "undefined", "true", "[]", "{}",
        "-1", "0", "1", "2147483648", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "1e400", "NaN", "Infinity",
        "0x10", "１２", "1.5",
        "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "{00000000-0000-0000-0000-000000000000}",
        "2026-02-30T25:61:61Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999+14:00", "infinity", "epoch",
        "é", "日本語", "\u202Eevil", "\u200B", "👩‍👩‍👧‍👦", "\uFFFF", "ﷺ", "İ", "\u0001\u0002", "\r\nX-Injected: 1",
        "a&b:*", "!(|)", "'a' & :*",
        "-", "--", "relevance",
        new('x', 300), new('ä', 5000), string.Join('/', Enumerable.Repeat("..", 50)), new('&', 100), new('(', 500),
    ];

    private static readonly string[] RawGarbage = ["%", "%ff%fe", "%00", "%c0%af", "%zz", "%ed%a0%80", "\t", "a b"];

    private static readonly string[] ContentTypes =
    [
        "application/json", "application/json", "application/json", "application/json; charset=foo", "application/json; charset=utf-16",
        "text/plain",
        "application/xml", "multipart/form-data", "application/x-www-form-urlencoded", "a", "",
    ];

    [Fact]
    public async Task Whatever_strangers_send_is_answered_without_an_error_of_the_shops()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("SHOP_FUZZ_SEED"), CultureInfo.InvariantCulture, out var given)
            ? given
            : Random.Shared.Next();
        var count = int.TryParse(Environment.GetEnvironmentVariable("SHOP_FUZZ_REQUESTS"), CultureInfo.InvariantCulture, out var asked)
            ? asked
            : 3000;
        output.WriteLine($"SHOP_FUZZ_SEED={seed}, {count} requests");
        using var http = new HttpClient(
            new SocketsHttpHandler { RequestHeaderEncodingSelector = (_, _) => Encoding.UTF8, AllowAutoRedirect = false })
        {
            BaseAddress = shop.Client().BaseAddress,
            Timeout = Longest,
        };
        var document = JsonNode.Parse(await http.GetStringAsync("/openapi/v1.json", TestContext.Current.CancellationToken))!;
        var operations = document["paths"]!.AsObject()
            .SelectMany(
                path => path.Value!.AsObject(), (path, operation) => (Path: path.Key, Method: operation.Key, Operation: operation.Value!))
            .ToArray();
        Assert.InRange(operations.Length, 15, 1000);
        var product = shop.UntouchedProduct();
        string[] known = [product.Sku, product.Slug, product.Id.ToString(), product.CategorySlug];

        var answers = new ConcurrentDictionary<int, int>();
        var failures = new ConcurrentQueue<string>();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, count), new ParallelOptions { MaxDegreeOfParallelism = AtOnce }, async (number, stop) =>
        {
            // One for each request, so that a seed means the same requests however they are shared out.
            var random = new Random(HashCode.Combine(seed, number));
            var (path, method, operation) = operations[random.Next(operations.Length)];
            using var request = Make(random, path, method, operation, document, known);
            try
            {
                using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stop);
                answers.AddOrUpdate((int)answer.StatusCode, 1, (_, seen) => seen + 1);
                if ((int)answer.StatusCode >= 500)
                    failures.Enqueue($"{(int)answer.StatusCode} for request {number}: {await TellAsync(request)}");
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                failures.Enqueue($"No answer within {Longest.TotalSeconds} s to request {number}: {await TellAsync(request)}");
            }
        });

        output.WriteLine(string.Join(", ", answers.OrderBy(answer => answer.Key).Select(answer => $"{answer.Key}: {answer.Value}")));
        Assert.True(failures.IsEmpty, $"SHOP_FUZZ_SEED={seed}:{Environment.NewLine}{string.Join(Environment.NewLine, failures.Take(20))}");
    }

    private static HttpRequestMessage Make(Random random, string path, string method, JsonNode operation, JsonNode document, string[] known)
    {
        var query = new List<string>();
        var headers = new List<(string Name, string Value)>();
        foreach (var parameter in operation["parameters"]?.AsArray() ?? [])
        {
            var (name, place) = (parameter!["name"]!.GetValue<string>(), parameter["in"]!.GetValue<string>());
            var value = Text(random, known);
            if (place == "path")
                path = path.Replace($"{{{name}}}", Uri.EscapeDataString(value.Length == 0 ? "x" : value), StringComparison.Ordinal);
            else if (place == "header")
                headers.Add((name, value));
            else if (random.Next(3) > 0)
                query.Add($"{name}={(random.Next(10) == 0 ? RawGarbage[random.Next(RawGarbage.Length)] : Uri.EscapeDataString(value))}");
        }

        var target = path + (query.Count > 0 ? $"?{string.Join('&', query)}" : "");
        var request = new HttpRequestMessage(
            new HttpMethod(method), Uri.TryCreate(target, UriKind.Relative, out var uri) ? uri : new Uri("/", UriKind.Relative));
        foreach (var (name, value) in headers)
            request.Headers.TryAddWithoutValidation(name, value.ReplaceLineEndings(" "));
        if (random.Next(3) == 0)
            request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {Text(random, known).ReplaceLineEndings(" ")}");
        if (operation["requestBody"]?["content"]?.AsObject().FirstOrDefault().Value?["schema"] is { } schema)
        {
            var body = random.Next(8) == 0 ? Text(random, known) : Value(random, schema, document, known, 0)?.ToJsonString() ?? "null";
            request.Content = new ByteArrayContent(
                Encoding.UTF8.GetBytes(random.Next(20) == 0 && body.Length > 2 ? body[..(body.Length / 2)] : body));
            request.Content.Headers.TryAddWithoutValidation("Content-Type", ContentTypes[random.Next(ContentTypes.Length)]);
        }

        return request;
    }

    /// <summary>What the schema asks for; now and then something else in its place, or nothing.</summary>
    private static JsonNode? Value(Random random, JsonNode schema, JsonNode document, string[] known, int depth)
    {
        if (schema["$ref"]?.GetValue<string>() is { } reference)
            schema = reference.TrimStart('#', '/').Split('/').Aggregate(document, (node, step) => node[step]!);
        if ((schema["oneOf"] ?? schema["anyOf"])?.AsArray() is { Count: > 0 } choices)
            return Value(random, choices[random.Next(choices.Count)]!, document, known, depth);
        if (depth > 6 || random.Next(12) == 0)
        {
            return random.Next(6) switch
            {
                0 => null,
                1 => new JsonArray(),
                2 => new JsonObject(),
                3 => JsonValue.Create(long.MaxValue),
                4 => JsonValue.Create(-1.5),
                _ => JsonValue.Create(Text(random, known)),
            };
        }

        var types = schema["type"] is JsonArray several
            ? several.Select(type => type!.GetValue<string>()).ToArray()
            : [schema["type"]?.GetValue<string>() ?? "object"];
        switch (types[random.Next(types.Length)])
        {
            case "object":
                var made = new JsonObject();
                foreach (var (name, property) in schema["properties"]?.AsObject() ?? [])
                {
                    if (random.Next(15) > 0)
                        made[name] = Value(random, property!, document, known, depth + 1);
                }

                return made;
            case "array":
                return new JsonArray(
                    [.. Enumerable.Range(0, random.Next(4)).Select(_ => Value(random, schema["items"]!, document, known, depth + 1))]);
            case "integer" or "number":
                return JsonValue.Create(
                    random.Next(4) switch { 0 => random.Next(-5, 5), 1 => random.NextInt64(), 2 => 1, _ => random.Next(1, 200) });
            case "boolean":
                return JsonValue.Create(random.Next(2) == 0);
            case "null":
                return null;
            default:
                return JsonValue.Create(random.Next(3) == 0 ? Text(random, known) : Likely(random));
        }
    }

    private static string Likely(Random random) => random.Next(6) switch
    {
        0 => "ada@example.com",
        1 => "DE",
        2 => "card",
        3 => "tok_visa",
        4 => Guid.NewGuid().ToString(),
        _ => "Main Street 1",
    };

    private static string Text(Random random, string[] known) =>
        random.Next(4) == 0 ? known[random.Next(known.Length)] : Garbage[random.Next(Garbage.Length)];

    private static async Task<string> TellAsync(HttpRequestMessage request)
    {
        var body = request.Content is { } content ? await content.ReadAsStringAsync(TestContext.Current.CancellationToken) : "";
        var headers = request.Headers.Select(header => $"{header.Key}: {string.Join(',', header.Value)}");
        return $"{request.Method} {request.RequestUri} {string.Join(' ', headers)} {body}";
    }
}
