using System.Globalization;

namespace Shop.ServiceDefaults.Problems;

/// <summary>The <c>type</c> of problem details (RFC 9457): stable names that a client may compare.</summary>
public static class ProblemTypes
{
    public const string Prefix = "urn:shop:problem:";

    /// <summary>An error inside the shop.</summary>
    public const string InternalError = Prefix + "internal-error";

    /// <summary>Something the shop needs doesn't answer; asking again later helps.</summary>
    public const string Unavailable = Prefix + "unavailable";

    /// <summary>The type of a problem that says no more than its status code.</summary>
    public static string Of(int statusCode) => statusCode switch
    {
        400 => Prefix + "bad-request",
        401 => Prefix + "unauthorized",
        403 => Prefix + "forbidden",
        404 => Prefix + "not-found",
        405 => Prefix + "method-not-allowed",
        406 => Prefix + "not-acceptable",
        409 => Prefix + "conflict",
        413 => Prefix + "content-too-large",
        415 => Prefix + "unsupported-media-type",
        422 => Prefix + "unprocessable-content",
        429 => Prefix + "too-many-requests",
        500 => InternalError,
        503 => Unavailable,
        _ => Prefix + statusCode.ToString(CultureInfo.InvariantCulture),
    };
}
