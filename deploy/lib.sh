# SPDX-License-Identifier: Apache-2.0
#
# What the scripts of this folder share: talking, beats while waiting, free
# ports, and processes that are known by a folder of their own. Sourced, never
# run. A process is ours only if its pid is in DIR/pid, its working directory
# is DIR and its command line has the expected word: a reused pid, or somebody
# else's server, is never touched.

say() { printf '%s\n' "$*" >&2; }
die() { say "${0##*/}: $*"; exit 1; }

seconds() { printf '%s\n' "${EPOCHREALTIME%.*}"; }

# with_beat WHAT COMMAND…: runs COMMAND and prints a line every 10 s. The one
# who prints has no child that could outlive it, and ends with this script.
with_beat() {
    local what=$1 began beat ready status=0
    shift
    began=$(seconds)
    exec {ready}<> <(:)
    (
        trap - EXIT # killed before this, it would do what the script has set
        printf '\n' >&"$ready"
        exec {never}<> <(:)
        while kill -0 $$ 2>/dev/null; do
            read -rt 10 -u "$never" || true
            say "  … $what: $(($(seconds) - began)) s"
        done
    ) &
    beat=$!
    "$@" || status=$?
    read -ru "$ready" || true
    exec {ready}>&-
    kill "$beat" 2>/dev/null || true
    wait "$beat" 2>/dev/null || true
    return $status
}

# A loopback port nobody listens on, below the range the kernel hands out.
free_port() {
    local port n
    for n in {1..100}; do
        port=$((20000 + (RANDOM * 32768 + RANDOM) % 12000))
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || {
            printf '%s\n' "$port"
            return
        }
    done
    die "no free port on 127.0.0.1 after $n tries"
}

# The pid of the process of DIR whose command line has WORD; empty if it does
# not run. A zombie does not run.
pid_of() {
    local dir=$1 word=$2 pid
    pid=$(cat "$dir/pid" 2>/dev/null) || return 0
    [[ $pid =~ ^[0-9]+$ ]] || return 0
    [[ $(readlink "/proc/$pid/cwd" 2>/dev/null) == "$dir" ]] || return 0
    tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline" | grep -qF -- "$word" ||
        return 0
    printf '%s\n' "$pid"
}

# launch DIR COMMAND…: starts COMMAND in DIR as a session of its own, holding
# none of our file descriptors, output appended to DIR/log, pid in DIR/pid.
launch() {
    local dir=$1
    shift
    (
        cd "$dir" || exit 1
        for fd in /proc/self/fd/*; do
            fd=${fd##*/}
            ((fd > 2)) && eval "exec $fd>&-"
        done 2>/dev/null
        exec setsid "$@" </dev/null >>log 2>&1
    ) &
    printf '%s\n' $! >"$dir/pid"
}

# stop_pid PID SECONDS: asks it to end, then makes it.
stop_pid() {
    local pid=$1 tries=$(($2 * 20))
    kill -CONT "$pid" 2>/dev/null || return 0
    kill -TERM "$pid" 2>/dev/null || return 0
    while ((tries-- > 0)); do
        gone "$pid" && return
        sleep 0.05
    done
    say "process $pid did not end in $2 s: killed"
    kill_pid "$pid"
}

kill_pid() {
    local tries=200
    kill -KILL "$1" 2>/dev/null || return 0
    while ((tries-- > 0)); do
        gone "$1" && return
        sleep 0.05
    done
    die "process $1 does not end"
}

# True when there is no such process, or only its zombie is left.
gone() {
    local line
    line=$(cat "/proc/$1/stat" 2>/dev/null) || return 0
    line=${line##*) }
    [[ ${line%% *} == [ZX] ]]
}

# own_dir DIR: makes DIR and prints its full path. Commas and line ends have a
# meaning in the servers' settings.
own_dir() {
    [[ -n $1 && $1 != *[,$'\n']* ]] || die "'$1' cannot be used as a folder"
    mkdir -p "$1" && chmod 0700 "$1" || die "cannot make the folder $1"
    realpath "$1"
}
