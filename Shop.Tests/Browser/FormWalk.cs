using AngleSharp;
using AngleSharp.Dom;
using AngleSharp.Html.Dom;

namespace Shop.Tests.Browser;

/// <summary>Walks through a site by its forms, as a browser without scripts does.</summary>
internal sealed class FormWalk(HttpClient http)
{
    private IDocument? _page;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public async Task OpenAsync(string path)
    {
        using var response = await http.GetAsync(new Uri(path, UriKind.Relative), Cancellation);
        await ShowAsync(response);
    }

    /// <summary>Sends a form of the page as it is, with these fields filled in.</summary>
    /// <returns>Where that led.</returns>
    public async Task<Uri> SubmitAsync(string selector, params (string Name, string Value)[] filledIn)
    {
        var form = Assert.IsType<IHtmlFormElement>(_page!.QuerySelector(selector), exactMatch: false);
        var fields = form.Elements.OfType<IHtmlInputElement>()
            .Where(input => input.Name is not null && (input.Type is not ("radio" or "checkbox") || input.IsChecked))
            .ToDictionary(input => input.Name!, input => input.Value);
        foreach (var (name, value) in filledIn)
            fields[name] = value;
        using var content = new FormUrlEncodedContent(fields);
        var target = form.GetAttribute("action") is { Length: > 0 } action ? new Uri(http.BaseAddress!, action) : new Uri(_page.Url);
        using var response = await http.PostAsync(target, content, Cancellation);
        await ShowAsync(response);
        return new Uri(_page!.Url);
    }

    private async Task ShowAsync(HttpResponseMessage response)
    {
        var html = await response.Content.ReadAsStringAsync(Cancellation);
        var address = response.RequestMessage!.RequestUri!;
        Assert.True(response.IsSuccessStatusCode, $"{address} answered {(int)response.StatusCode}: {html}");
        _page = await BrowsingContext.New().OpenAsync(request => request.Content(html).Address(address), Cancellation);
    }
}
