// Commands that run a program and ask for arguments are new in Aspire.
#pragma warning disable ASPIREPROCESSCOMMAND001, ASPIREINTERACTION001
using Microsoft.Extensions.DependencyInjection;

namespace Shop.AppHost;

/// <summary>What whoever runs the shop has to do now and then, as commands in the dashboard. Most are the worker's own commands.</summary>
internal static class Chores
{
    private const string File = "file";
    private const string Id = "id";

    /// <summary>Kills a replica or server as a crash would, to see the shop go on and the process come back.</summary>
    public static IResourceBuilder<T> WithKillCommand<T>(this IResourceBuilder<T> resource)
        where T : IResource =>
        resource.WithCommand("kill", "Kill (SIGKILL)", KillAsync, new CommandOptions
        {
            Description = "Ends the process as a crash would. It is started again.",
            ConfirmationMessage = $"Kill {resource.Resource.Name}? What it was doing is cut off; nothing that was accepted is lost.",
            IconName = "PlugDisconnected",
            UpdateState = IfRunning,
        });

    /// <summary>Shows the key to <c>/api/v1/admin</c>.</summary>
    public static IResourceBuilder<ProjectResource> WithAdminKeyCommand(
        this IResourceBuilder<ProjectResource> api, IResourceBuilder<ParameterResource> key) =>
        api.WithCommand("admin-key", "Show the admin key", async context =>
        {
            var value = await key.Resource.GetValueAsync(context.CancellationToken);
            return CommandResults.Success(
                "Send it as Authorization: Bearer <key>.", value ?? "", CommandResultFormat.Text, displayImmediately: true);
        }, new CommandOptions { Description = "The key to /api/v1/admin.", IconName = "Key" });

    /// <summary>Holds the whole database against the rules.</summary>
    public static IResourceBuilder<ProjectResource> WithAuditCommand(
        this IResourceBuilder<ProjectResource> worker, IResourceBuilder<PostgresDatabaseResource> database) =>
        worker.WithWorkerCommand("audit", "Audit the database", database, _ => ["audit"], new ProcessCommandOptions
        {
            Description = "Whether stock, orders, payments and messages fit together. Changes nothing.",
            IconName = "ClipboardCheckmark",
        });

    /// <summary>Loads the products of a file.</summary>
    public static IResourceBuilder<ProjectResource> WithCatalogueCommand(
        this IResourceBuilder<ProjectResource> worker, IResourceBuilder<PostgresDatabaseResource> database) =>
        worker.WithWorkerCommand(
            "load-catalogue", "Load a catalogue", database, context => ["migrate", "--catalog", context.Arguments.GetString(File) ?? ""],
            new ProcessCommandOptions
            {
                Description = "Adds and changes products by a CSV file in Shopify's format; the stock of known SKUs is left as it is.",
                IconName = "BoxArrowUp",
                Arguments = [new InteractionInput
                {
                    Name = File, Label = "CSV file on the machine of the AppHost", InputType = InputType.Text, Required = true,
                    Placeholder = "/home/me/products_export.csv",
                }],
                ValidateArguments = context =>
                {
                    if (context.Inputs[File] is { Value: { } path } input && !System.IO.File.Exists(path))
                        context.AddValidationError(input, $"There is no file '{path}'.");
                    return Task.CompletedTask;
                },
            });

    /// <summary>Lists messages that nobody could handle, sends them again, and lets parked events be tried again.</summary>
    public static IResourceBuilder<ProjectResource> WithDeadLettersCommands(
        this IResourceBuilder<ProjectResource> worker, IResourceBuilder<PostgresDatabaseResource> database) =>
        worker
            .WithWorkerCommand("dead-letters", "List dead letters", database, _ => ["dead-letters", "list"], new ProcessCommandOptions
            {
                Description = "Messages that no consumer could handle.",
                IconName = "MailAlert",
            })
            .WithWorkerCommand(
                "resend-dead-letters", "Send dead letters again", database, _ => ["dead-letters", "resend", "--all"],
                new ProcessCommandOptions
                {
                    Description = "All of them, each to the queue in which it died. What was handled already changes nothing.",
                    ConfirmationMessage = "Send all dead letters again?",
                    IconName = "MailArrowForward",
                })
            .WithWorkerCommand("outbox", "List the outbox", database, _ => ["outbox", "list"], new ProcessCommandOptions
            {
                Description = "How many events wait to be published, and which were given up.",
                IconName = "MailInboxArrowUp",
            })
            .WithWorkerCommand(
                "release-parked-event", "Release a parked event", database, context =>
                    ["outbox", "release", context.Arguments.GetString(Id) ?? ""],
                new ProcessCommandOptions
                {
                    Description = "Lets an event that was given up be tried again.",
                    IconName = "MailInboxCheckmark",
                    Arguments = [new InteractionInput
                    {
                        Name = Id, Label = "Id of the event, from the outbox's list", InputType = InputType.Text, Required = true,
                    }],
                });

    /// <summary>Begins anew: orders, stock, baskets and messages are deleted, and the catalogue is loaded again.</summary>
    /// <param name="migrations">Loads the catalogue.</param>
    /// <param name="connections">What is emptied.</param>
    /// <param name="services">Who writes there, and is stopped meanwhile.</param>
    public static IResourceBuilder<ProjectResource> WithResetCommand(
        this IResourceBuilder<ProjectResource> migrations,
        IResourceBuilder<IResourceWithConnectionString>[] connections,
        params IResourceBuilder<ProjectResource>[] services) =>
        migrations.WithCommand("reset", "Reset the data", async context =>
        {
            var commands = context.Services.GetRequiredService<ResourceCommandService>();
            var notifications = context.Services.GetRequiredService<ResourceNotificationService>();
            foreach (var service in services)
                await commands.ExecuteCommandAsync(service.Resource, KnownResourceCommands.StopCommand, context.CancellationToken);
            var spec = await WorkerAsync(migrations.Resource, ["reset", "--yes"], connections, context.CancellationToken);
            var (exitCode, said) = await RunAsync(spec, context.CancellationToken);
            var started = DateTime.UtcNow;
            await commands.ExecuteCommandAsync(migrations.Resource, KnownResourceCommands.StartCommand, context.CancellationToken);
            await notifications.WaitForResourceAsync(
                migrations.Resource.Name, change => change.Snapshot.StopTimeStamp?.ToUniversalTime() > started, context.CancellationToken);
            foreach (var service in services.Reverse())
                await commands.ExecuteCommandAsync(service.Resource, KnownResourceCommands.StartCommand, context.CancellationToken);
            return exitCode == 0 ? CommandResults.Success(said) : CommandResults.Failure(said);
        }, new CommandOptions
        {
            Description = "Deletes all orders, stock, baskets and messages, and loads the catalogue again.",
            ConfirmationMessage = "Delete all orders, stock, baskets and messages for good, and begin anew?",
            IconName = "Delete",
        });

    private static IResourceBuilder<ProjectResource> WithWorkerCommand(
        this IResourceBuilder<ProjectResource> worker,
        string name,
        string text,
        IResourceBuilder<PostgresDatabaseResource> database,
        Func<ExecuteCommandContext, string[]> arguments,
        ProcessCommandOptions options) =>
        worker.WithProcessCommand(
            name, text, async context => await WorkerAsync(worker.Resource, arguments(context), [database], context.CancellationToken),
            options);

    private static async Task<ProcessCommandSpec> WorkerAsync(
        ProjectResource worker, string[] arguments, IResourceBuilder<IResourceWithConnectionString>[] connections,
        CancellationToken cancellationToken)
    {
        var environment = new Dictionary<string, string>();
        foreach (var connection in connections)
            environment[$"ConnectionStrings__{connection.Resource.Name}"] =
                await connection.Resource.GetConnectionStringAsync(cancellationToken) ?? "";
        return new ProcessCommandSpec(ShopDefaults.BuiltProgram(worker)) { Arguments = arguments, EnvironmentVariables = environment };
    }

    private static async Task<(int ExitCode, string Said)> RunAsync(ProcessCommandSpec spec, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(spec.ExecutablePath, spec.Arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        foreach (var (name, value) in spec.EnvironmentVariables)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(cancellationToken);
        var errors = await process.StandardError.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        return (process.ExitCode, $"{await output}{errors}".Trim());
    }

    private static Task<ExecuteCommandResult> KillAsync(ExecuteCommandContext context)
    {
        var notifications = context.Services.GetRequiredService<ResourceNotificationService>();
        if (!notifications.TryGetCurrentState(context.ResourceName, out var known)
            || known.Snapshot.Properties.FirstOrDefault(property => property.Name == "executable.pid")?.Value is not { } id)
            return Task.FromResult(CommandResults.Failure($"{context.ResourceName} has no process of this machine."));
        try
        {
            using var process = Process.GetProcessById(Convert.ToInt32(id, CultureInfo.InvariantCulture));
            // A server runs below a script, which ends with it.
            process.Kill(entireProcessTree: true);
            return Task.FromResult(CommandResults.Success());
        }
        catch (ArgumentException)
        {
            return Task.FromResult(CommandResults.Failure($"{context.ResourceName} has just ended by itself."));
        }
    }

    private static ResourceCommandState IfRunning(UpdateCommandStateContext context) =>
        context.ResourceSnapshot.State?.Text == KnownResourceStates.Running ? ResourceCommandState.Enabled : ResourceCommandState.Hidden;
}
