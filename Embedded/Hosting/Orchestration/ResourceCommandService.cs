namespace Embedded.Hosting;

/// <summary>Carries out the commands of <see cref="KnownResourceCommands"/>.</summary>
public sealed class ResourceCommandService
{
    private readonly Orchestrator _orchestrator;

    internal ResourceCommandService(Orchestrator orchestrator) => _orchestrator = orchestrator;

    /// <param name="resourceId">A resource's name, or one replica's: <c>apiservice-2</c>.</param>
    /// <param name="commandName">One of <see cref="KnownResourceCommands"/>.</param>
    /// <param name="cancellationToken">Gives up waiting for the command's end.</param>
    public async Task<ExecuteCommandResult> ExecuteCommandAsync(string resourceId, string commandName, CancellationToken cancellationToken = default)
    {
        try
        {
            await _orchestrator.ExecuteAsync(resourceId, commandName).WaitAsync(cancellationToken);
            return new ExecuteCommandResult { Success = true };
        }
        catch (EmbeddedHostingException exception)
        {
            return new ExecuteCommandResult { Success = false, Message = exception.Message };
        }
    }

    public Task<ExecuteCommandResult> ExecuteCommandAsync(IResource resource, string commandName, CancellationToken cancellationToken = default) =>
        ExecuteCommandAsync(resource.Name, commandName, cancellationToken);
}
