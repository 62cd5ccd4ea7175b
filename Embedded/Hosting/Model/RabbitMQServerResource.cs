namespace Embedded.Hosting;

public sealed class RabbitMQServerResource(string name, ParameterResource? userName, ParameterResource password, int? port = null)
    : NativeServerResource(name, "tcp", port)
{
    internal const string ManagementEndpointName = "management";

    private const string DefaultUserName = "guest";

    public ParameterResource? UserNameParameter { get; } = userName;

    public ParameterResource PasswordParameter { get; } = password;

    /// <summary>Exists only with the management plugin.</summary>
    public EndpointReference ManagementEndpoint => new(this, ManagementEndpointName);

    public ReferenceExpression UserNameReference =>
        UserNameParameter is null ? ReferenceExpression.Create($"{DefaultUserName}") : ReferenceExpression.Create($"{UserNameParameter}");

    public override ReferenceExpression ConnectionStringExpression => UriExpression;

    public override ReferenceExpression UriExpression =>
        ReferenceExpression.Create($"amqp://{UserNameReference:uri}:{PasswordParameter:uri}@{Host}:{Port}");

    internal override ReferenceExpression UserName => UserNameReference;

    internal override ParameterResource Password => PasswordParameter;

    public override IEnumerable<KeyValuePair<string, ReferenceExpression>> GetConnectionProperties() =>
    [
        new("Host", ReferenceExpression.Create($"{Host}")),
        new("Port", ReferenceExpression.Create($"{Port}")),
        new("Username", UserNameReference),
        new("Password", ReferenceExpression.Create($"{PasswordParameter}")),
        new("Uri", UriExpression),
    ];
}
