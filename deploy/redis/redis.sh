#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# One private Redis with a folder of its own, for `make run`, the tests and the
# benchmark. It listens on a socket in DIR and nowhere else (with --port, or
# where the socket's path would be too long, on a loopback port chosen here). It
# is set up as the service needs it: it keeps an append-only file, refuses
# writes rather than forget, and does not rewrite that file in the middle of a
# replay. Debian's redis-tools is enough: its redis-check-rdb is the server,
# which goes by the name it is called by. So no system service comes with it.
#
#   redis.sh start DIR [--port]  returns when it answers
#   redis.sh address DIR         the socket's path, or host:port
#   redis.sh running DIR         status 0 if the process is there
#   redis.sh cli DIR WORD…       redis-cli on it
#   redis.sh stop DIR
#   redis.sh kill9 DIR | pause DIR | resume DIR
#   redis.sh cutaof DIR BYTES    while stopped: forget the end of the file, as
#                                a power cut does
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
. "$here/../lib.sh"

main=redis-server
longest_socket=107 # sockaddr_un, unix(7)

settings() {
    local port=$1 socket=$2
    cat <<END
port $port
bind 127.0.0.1
protected-mode yes
dir "$dir"
${socket:+unixsocket "$socket"}
${socket:+unixsocketperm 700}
daemonize no
loglevel notice
save ""
appendonly yes
appendfsync everysec
aof-load-truncated yes
auto-aof-rewrite-percentage 100
auto-aof-rewrite-min-size 4gb
maxmemory-policy noeviction
${REDIS_MAXMEMORY:+maxmemory $REDIS_MAXMEMORY}
latency-tracking no
END
}

running() { pid_of "$dir" "$main"; }

cli() {
    local address
    address=$(cat "$dir/address")
    case $address in
    */*) redis-cli -s "$address" "$@" ;;
    *) redis-cli -h "${address%:*}" -p "${address##*:}" "$@" ;;
    esac
}

# The server's program, or nothing.
server() {
    local program
    program=$(command -v redis-server || command -v redis-check-rdb) || return 0
    (exec -a redis-server "$program" --version) 2>/dev/null |
        grep -q '^Redis server' && printf '%s\n' "$program"
}

# As in kafka.sh. While it loads its file it answers LOADING, not PONG.
wait_answer() {
    local until=$(($(seconds) + $1)) told
    told=$(($(seconds) + 10))
    while (($(seconds) < until)); do
        [[ $(timeout 2 "$0" cli "$dir" ping 2>/dev/null) != PONG ]] || return 0
        [[ -n $(running) ]] || return 1
        if (($(seconds) >= told)); then
            say "  … waiting for Redis to answer"
            told=$((told + 10))
        fi
        sleep 0.05
    done
    return 2
}

try_start() {
    local port=$1 socket=$2
    settings "$port" "$socket" >"$dir/settings"
    printf '%s\n' "${socket:-127.0.0.1:$port}" >"$dir/address"
    : >"$dir/log"
    launch "$dir" bash -c 'exec -a redis-server "$0" "$1"' "$program" \
        "$dir/settings"
    wait_answer 120
}

start() {
    local socket=$dir/redis.sock port=0 status try program
    program=$(server)
    [[ -n $program ]] ||
        die "no Redis here: install the Debian package redis-tools" \
            "(make deps), or use a Redis of your own with REDIS=host:port"
    if [[ -n $(running) ]]; then
        wait_answer 60 || die "Redis runs in $dir and does not answer:" \
            "see $dir/log"
        say "Redis: already running at $(cat "$dir/address")"
        return
    fi
    if [[ ${1:-} == --port || ${#socket} -gt $longest_socket ]]; then
        socket=''
        port=$(cat "$dir/address" 2>/dev/null || free_port)
        port=${port##*:}
    fi
    for try in 1 2 3 4 5; do
        status=0
        try_start "$port" "$socket" || status=$?
        ((status != 0)) || return 0
        ((port != 0)) && grep -q 'Address already in use' "$dir/log" || break
        port=$(free_port)
    done
    tail -n 8 "$dir/log" | cut -c1-300 >&2
    stop_now
    die "Redis does not answer (try $try): see $dir/log"
}

stop_now() {
    local pid
    pid=$(running)
    [[ -z $pid ]] || stop_pid "$pid" 30
    rm -f "$dir/pid"
}

cut_aof() {
    local bytes=$1 file size
    [[ $bytes =~ ^[0-9]+$ ]] || die "cutaof needs a number of bytes"
    [[ -z $(running) ]] || die "stop it first (kill9)"
    file=$(find "$dir/appendonlydir" -name '*.incr.aof' | sort -V | tail -n 1)
    [[ -n $file ]] || die "no append-only file in $dir"
    size=$(stat -c %s "$file")
    truncate -s $((size > bytes ? size - bytes : 0)) "$file"
}

need_pid() {
    pid=$(running)
    [[ -n $pid ]] || die "no Redis runs in $dir"
}

command=${1:-}
case $command in
start | address | running | cli | stop | kill9 | pause | resume | cutaof)
    [[ $# -ge 2 ]] || die "$command needs a folder"
    ;;
*)
    sed -n '/^#   redis/s/^#   //p' "$0" >&2
    exit 2
    ;;
esac

if [[ $command == start ]]; then
    dir=$(own_dir "$2")
else
    dir=$(realpath -m "$2")
fi
case $command in
start)
    exec 9>"$dir/lock"
    flock -w 150 9 || die "another start is under way in $dir"
    start "${3:-}"
    ;;
address) cat "$dir/address" ;;
running) [[ -n $(running) ]] ;;
cli)
    shift 2
    cli "$@"
    ;;
stop) stop_now ;;
kill9)
    need_pid
    kill_pid "$pid"
    ;;
pause)
    need_pid
    kill -STOP "$pid"
    ;;
resume)
    need_pid
    kill -CONT "$pid"
    ;;
cutaof) cut_aof "${3:-}" ;;
esac
