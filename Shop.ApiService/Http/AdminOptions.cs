using System.ComponentModel.DataAnnotations;

namespace Shop.ApiService.Http;

/// <summary>Configuration section <c>Admin</c>.</summary>
internal sealed class AdminOptions
{
    /// <summary>What calls of <c>/api/v1/admin</c> send as bearer token (RFC 6750). Without one nobody is let in.</summary>
    [MinLength(32, ErrorMessage = "{0} is too short: it must be a random secret of at least 32 characters.")]
    public string? ApiKey { get; set; }
}
