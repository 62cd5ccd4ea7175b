namespace Embedded.Hosting;

internal enum Severity
{
    Neutral,
    Good,
    Doubtful,
    Bad,
}
