#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A source file opens with its licence and with what it is for.
. "$(dirname "$0")/lib.sh"

while read -r file; do
    subject
    head -n 4 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' || {
        finding "$file" "$file:1: no SPDX line"
        continue
    }
    words=$(head -n 12 "$file" | grep -v SPDX | grep -E '^ ?(\*|#|/\*|//) ?[^#]' |
        wc -w)
    ((words >= 6)) || finding "$file" "$file:1: does not say what it is for"
done < <(tracked | grep -E '\.(c|h|cc|sh)$|^Makefile$')
done_linting
