using Shop.Benchmarks.Reports;

namespace Shop.Tests.Benchmarks;

[Trait("Category", "Unit")]
public sealed class FigureTests
{
    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.25, 1.75)]
    [InlineData(0.5, 2.5)]
    [InlineData(0.75, 3.25)]
    [InlineData(1, 4)]
    public void Between_two_values_a_quantile_is_interpolated(double share, double quantile) =>
        Assert.Equal(quantile, Figure.Quantile([4, 1, 3, 2], share), 1e-12);

    [Fact]
    public void The_median_of_an_odd_count_is_the_middle_one() => Assert.Equal(7, Figure.Median([9, 7, 1]));

    [Fact]
    public void There_is_no_quantile_of_nothing() => Assert.True(double.IsNaN(Figure.Quantile([], 0.5)));
}
