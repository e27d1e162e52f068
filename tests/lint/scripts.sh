#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Shell scripts parse, and those that are run by name may be run. With
# shellcheck on the machine, it has nothing to say either.
. "$(dirname "$0")/lib.sh"

while read -r file; do
    subject
    why=$(bash -n "$file" 2>&1) || finding "$file" "${why%%$'\n'*}"
    if head -n 1 "$file" | grep -q '^#!'; then
        [[ -x $file ]] || finding "$file" "$file: may not be executed"
    fi
    if command -v shellcheck >/dev/null; then
        while IFS= read -r line; do
            finding "$file" "$line"
        done < <(shellcheck -S warning -s bash -f gcc \
            -e SC1090,SC1091,SC2034,SC2154 "$file")
    fi
done < <(tracked | grep -E '\.sh$|^\.ci/run$')
done_linting
