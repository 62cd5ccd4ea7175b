using System.Net.Sockets;
using Microsoft.AspNetCore.Diagnostics;
using Npgsql;
using Shop.Infrastructure.Sql;
using Shop.ServiceDefaults;
using StackExchange.Redis;

namespace Shop.ApiService.Http;

/// <summary>Turns what goes wrong into problem details (RFC 9457): the client's mistakes into 4xx, a missing server into 503.</summary>
internal static class ApiErrors
{
    /// <summary>No order is this long; what is bigger is refused before it is read.</summary>
    private const long MaxBodyBytes = 256 * 1024;

    private const string RetryAfterSeconds = "5";

    public static void AddApiErrors(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = MaxBodyBytes);
        // Malformed requests are thrown also outside development, so that one place answers them.
        builder.Services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
    }

    public static void UseApiErrors(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            StatusCodeSelector = StatusCode,
            SuppressDiagnosticsCallback = context => IsExpected(context.Exception),
            ExceptionHandler = WriteAsync
        });
        app.UseStatusCodePages();
        app.UseRequestChecks();
    }

    private static Task WriteAsync(HttpContext context)
    {
        var failure = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        var status = failure is null ? StatusCodes.Status500InternalServerError : StatusCode(failure);
        if (status == StatusCodes.Status503ServiceUnavailable)
            context.Response.Headers.RetryAfter = RetryAfterSeconds;
        return TypedResults.Problem(
            statusCode: status,
            detail: failure switch
            {
                BadHttpRequestException { InnerException: System.Text.Json.JsonException } =>
                    "The body is not the JSON that is expected here.",
                BadHttpRequestException { StatusCode: StatusCodes.Status413PayloadTooLarge } =>
                    $"The body is larger than {MaxBodyBytes / 1024} KB.",
                BadHttpRequestException bad when bad.Message.Contains("no body was provided", StringComparison.Ordinal) =>
                    "The body is missing.",
                BadHttpRequestException => failure.Message,
                PostgresException { SqlState: ['2', '2', ..] } => "Something in the request is no value that can be stored or looked for.",
                _ when status == StatusCodes.Status503ServiceUnavailable =>
                    "The shop can't do this right now. Please try again in a few seconds.",
                _ => null,
            }).ExecuteAsync(context);
    }

    private static int StatusCode(Exception failure) => failure switch
    {
        BadHttpRequestException bad => bad.StatusCode,
        // A data exception (class 22) is about a value, and values come with the request. What lets it get as far is still to be mended,
        // so it is logged like any failure.
        PostgresException { SqlState: ['2', '2', ..] } => StatusCodes.Status400BadRequest,
        RedisConnectionException or RedisTimeoutException => StatusCodes.Status503ServiceUnavailable,
        PostgresException { IsTransient: false } => StatusCodes.Status500InternalServerError,
        GroupCommitFullException or NpgsqlException or TimeoutException => StatusCodes.Status503ServiceUnavailable,
        InvalidOperationException { InnerException: NpgsqlException inner } => StatusCode(inner),
        { InnerException: SocketException } => StatusCodes.Status503ServiceUnavailable,
        _ => StatusCodes.Status500InternalServerError,
    };

    private static bool IsExpected(Exception failure) =>
        failure is not PostgresException && StatusCode(failure) < StatusCodes.Status500InternalServerError;
}
