namespace Shop.Web.Api;

/// <summary>The API understood the request and refused it.</summary>
public sealed class ShopRefusedException(HttpStatusCode status, ApiProblem problem)
    : Exception(problem.Detail ?? problem.Title ?? $"The shop answered {(int)status}.")
{
    public HttpStatusCode Status { get; } = status;

    public ApiProblem Problem { get; } = problem;
}
