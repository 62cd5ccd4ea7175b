using System.ComponentModel;
using System.Diagnostics;

namespace Embedded.Hosting.Processes;

/// <summary>
/// A small shell process that outlives this one by a moment and kills every process it was told of, however this one
/// ends. It reads from a pipe whose write end only this process holds (.NET opens it close-on-exec, so that no child
/// inherits it): the pipe's end is this process's end, kill -9 included. Linux's PR_SET_PDEATHSIG would not do: it
/// follows the thread that forked, is cleared by a change of user, and grandchildren don't have it.
/// </summary>
internal sealed class Guardian : IAsyncDisposable
{
    // Halts the groups, so that nothing forks any more, then kills their members, the members' descendants, and
    // (where /proc tells) whatever else carries the mark in its environment: daemons with a session of their own, and
    // a child that was started in the last instant before the end and never announced.
    private const string Script = """
        trap '' HUP INT TERM
        exec >/dev/null 2>&1
        mark=$1
        groups=' '
        while read -r change group; do
          case $change in
            +) groups="$groups$group " ;;
            -) case $groups in *" $group "*) groups="${groups%%" $group "*} ${groups#*" $group "}" ;; esac ;;
          esac
        done
        list() {
          if [ -r /proc/self/stat ]; then
            for file in /proc/[0-9]*/stat; do
              read -r stat < "$file" || continue
              id=${file#/proc/}
              set -- ${stat##*) }
              [ "$1" = Z ] || echo "${id%/stat} $2 $3"
            done
          else
            ps -A -o pid= -o ppid= -o pgid=
          fi
        }
        victims() {
          found=' '
          if [ -r /proc/self/stat ]; then
            for file in $(grep -ls "EMBEDDED_GUARDIAN=$mark" /proc/[0-9]*/environ); do
              id=${file#/proc/}
              found="$found${id%/environ} "
            done
          fi
          processes=$(list)
          before=
          while [ "$found" != "$before" ]; do
            before=$found
            while read -r id parent group; do
              case $found in *" $id "*) continue ;; esac
              case "$groups|$found" in *" $group "*\|*|*\|*" $parent "*) found="$found$id " ;; esac
            done <<END
        $processes
        END
          done
          echo $found
        }
        for group in $groups; do kill -STOP -- "-$group"; done
        round=0
        while [ $round -lt 20 ]; do
          round=$((round + 1))
          found=$(victims)
          [ -n "$found" ] || break
          kill -KILL $found
        done
        """;

    private readonly Lock _lock = new();
    private readonly HashSet<int> _groups = [];
    private Process _process;
    private bool _disposed;

    private Guardian() => _process = Launch();

    public static Guardian Start()
    {
        ParentWatch.Begin();
        return new Guardian();
    }

    /// <summary>To be in the environment of every child, so that also those are found which leave their process group.</summary>
    public KeyValuePair<string, string> Mark { get; } = new("EMBEDDED_GUARDIAN", Guid.NewGuid().ToString("N"));

    /// <summary>The shell's process id.</summary>
    public int Id
    {
        get
        {
            lock (_lock)
                return _process.Id;
        }
    }

    public void Watch(int group) => Tell('+', group);

    public void Forget(int group) => Tell('-', group);

    /// <summary>Kills what is still watched.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            _disposed = true;
            _process.StandardInput.Close();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Tell(char change, int group)
    {
        lock (_lock)
        {
            if (_disposed)
                return;
            if (change == '+')
                _groups.Add(group);
            else
                _groups.Remove(group);

            try
            {
                _process.StandardInput.Write($"{change} {group}\n");
                _process.StandardInput.Flush();
            }
            catch (IOException)
            {
                // Somebody killed the guardian: another takes its place and learns of all groups.
                _process.Dispose();
                _process = Launch();
                foreach (var known in _groups)
                    _process.StandardInput.Write($"+ {known}\n");
                _process.StandardInput.Flush();
            }
        }
    }

    private Process Launch()
    {
        var start = Session.StartInfo("/bin/sh", ["-c", Script, "shop-guardian", Mark.Value]);
        start.RedirectStandardOutput = false;
        start.RedirectStandardError = false;
        start.WorkingDirectory = "/";
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            throw new EmbeddedHostingException($"{start.FileName} can't be started: {e.Message}. It is needed to start the resources.", e);
        }
    }
}
