using System.Xml.Linq;
using Shop.Benchmarks.Reports;

namespace Shop.Tests.Benchmarks;

[Trait("Category", "Unit")]
public sealed class ChartTests
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void A_chart_of_bars_is_a_picture_with_a_bar_for_each_value_and_names_for_all()
    {
        var picture = XDocument.Parse(
            new Chart("Orders & more", "connections", "orders/s").Bars(["1", "64"], ("shop", [100, 4_000])).ToString());

        var texts = picture.Descendants(Svg + "text").Select(text => text.Value).ToArray();
        Assert.Superset(
            new HashSet<string> { "Orders & more", "connections", "orders/s", "1", "64", "shop", "100", "4,000" }, texts.ToHashSet());
        // One more for the legend.
        Assert.Equal(3, picture.Descendants(Svg + "rect").Count());
    }

    [Fact]
    public void A_chart_of_lines_keeps_within_its_frame()
    {
        var picture = XDocument.Parse(new Chart("Depth", "seconds", "messages").Line("outbox", [(0, 0), (3, 977), (7, 12)]).ToString());

        var points = Assert.Single(picture.Descendants(Svg + "polyline")).Attribute("points")!.Value.Split(' ')
            .Select(point => point.Split(',').Select(
            number => double.Parse(number, System.Globalization.CultureInfo.InvariantCulture)).ToArray());
        Assert.All(points,
            point => Assert.True(point[0] is >= 0 and <= 760 && point[1] is >= 0 and <= 400, $"({point[0]}, {point[1]}) is outside."));
    }
}
