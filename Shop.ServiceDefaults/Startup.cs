using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Options;

namespace Shop.ServiceDefaults;

/// <summary>Runs a service to its end, and says in a sentence what keeps it from starting.</summary>
public static class Startup
{
    /// <returns>The process's exit code: 0 after an ordinary stop, 1 when it couldn't start.</returns>
    public static async Task<int> RunToEndAsync(this WebApplication app)
    {
        try
        {
            await app.RunAsync();
            return 0;
        }
        catch (OptionsValidationException wrong)
        {
            foreach (var sentence in wrong.Failures)
                await Console.Error.WriteLineAsync(sentence);
        }
        catch (IOException taken) when (taken.InnerException is AddressInUseException)
        {
            await Console.Error.WriteLineAsync($"{taken.Message} Choose another one with ASPNETCORE_URLS, or stop what uses it.");
        }

        return 1;
    }
}
