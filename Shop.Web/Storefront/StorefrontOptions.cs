using System.ComponentModel.DataAnnotations;

namespace Shop.Web.Storefront;

/// <summary>Section <c>Storefront</c>: how the shop presents itself.</summary>
public sealed class StorefrontOptions
{
    public const string Section = "Storefront";

    /// <summary>The name on the sign, 1 to 40 characters.</summary>
    [Required(ErrorMessage = "{0} must not be empty: it is the shop's name in its header.")]
    [MaxLength(40, ErrorMessage = "{0} is longer than 40 characters: it has to fit in the header of a phone.")]
    public string Name { get; set; } = "Northbound";

    /// <summary>What the shop stands for, in a few words.</summary>
    [Required(ErrorMessage = "{0} must not be empty: it is the title of the home page.")]
    [MaxLength(80, ErrorMessage = "{0} is longer than 80 characters: it has to fit in a page title.")]
    public string Tagline { get; set; } = "Gear for the long way round";

    /// <summary>Pages that this process makes at the same time; 16 for each processor unless set.</summary>
    [Range(1, 100_000)]
    public int MaxPagesAtOnce { get; set; } = 16 * Environment.ProcessorCount;

    /// <summary>Beyond them so many visitors wait for their page; the next are asked to come again.</summary>
    [Range(0, 1_000_000)]
    public int MaxPagesWaiting { get; set; } = 5_000;

    /// <summary>Whoever has waited for so long is asked to come again; 5 s unless set.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")]
    public TimeSpan LongestPageWait { get; set; } = TimeSpan.FromSeconds(5);
}
