#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Shell scripts parse, those that are run by name may be run, and the linter of
# shell scripts has no warning about them.
. "$(dirname "$0")/lib.sh"
need shellcheck shellcheck

while read -r file; do
    subject
    why=$(bash -n "$file" 2>&1) || finding "$file" "${why%%$'\n'*}"
    if head -n 1 "$file" | grep -q '^#!'; then
        [[ -x $file ]] || finding "$file" "$file: may not be executed"
    fi
    while IFS= read -r line; do
        finding "$file" "$line"
    done < <(shellcheck -S warning -s bash -f gcc \
        -e SC1090,SC1091,SC2034,SC2154 "$file")
done < <(tracked | grep -E '\.sh$|^\.ci/run$')
done_linting
