namespace Embedded.Dashboard.Resources;

/// <param name="Name">Of an environment variable.</param>
/// <param name="Value">Its value; what is secret in it is replaced by dots.</param>
/// <param name="IsSecret">Whether something was.</param>
public sealed record DashboardVariable(string Name, string Value, bool IsSecret);
