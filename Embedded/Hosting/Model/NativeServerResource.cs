namespace Embedded.Hosting;

/// <summary>A backing service that runs as a private process of this machine; with Aspire's packages it would be a container.</summary>
public abstract class NativeServerResource : Resource, IResourceWithEndpoints, IResourceWithConnectionString, IResourceWithWaitSupport
{
    private protected NativeServerResource(string name, string endpointName, int? port)
        : base(name)
    {
        PrimaryEndpoint = new EndpointReference(this, endpointName);
        Annotations.Add(new EndpointAnnotation(endpointName, "tcp", port, targetPort: null) { IsProxied = false });
    }

    public EndpointReference PrimaryEndpoint { get; }

    public EndpointReferenceExpression Host => PrimaryEndpoint.Property(EndpointProperty.Host);

    public EndpointReferenceExpression Port => PrimaryEndpoint.Property(EndpointProperty.Port);

    public abstract ReferenceExpression ConnectionStringExpression { get; }

    public abstract ReferenceExpression UriExpression { get; }

    public abstract IEnumerable<KeyValuePair<string, ReferenceExpression>> GetConnectionProperties();

    internal abstract ReferenceExpression UserName { get; }

    internal abstract ParameterResource Password { get; }
}
