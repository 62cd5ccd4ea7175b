namespace Embedded.Hosting;

public sealed class RedisResource(string name, ParameterResource password, int? port = null) : NativeServerResource(name, "tcp", port)
{
    public ParameterResource PasswordParameter { get; } = password;

    public override ReferenceExpression ConnectionStringExpression =>
        ReferenceExpression.Create($"{Host}:{Port},password={PasswordParameter}");

    public override ReferenceExpression UriExpression => ReferenceExpression.Create($"redis://:{PasswordParameter:uri}@{Host}:{Port}");

    /// <summary>Redis's default user has a password but no name that clients need.</summary>
    internal override ReferenceExpression UserName => ReferenceExpression.Create($"default");

    internal override ParameterResource Password => PasswordParameter;

    public override IEnumerable<KeyValuePair<string, ReferenceExpression>> GetConnectionProperties() =>
    [
        new("Host", ReferenceExpression.Create($"{Host}")),
        new("Port", ReferenceExpression.Create($"{Port}")),
        new("Password", ReferenceExpression.Create($"{PasswordParameter}")),
        new("Uri", UriExpression),
    ];
}
