#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What is generated is what the program would generate now: docs/config.md,
# docs/metrics.md.
. "$(dirname "$0")/lib.sh"

program=build/thapcanh
# same FILE WORD: the file is what the program prints.
same() {
    local new line
    subject
    if ! [[ -x $program ]]; then
        finding "$1" "$program is not built (make)"
    elif ! new=$("$program" config "$2"); then
        finding "$1" "$program config $2 failed"
    else
        line=$(diff <(printf '%s\n' "$new") "$1" 2>&1 | head -n 1)
        [[ -z $line ]] || finding "$1" "$1 is not what" \
            "$program config $2 prints ($line)"
    fi
}
same docs/config.md --markdown
same docs/metrics.md --metrics
done_linting
