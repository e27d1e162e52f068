#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Everything compiles without a warning, with gcc and with clang, as the
# Makefile says (-Werror). The builds are kept, so only what changed is
# compiled again.
. "$(dirname "$0")/lib.sh"
need gcc gcc
need clang clang

one() {
    local name=$1 cc=$2 cxx=$3
    local out line before
    out=$(make -k -j"$(nproc)" BUILD="build/lint-$name" CC="$cc" CXX="$cxx" \
        SANITIZE= objects 2>&1) && status=0 || status=$?
    n_checks=$((n_checks + $(code | grep -cE '\.(c|cc)$')))
    before=${#failed[@]}
    while IFS= read -r line; do
        finding "$name ${line%%:*}" "$name: $line"
    done < <(grep -E '^[^ ]+:[0-9]+:[0-9]+: (fatal )?(error|warning):' <<<"$out" |
        sort -u)
    if ((status != 0 && ${#failed[@]} == before)); then
        finding "$name" "$name: $(tail -n 1 <<<"$out")"
    fi
}

one gcc gcc g++
one clang clang clang++
done_linting
