# Sourced by each server's script. DATA is the server's own directory, which it finds again after a restart.
set -eu
umask 077
cd -P "$DATA"

# Two servers on the same data would destroy it, and one of an earlier run may still be ending.
await_predecessor() {
    tries=0
    while read -r old 2>/dev/null <server.pid && [ "$(readlink "/proc/$old/cwd" 2>/dev/null)" = "$PWD" ]; do
        tries=$((tries + 1))
        if [ "$tries" -gt 100 ]; then
            echo "Process $old still uses $PWD. End it (kill $old), then start again." >&2
            exit 75
        fi
        sleep 0.2
    done
}

# Starts a program that doesn't outlive this script, whatever ends it. Linux tells it so; elsewhere only a SIGKILL leaves it behind.
start() {
    if setpriv --pdeathsig KILL true 2>/dev/null; then
        (exec $as setpriv --pdeathsig KILL "$@") &
    else
        (exec $as "$@") &
    fi
}

# Runs the server until it ends; asked to end, sends it the signal ($1) on which it does so quickly and cleanly.
run() {
    signal=$1
    shift
    start "$@"
    server=$!
    echo "$server" >server.pid
    trap 'kill -s "$signal" "$server" 2>/dev/null || :' TERM INT
    code=0
    while kill -0 "$server" 2>/dev/null; do
        wait "$server" && code=0 || code=$?
    done
    return "$code"
}

as=
await_predecessor
