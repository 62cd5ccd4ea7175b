namespace Shop.Benchmarks.Reports;

/// <summary>Numbers as people read them.</summary>
internal static class Figure
{
    public static string Count(double value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    public static string Decimal(double value) => value.ToString("#,0.##", CultureInfo.InvariantCulture);

    public static string Milliseconds(TimeSpan value) => value.TotalMilliseconds.ToString("#,0.0", CultureInfo.InvariantCulture);

    public static string Seconds(TimeSpan value) => value.TotalSeconds.ToString("#,0.0", CultureInfo.InvariantCulture);

    public static string MebiBytes(double bytes) => (bytes / 1024 / 1024).ToString("#,0.0", CultureInfo.InvariantCulture);

    public static string Percent(double share) => share.ToString("0.0 %", CultureInfo.InvariantCulture);

    public static double Median(IEnumerable<double> values) => Quantile(values, 0.5);

    /// <param name="values">In any order; of none the quantile is NaN.</param>
    /// <param name="share">From 0, the least, to 1, the greatest; between two values it is interpolated.</param>
    public static double Quantile(IEnumerable<double> values, double share)
    {
        var sorted = values.Order().ToArray();
        if (sorted.Length == 0)
            return double.NaN;
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        return below == sorted.Length - 1 ? sorted[below] : sorted[below] + ((place - below) * (sorted[below + 1] - sorted[below]));
    }

    /// <summary>With three significant digits, which is more than such measurements have.</summary>
    public static double Rounded(double value)
    {
        if (value == 0 || !double.IsFinite(value))
            return 0;
        var digits = 2 - (int)Math.Floor(Math.Log10(Math.Abs(value)));
        return digits > 0 ? Math.Round(value, Math.Min(digits, 15)) : Math.Round(value);
    }
}
