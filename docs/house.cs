// Draws the house from its own references: `dotnet run docs/house.cs` writes docs/images/house.svg and nothing else.
//
// Projects are boxes, their top-level folders the rooms; who is referenced lies below. The same sources make the same
// picture, byte for byte: there is no date in it, and nothing depends on the machine's language.
#:property PublishAot=false

using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;

CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;

var root = FindRoot();
var projects = Directory.GetDirectories(root, "Shop.*").Where(folder => File.Exists(ProjectFile(folder)))
    .Select(folder => Project.Read(root, Path.GetFileName(folder))).OrderBy(project => project.Name, StringComparer.Ordinal).ToList();
var ground = projects.Single(project => project.Name == "Shop.Infrastructure");
// A module is what Infrastructure has and others have by the same name; each has one colour in every project.
var modules = ground.Rooms.Select(room => room.Name).Order(StringComparer.Ordinal)
    .Where(room => projects.Count(project => !IsTooling(project.Name) && project.Rooms.Any(own => own.Name == room)) > 1)
    .Where(room => File.Exists(Path.Combine(root, ground.Name, room, $"{room}Module.cs"))).ToList();

var picture = new Picture(modules);
var inside = ground.Rooms.Where(room => room.Name.Length > 0 && !ground.KnownToAll.Contains(room.Name))
    .Select(room => new Box(room.Name, 158, 40) { Room = room }).ToList();
var insideArrows = Layout.Arrows(inside, ground.Needs);
var (insideWidth, insideHeight) = Layout.Place(inside, insideArrows, gapX: 22, gapY: 32);

var boxes = projects.ConvertAll(project => BoxOf(project));
var arrows = Layout.Arrows(boxes, projects.ToDictionary(project => project.Name, project => project.References));
var (width, height) = Layout.Place(boxes, arrows, gapX: 26, gapY: 46);

picture.Begin(width, height);
foreach (var arrow in arrows)
    picture.Draw(arrow, isDashed: projects.Single(project => project.Name == arrow.From.Name).Starts.Contains(arrow.To.Name));
foreach (var (project, box) in projects.Zip(boxes))
{
    picture.Draw(project, box);
    if (project != ground)
    {
        picture.DrawRooms(project.Rooms, box, columns: Columns(project), top: box.Y + Picture.TitleHeight(project, box));
        continue;
    }

    picture.MoveTo(box.Left + ((box.Width - insideWidth) / 2), box.Y + Picture.TitleHeight(project, box) + 4);
    foreach (var arrow in insideArrows)
        picture.Draw(arrow, isDashed: false);
    foreach (var room in inside)
        picture.DrawRoom(room);
    picture.MoveTo(0, 0);
    picture.DrawGround([.. ground.Rooms.Where(room => ground.KnownToAll.Contains(room.Name))], box);
}

picture.End(projects.Sum(project => project.Files), projects.Sum(project => project.Lines));
File.WriteAllText(Path.Combine(root, "docs", "images", "house.svg"), picture.ToString());

Box BoxOf(Project project)
{
    if (project == ground)
        return new Box(project.Name, Math.Max(insideWidth + 40, 660), insideHeight + 122);
    var columns = Columns(project);
    var box = new Box(project.Name, columns switch { 1 => 216, 2 => 459, _ => Picture.FloorWidth }, 0);
    var shown = project.Rooms.Any(room => room.Name.Length > 0) ? project.Rooms.Count : 0;
    var lines = (shown + columns - 1) / columns;
    box.Height = Picture.TitleHeight(project, box) + (lines * Picture.RoomStep) + (lines > 0 ? 8 : 2);
    return box;
}

// Whoever stands alone on a floor is wide; services stand side by side.
static int Columns(Project project) =>
    IsTooling(project.Name) || project.Starts.Count > 0 ? 5 : project.References.Count > 0 || project.Rooms.Count == 1 ? 1 : 2;

static bool IsTooling(string project) => project is "Shop.Tests" or "Shop.Benchmarks";

static string ProjectFile(string folder) => Path.Combine(folder, $"{Path.GetFileName(folder)}.csproj");

static string FindRoot()
{
    for (var folder = Directory.GetCurrentDirectory(); folder is not null; folder = Path.GetDirectoryName(folder))
    {
        if (File.Exists(Path.Combine(folder, "Shop.sln")))
            return folder;
    }

    throw new DirectoryNotFoundException("Run it in the repository: no folder above this one holds Shop.sln.");
}

/// <summary>A top-level folder of a project; its name is empty for what stands in the project's root.</summary>
internal sealed record Room(string Name, int Files, int Lines);

/// <summary>A project as its own files tell of it.</summary>
/// <param name="About">What the README says of it.</param>
/// <param name="References">The projects that it names.</param>
/// <param name="Starts">Those among them that it starts as programs, using none of their code.</param>
/// <param name="Needs">Which rooms each room names.</param>
/// <param name="KnownToAll">The rooms that the project file makes known to all others.</param>
internal sealed partial record Project(
    string Name, string About, List<string> References, HashSet<string> Starts, List<Room> Rooms,
    Dictionary<string, List<string>> Needs, HashSet<string> KnownToAll)
{
    private static readonly string[] Endings = [".cs", ".razor", ".sql"];

    public int Files => Rooms.Sum(room => room.Files);

    public int Lines => Rooms.Sum(room => room.Lines);

    public static Project Read(string root, string name)
    {
        var folder = Path.Combine(root, name);
        var file = XDocument.Load(Path.Combine(folder, $"{name}.csproj"));
        var references = file.Descendants("ProjectReference").Select(reference => (
            Name: Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')),
            IsCode: reference.Attribute("IsAspireProjectResource")?.Value == "false")).ToList();
        var isAppHost = file.Root!.Attribute("Sdk")!.Value.StartsWith("Aspire.AppHost.Sdk", StringComparison.Ordinal);
        var sources = Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Where(path => Endings.Contains(Path.GetExtension(path)) && !Parts(path).Any(part => part is "bin" or "obj"))
            .Select(path => (Room: Parts(path) is [var first, _, ..] ? first : "", Text: File.ReadAllText(path), Path: path)).ToList();
        var rooms = sources.GroupBy(source => source.Room)
            .Select(room => new Room(room.Key, room.Count(), room.Sum(source => source.Text.Count(letter => letter == '\n'))))
            .OrderBy(room => room.Name, StringComparer.Ordinal).ToList();
        var names = rooms.Select(room => room.Name).ToHashSet();
        var mention = new Regex($@"(?<!namespace\s)\b(?:Shop\.)?{Regex.Escape(name["Shop.".Length..])}\.([A-Z]\w*)");
        var needs = sources.Where(source => source.Path.EndsWith(".cs", StringComparison.Ordinal)).GroupBy(source => source.Room)
            .ToDictionary(room => room.Key, room => room
                .SelectMany(source => mention.Matches(Comment().Replace(source.Text, "")).Select(match => match.Groups[1].Value))
                .Where(names.Contains).Distinct().Except([room.Key]).Order(StringComparer.Ordinal).ToList());
        var known = file.Descendants("Using").Select(use => use.Attribute("Include")?.Value ?? "")
            .Where(use => use.StartsWith($"{name}.", StringComparison.Ordinal)).Select(use => use[(name.Length + 1)..]).ToHashSet();
        return new Project(
            name, AboutOf(root, name), [.. references.Select(reference => reference.Name).Order(StringComparer.Ordinal)],
            [.. references.Where(reference => isAppHost && !reference.IsCode).Select(reference => reference.Name)], rooms, needs, known);

        string[] Parts(string path) => Path.GetRelativePath(folder, path).Split(Path.DirectorySeparatorChar);
    }

    private static string AboutOf(string root, string name)
    {
        var row = File.ReadLines(Path.Combine(root, "README.md"))
            .FirstOrDefault(line => line.StartsWith($"| `{name}` |", StringComparison.Ordinal));
        return row is null ? "" : row.Split('|')[2].Replace("`", "", StringComparison.Ordinal).Trim();
    }

    [GeneratedRegex("//.*")]
    private static partial Regex Comment();
}

/// <summary>A box of the picture, or the place where a long arrow passes a floor.</summary>
internal sealed class Box(string name, int width, int height)
{
    public string Name => name;

    public int Width => width;

    public int Height { get; set; } = height;

    public Room? Room { get; init; }

    /// <summary>0 is the lowest.</summary>
    public int Floor { get; set; }

    public double Middle { get; set; }

    public int Y { get; set; }

    /// <summary>Where its floor ends, of which it may be a low box.</summary>
    public int FloorEnd { get; set; }

    public int Left => (int)Math.Round(Middle - (width / 2.0));

    public List<Box> Neighbours { get; } = [];
}

/// <summary>Goes down from a box to another one, by the places where it passes the floors between.</summary>
internal sealed record Arrow(Box From, Box To)
{
    public List<Box> Way { get; } = [];
}

/// <summary>Puts boxes on floors so that arrows go down, short and with few crossings (after Sugiyama, 1981).</summary>
internal static class Layout
{
    private const int Sweeps = 24;

    /// <summary>An arrow for each reference, except those that follow from others.</summary>
    public static List<Arrow> Arrows(List<Box> boxes, Dictionary<string, List<string>> needs)
    {
        var byName = boxes.ToDictionary(box => box.Name);
        var drawn = needs.Where(need => byName.ContainsKey(need.Key))
            .ToDictionary(need => need.Key, need => need.Value.Where(byName.ContainsKey).ToList());
        return
        [
            .. from box in boxes
               from needed in drawn.GetValueOrDefault(box.Name, [])
               where !drawn[box.Name].Any(other => other != needed && Reaches(other, needed))
               select new Arrow(box, byName[needed]),
        ];

        bool Reaches(string from, string to) =>
            drawn.GetValueOrDefault(from, []).Any(next => next == to || Reaches(next, to));
    }

    public static (int Width, int Height) Place(List<Box> boxes, List<Arrow> arrows, int gapX, int gapY)
    {
        foreach (var box in boxes)
            box.Floor = Depth(box);
        // As high as whoever uses it allows, so that arrows are short.
        foreach (var box in boxes.OrderByDescending(box => box.Floor).ToList())
        {
            if (arrows.Where(arrow => arrow.To == box).ToList() is { Count: > 0 } users)
                box.Floor = users.Min(arrow => arrow.From.Floor) - 1;
        }

        var places = new List<Box>(boxes);
        foreach (var arrow in arrows)
        {
            var last = arrow.From;
            for (var floor = arrow.From.Floor - 1; floor > arrow.To.Floor; floor--)
            {
                var place = new Box("", 16, 0) { Floor = floor };
                places.Add(place);
                arrow.Way.Add(place);
                Join(last, place);
                last = place;
            }

            Join(last, arrow.To);
        }

        var floors = places.GroupBy(box => box.Floor).OrderByDescending(floor => floor.Key).Select(floor => floor.ToList()).ToList();
        for (var sweep = 0; sweep < Sweeps; sweep++)
        {
            foreach (var floor in sweep % 2 == 0 ? floors : floors.AsEnumerable().Reverse().ToList())
            {
                // Whoever has nothing to do with others stands at the end.
                foreach (var box in floor)
                    box.Middle = box.Neighbours.Select(other => other.Middle).DefaultIfEmpty(double.MaxValue / 4).Average();
                floor.Sort((one, other) => one.Middle != other.Middle
                    ? one.Middle.CompareTo(other.Middle)
                    : string.CompareOrdinal(one.Name, other.Name));
                Center(floor, gapX);
            }
        }

        var y = 0;
        foreach (var floor in floors)
        {
            var tallest = floor.Max(box => box.Height);
            floor.ForEach(box => (box.Y, box.FloorEnd) = (y, y + tallest));
            floor.Where(box => box.Name.Length == 0).ToList().ForEach(box => box.Height = tallest);
            y += tallest + gapY;
        }

        var left = places.Min(box => box.Left);
        places.ForEach(box => box.Middle -= left);
        return (places.Max(box => box.Left + box.Width), y - gapY);

        int Depth(Box box) => arrows.Where(arrow => arrow.From == box).Select(arrow => Depth(arrow.To) + 1).DefaultIfEmpty(0).Max();
    }

    private static void Join(Box one, Box other)
    {
        one.Neighbours.Add(other);
        other.Neighbours.Add(one);
    }

    /// <summary>Side by side, the floor's middle above those of the others.</summary>
    private static void Center(List<Box> floor, int gap)
    {
        var x = -(floor.Sum(box => box.Width) + ((floor.Count - 1) * gap)) / 2.0;
        foreach (var box in floor)
        {
            box.Middle = x + (box.Width / 2.0);
            x += box.Width + gap;
        }
    }
}

/// <summary>The picture as SVG: it has its own ground, so it reads the same on a light page and on a dark one.</summary>
internal sealed class Picture(List<string> modules)
{
    public const int RoomStep = 26;

    /// <summary>Of a box that has a floor for itself.</summary>
    public const int FloorWidth = 944;

    private const int Margin = 40;
    private const int Roof = 104;
    private const int Legend = 64;
    private const int Padding = 12;
    private const double LetterWidth = 6.1;

    /// <summary>Pale grounds for the modules, with the dark that belongs to each.</summary>
    private static readonly (string Pale, string Dark)[] Colours =
    [
        ("#fde8d7", "#a34a0a"), ("#dff0e0", "#256b2f"), ("#fbe3ea", "#a3274f"), ("#e4e6fb", "#3f46a8"),
        ("#f3e4f7", "#7c2f93"), ("#dbeef7", "#12617f"), ("#fbf0c9", "#7d5a00"), ("#d9f1ee", "#0d6b61"),
    ];

    private readonly List<string> _lines = [];
    private int _x = Margin;
    private int _y = Roof;
    private int _width;
    private int _height;

    public void Begin(int width, int height)
    {
        (_width, _height) = (width + (2 * Margin), height + Roof + Legend);
        var size = $"""viewBox="0 0 {_width} {_height}" width="{_width}" height="{_height}" """;
        Add($"""<svg xmlns="http://www.w3.org/2000/svg" {size}role="img">""");
        Add("<title>The house: its projects, the rooms in them, and who uses whom</title>");
        Add("""
            <defs>
            <marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">
            <path d="M0 0.6 L8 4 L0 7.4 Z" fill="#5b6672"/>
            </marker>
            </defs>
            <style>
            text { font-family: "Segoe UI", "Helvetica Neue", Helvetica, Arial, sans-serif; fill: #1d2731; }
            .title { font-size: 15px; font-weight: 600; }
            .name { font-size: 13px; }
            .small { font-size: 11.5px; fill: #5b6672; }
            .end { text-anchor: end; }
            .mid { text-anchor: middle; }
            .arrow { fill: none; stroke: #5b6672; stroke-width: 1.4; marker-end: url(#tip); }
            .starts { stroke-dasharray: 5 4; }
            .project { fill: #ffffff; stroke: #c3ccd5; stroke-width: 1.2; }
            </style>
            """);
        Add($"""<rect width="{_width}" height="{_height}" rx="14" fill="#eef2f5"/>""");
    }

    public void End(int files, int lines)
    {
        var middle = _width / 2;
        Add($"""<path d="M{Margin - 16} {Roof - 16} L{middle} 18 L{_width - Margin + 16} {Roof - 16} Z" fill="#1f4e5f"/>""");
        Add($"""<text class="mid" x="{middle}" y="62" style="font-size:19px;font-weight:600;fill:#ffffff">Shop</text>""");
        Add($"""<text class="mid small" x="{middle}" y="80" style="fill:#d5e4ea">{files:N0} files, {lines:N0} lines</text>""");
        var y = _height - 30;
        Add($"""<path class="arrow" d="M{Margin} {y - 4} h34"/>""");
        Add($"""<text class="small" x="{Margin + 42}" y="{y}">uses its code</text>""");
        Add($"""<path class="arrow starts" d="M{Margin + 140} {y - 4} h34"/>""");
        Add($"""<text class="small" x="{Margin + 182}" y="{y}">starts it</text>""");
        Add($"""<text class="small" x="{Margin + 254}" y="{y}">What follows from other arrows is left out.</text>""");
        const string Colour = "A module has its colour in every project. Numbers: files · lines.";
        Add($"""<text class="small end" x="{_width - Margin}" y="{y}">{Colour}</text>""");
        Add("</svg>");
    }

    /// <summary>What is drawn from now on lies so far inside of the house.</summary>
    public void MoveTo(int x, int y) => (_x, _y) = (Margin + x, Roof + y);

    public static int TitleHeight(Project project, Box box) => IsWide(box) ? 40 : 56 + (Wrap(project.About, box).Count * 15);

    public void Draw(Project project, Box box)
    {
        var (x, y) = (_x + box.Left, _y + box.Y);
        Add($"""<rect class="project" x="{x}" y="{y}" width="{box.Width}" height="{box.Height}" rx="8"/>""");
        Add($"""<text class="title" x="{x + Padding}" y="{y + 25}">{project.Name}</text>""");
        if (IsWide(box))
        {
            Add($"""<text class="small" x="{x + 176}" y="{y + 25}">{Escaped(project.About)}</text>""");
            Add($"""<text class="small end" x="{x + box.Width - Padding}" y="{y + 25}">{Counts(project.Files, project.Lines)}</text>""");
            return;
        }

        Add($"""<text class="small" x="{x + Padding}" y="{y + 42}">{project.Files} files · {project.Lines:N0} lines</text>""");
        foreach (var (line, index) in Wrap(project.About, box).Select((line, index) => (line, index)))
            Add($"""<text class="small" x="{x + Padding}" y="{y + 58 + (index * 15)}">{Escaped(line)}</text>""");
    }

    public void DrawRooms(List<Room> rooms, Box box, int columns, int top)
    {
        if (rooms.All(room => room.Name.Length == 0))
            return;
        var step = (box.Width - (2 * Padding) + 6) / columns;
        // What stands in the root comes last: it puts the rooms together.
        foreach (var (room, index) in rooms.OrderBy(room => room.Name.Length == 0).Select((room, index) => (room, index)))
            Chip(room, _x + box.Left + Padding + (index % columns * step), _y + top + (index / columns * RoomStep), step - 6);
    }

    public void DrawRoom(Box box)
    {
        var (x, y, colours) = (_x + box.Left, _y + box.Y, ColoursOf(box.Name));
        Add($"""<rect x="{x}" y="{y}" width="{box.Width}" height="{box.Height}" rx="6" fill="{colours.Pale}" stroke="{colours.Dark}"/>""");
        var (middle, style) = (x + (box.Width / 2), $"fill:{colours.Dark};font-weight:600");
        Add($"""<text class="mid name" x="{middle}" y="{y + 17}" style="{style}">{box.Name}</text>""");
        Add($"""<text class="mid small" x="{middle}" y="{y + 32}">{Counts(box.Room!.Files, box.Room.Lines)}</text>""");
    }

    /// <summary>The rooms on which all others stand, below them.</summary>
    public void DrawGround(List<Room> rooms, Box box)
    {
        var (x, y) = (_x + box.Left + Padding, _y + box.Y + box.Height - 38);
        Add($"""<text class="small" x="{x + 4}" y="{y + 16}">All its rooms stand on</text>""");
        var (from, step) = (x + 134, (box.Width - (2 * Padding) - 134 + 6) / Math.Max(1, rooms.Count));
        foreach (var (room, index) in rooms.Select((room, index) => (room, index)))
            Chip(room, from + (index * step), y, step - 6);
    }

    public void Draw(Arrow arrow, bool isDashed)
    {
        var x = Port(arrow.From, arrow.Way.FirstOrDefault() ?? arrow.To);
        // Down to the end of the floor first, or it would run behind a taller neighbour.
        var (y, path) = (_y + arrow.From.FloorEnd, $"M{_x + x} {_y + arrow.From.Y + arrow.From.Height} V{_y + arrow.From.FloorEnd}");
        foreach (var place in arrow.Way)
        {
            Curve((int)place.Middle, _y + place.Y);
            (y, path) = (_y + place.Y + place.Height, $"{path} V{_y + place.Y + place.Height}");
        }

        Curve(Port(arrow.To, arrow.Way.LastOrDefault() ?? arrow.From), _y + arrow.To.Y - 1);
        Add($"""<path class="arrow{(isDashed ? " starts" : "")}" d="{path}"/>""");

        void Curve(int toX, int toY)
        {
            path += $" C{_x + x} {(y + toY) / 2} {_x + toX} {(y + toY) / 2} {_x + toX} {toY}";
            x = toX;
        }
    }

    public override string ToString() => string.Join('\n', _lines) + "\n";

    /// <summary>Where an arrow leaves or meets a box: right above or below the other one if it can be, and beside other arrows.</summary>
    private static int Port(Box box, Box other)
    {
        const int Edge = 24;
        const int Apart = 36;
        var side = box.Neighbours.Where(neighbour => neighbour.Floor > box.Floor == other.Floor > box.Floor)
            .OrderBy(neighbour => neighbour.Middle).ThenBy(neighbour => neighbour.Name, StringComparer.Ordinal).ToList();
        var (left, right) = (box.Left + Edge, box.Left + box.Width - Edge);
        var ports = side.ConvertAll(neighbour => side.Count == 1 && neighbour.Width > box.Width
            ? box.Middle
            : Math.Clamp(neighbour.Middle, left, Math.Max(left, right)));
        for (var index = 1; index < ports.Count; index++)
            ports[index] = Math.Max(ports[index], ports[index - 1] + Apart);
        for (var index = ports.Count - 1; index >= 0; index--)
            ports[index] = Math.Min(ports[index], right - ((ports.Count - 1 - index) * Apart));
        return (int)(box.Width < 2 * Edge ? box.Middle : ports[side.IndexOf(other)]);
    }

    private void Chip(Room room, int x, int y, int width)
    {
        var isRoot = room.Name.Length == 0;
        var (pale, dark) = ColoursOf(room.Name);
        Add($"""<rect x="{x}" y="{y}" width="{width}" height="{RoomStep - 4}" rx="5" fill="{(isRoot ? "none" : pale)}"/>""");
        Add($"""<text class="name" x="{x + 8}" y="{y + 15}" style="fill:{dark}">{(isRoot ? "in the root" : room.Name)}</text>""");
        Add($"""<text class="small end" x="{x + width - 7}" y="{y + 15}">{Counts(room.Files, room.Lines)}</text>""");
    }

    private (string Pale, string Dark) ColoursOf(string room) =>
        modules.IndexOf(room) is >= 0 and var index ? Colours[index % Colours.Length] : ("#eef1f4", "#3b4652");

    private static bool IsWide(Box box) => box.Width == FloorWidth;

    private static string Counts(int files, int lines) => $"{files} · {lines:N0}";

    private static List<string> Wrap(string text, Box box)
    {
        var lines = new List<string> { "" };
        foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if ((lines[^1].Length + word.Length) * LetterWidth > box.Width - (2 * Padding))
                lines.Add(word);
            else
                lines[^1] = lines[^1].Length == 0 ? word : $"{lines[^1]} {word}";
        }

        return text.Length == 0 ? [] : lines;
    }

    private static string Escaped(string text) =>
        text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal);

    private void Add(string line) => _lines.Add(line);
}
