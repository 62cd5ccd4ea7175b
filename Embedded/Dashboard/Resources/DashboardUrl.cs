namespace Embedded.Dashboard.Resources;

public sealed record DashboardUrl(string Name, string Url);
