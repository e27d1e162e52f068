#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every header compiles alone, and is guarded by its own path.
. "$(dirname "$0")/lib.sh"
need gcc gcc

while read -r file; do
    subject
    why=$(gcc -std=c11 -D_GNU_SOURCE -Iinclude -I. -Wall -Wextra -Werror \
        -fsyntax-only -x c "$file" 2>&1 |
        grep -E '(error|warning):' | grep -v 'pragma once' | head -n 1)
    [[ -z $why ]] || finding "$file" "$why"
    guard=${file#include/}
    guard=$(tr 'a-z/.' 'A-Z__' <<<"$guard")
    grep -q "^#ifndef $guard\$" "$file" ||
        finding "$file" "$file: its guard is not $guard"
done < <(sources | grep '\.h$')
done_linting
