using Microsoft.AspNetCore.Authorization;
using Microsoft.OpenApi;
using Shop.ServiceDefaults;

namespace Shop.ApiService.Http;

/// <summary>OpenAPI 3.1 at <c>/openapi/v1.json</c>, and pages to browse it at <c>/docs</c>.</summary>
internal static class ApiDocumentation
{
    public static void AddApiDocumentation(this IHostApplicationBuilder builder) =>
        builder.Services.AddOpenApi("v1", options =>
        {
            options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
            // HEAD is GET without the body, and would only double the document.
            options.ShouldInclude = call => call.HttpMethod != HttpMethods.Head;
            options.AddDocumentTransformer((document, _, _) =>
            {
                document.AddComponent(AdminAccess.SchemeName, new OpenApiSecurityScheme
                {
                    Type = SecuritySchemeType.Http,
                    Scheme = "bearer",
                    Description = "The shop's admin key (configuration Admin:ApiKey).",
                });
                document.Info.Title = "Shop API";
                document.Info.Description =
                    "Browse the catalogue, fill a basket, place an order and watch it. Errors are problem details (RFC 9457).";
                // Relative, so that the pages call whichever address they were opened at.
                document.Servers = [new OpenApiServer { Url = "/" }];
                return Task.CompletedTask;
            });
            options.AddOperationTransformer((operation, context, _) =>
            {
                if (context.Description.ActionDescriptor.EndpointMetadata.OfType<IAuthorizeData>().Any())
                {
                    var scheme = new OpenApiSecuritySchemeReference(AdminAccess.SchemeName, context.Document);
                    operation.Security = [new OpenApiSecurityRequirement { [scheme] = [] }];
                }

                return Task.CompletedTask;
            });
        });

    public static void MapApiDocumentation(this WebApplication app)
    {
        app.MapOpenApi().WithHead();
        app.UseSwaggerUI(pages =>
        {
            pages.RoutePrefix = "docs";
            pages.DocumentTitle = "Shop API";
            pages.SwaggerEndpoint("/openapi/v1.json", "v1");
        });
    }
}
