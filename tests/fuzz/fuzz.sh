#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs the fuzz harnesses, from the seeds that each names in its head.
#
#   fuzz.sh driver FOLDER [NAME…]   those built in FOLDER, with our own driver:
#                                   each seed and FUZZ_MUTATIONS (2,000) of
#                                   them; one line "ok - …" or "not ok - …" each
#   fuzz.sh libfuzzer [NAME…]       builds with clang and runs each for
#                                   FUZZ_SECONDS (60); what it finds to be new
#                                   is kept in var/fuzz/NAME and used again
#
# An input that ends a harness is left in var/fuzz/crash-NAME.
set -euo pipefail
cd "$(dirname "$0")/../.."
. deploy/lib.sh

kept=$PWD/var/fuzz
mkdir -p "$kept"
export ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=1
export UBSAN_OPTIONS=print_stacktrace=1
export LSAN_OPTIONS=suppressions=$PWD/tests/lsan.supp:print_suppressions=0

# The harnesses whose names have one of the words.
harnesses() {
    local file word
    for file in tests/fuzz/fuzz_*.c; do
        file=${file##*/fuzz_}
        file=${file%.c}
        (($# > 0)) || printf '%s\n' "$file"
        for word in "$@"; do
            [[ $file != *"$word"* ]] || printf '%s\n' "$file"
        done
    done | sort -u
}

seeds_of() { sed -n 's/^ \* seeds: *//p' "tests/fuzz/fuzz_$1.c" | sed 's, *\*/$,,'; }

with_driver() {
    local folder=$1 name log status seeds
    shift
    for name in $(harnesses "$@"); do
        log=$kept/$name.log
        status=0
        read -ra seeds < <(seeds_of "$name") || seeds=("no seeds named")
        rm -f "$kept/crash-$name"
        timeout -k 5 300 "$folder/fuzz_$name" -n "${FUZZ_MUTATIONS:-2000}" \
            -o "$kept/crash-$name" "${seeds[@]}" </dev/null >"$log" 2>&1 ||
            status=$?
        if ((status == 0)); then
            printf 'ok - fuzz %s: %s\n' "$name" "$(tail -n 1 "$log")"
        else
            printf 'not ok - fuzz %s: %s (status %d, %s)\n' "$name" \
                "$(grep -m1 -E 'ERROR:|runtime error:|Assertion' "$log" |
                    cut -c1-150)" "$status" "$(grep -m1 '^seed' "$log")"
        fi
    done
}

# libFuzzer wants a file a seed: lines become files.
spread_seeds() {
    local name=$1 to=$2 file n=0
    rm -rf "$to"
    mkdir -p "$to"
    while IFS= read -r file; do
        n=$((n + 1))
        case $file in
        *.ndjson | *.cef) split -l 1 -a 4 "$file" "$to/$n-" ;;
        *) cp "$file" "$to/$n" ;;
        esac
    done < <(read -ra paths < <(seeds_of "$name") && find "${paths[@]}" -type f)
}

with_libfuzzer() {
    local name failed=0 status began build=build/fuzzer
    deploy/install.sh fuzz || die "something is missing (above it says what)"
    with_beat "building with clang" make -s -j"$(nproc)" BUILD=$build CC=clang \
        CXX=clang++ SANITIZE=fuzzer-no-link,address,undefined libfuzzer-programs
    for name in $(harnesses "$@"); do
        began=$(seconds)
        spread_seeds "$name" "$kept/seeds-$name"
        mkdir -p "$kept/$name"
        status=0
        with_beat "$name" "$build/libfuzzer/fuzz_$name" \
            -max_total_time="${FUZZ_SECONDS:-60}" -max_len=65536 -timeout=20 \
            -rss_limit_mb=3000 -artifact_prefix="$kept/crash-$name-" \
            "$kept/$name" "$kept/seeds-$name" >"$kept/$name.log" 2>&1 </dev/null ||
            status=$?
        if ((status == 0)); then
            say "$name: $(($(seconds) - began)) s, $(grep -oE 'cov: [0-9]+.*corp: [0-9]+' "$kept/$name.log" |
                tail -n 1)"
        else
            failed=$((failed + 1))
            say "FAILED $name: $(grep -m1 -E 'ERROR:|runtime error:|Assertion' \
                "$kept/$name.log") (${kept#"$PWD/"}/$name.log)"
        fi
    done
    say "$failed harnesses failed"
    ((failed == 0))
}

case ${1:-} in
driver) with_driver "${@:2}" ;;
libfuzzer) with_libfuzzer "${@:2}" ;;
*) die "driver or libfuzzer" ;;
esac
