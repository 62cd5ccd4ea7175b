using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Shop.ServiceDefaults.Problems;

/// <summary>In Development, too, programs get the problem details of production; the page with the stack trace is for browsers.</summary>
internal sealed class DeveloperProblems(IProblemDetailsService problems) : IDeveloperPageExceptionFilter
{
    public async Task HandleExceptionAsync(ErrorContext errorContext, Func<ErrorContext, Task> next)
    {
        var context = errorContext.HttpContext;
        var isBrowser = context.Request.GetTypedHeaders().Accept.Any(accepted => accepted.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase));
        context.Response.StatusCode = errorContext.Exception is BadHttpRequestException bad ? bad.StatusCode : StatusCodes.Status500InternalServerError;
        if (isBrowser || !await problems.TryWriteAsync(new ProblemDetailsContext { HttpContext = context })) await next(errorContext);
    }
}
