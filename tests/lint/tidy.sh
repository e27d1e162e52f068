#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# clang-tidy with the few checks of .clang-tidy, one file to a process: with
# several in one it gives false alarms. What a file last passed as is kept
# under build/, so only what changed is looked at again.
. "$(dirname "$0")/lib.sh"
need clang-tidy clang-tidy

done=build/lint-tidy
mkdir -p "$done"

one() {
    local file=$1 mark=$2/${1//\//,} sum flags='-std=c11'
    [[ $file != *.cc ]] || flags='-std=c++17'
    sum=$(gcc -MM -D_GNU_SOURCE -Iinclude -I. "$file" 2>/dev/null |
        sed 's/^[^:]*://; s/\\$//' | tr -s ' \n' '\n\n' | grep . |
        xargs cat .clang-tidy 2>/dev/null | sha256sum)
    [[ $(cat "$mark" 2>/dev/null) != "$sum" ]] || return 0
    out=$(clang-tidy --quiet "$file" -- -x "$([[ $file == *.cc ]] && echo c++ || echo c)" \
        $flags -D_GNU_SOURCE -Iinclude -I. 2>/dev/null |
        grep -E '^[^ ]+:[0-9]+:[0-9]+: (error|warning):' | sort -u |
        sed "s|$PWD/||")
    if [[ -z $out ]]; then
        printf '%s\n' "$sum" >"$mark"
    else
        sed "s|^|$file\t|" <<<"$out"
    fi
}
export -f one

mapfile -t files < <(code | grep -E '\.(c|cc)$')
n_checks=${#files[@]}
((n_checks == 0)) || findings < <(printf '%s\n' "${files[@]}" |
    xargs -P "$(nproc)" -I{} bash -c 'one "$1" "$2"' tidy {} "$done")
done_linting
