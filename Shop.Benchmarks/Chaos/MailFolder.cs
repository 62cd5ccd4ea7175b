namespace Shop.Benchmarks.Chaos;

/// <summary>Which customers have been written to about what, by the e-mails that lie in a folder.</summary>
internal sealed class MailFolder(DirectoryInfo folder)
{
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Address, string News), int> _counts = [];

    /// <summary>Reads what has come since the last time.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        foreach (var file in folder.EnumerateFiles("*.eml"))
        {
            if (!_read.Add(file.Name))
                continue;
            var (address, subject) = ("", "");
            await foreach (var line in File.ReadLinesAsync(file.FullName, cancellationToken))
            {
                if (line.Length == 0)
                    break;
                if (line.StartsWith("To: ", StringComparison.OrdinalIgnoreCase))
                    address = line["To: ".Length..].Trim('<', '>', ' ');
                else if (line.StartsWith("Subject: ", StringComparison.OrdinalIgnoreCase))
                    subject = line["Subject: ".Length..];
            }

            // "Your order 10001 is confirmed"
            var letter = (address, subject.Split(' ')[^1]);
            _counts[letter] = _counts.GetValueOrDefault(letter) + 1;
        }
    }

    /// <param name="address">The customer's.</param>
    /// <param name="news"><c>confirmed</c> or <c>cancelled</c>.</param>
    public int Count(string address, string news) => _counts.GetValueOrDefault((address, news));
}
