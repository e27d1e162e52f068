#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What is generated is what the program would generate now: docs/config.md.
. "$(dirname "$0")/lib.sh"

program=build/thapcanh
subject
if ! [[ -x $program ]]; then
    finding docs/config.md "$program is not built (make)"
elif ! new=$("$program" config --markdown); then
    finding docs/config.md "$program config --markdown failed"
else
    line=$(diff <(printf '%s\n' "$new") docs/config.md 2>&1 | head -n 1)
    [[ -z $line ]] || finding docs/config.md "docs/config.md is not what" \
        "$program config --markdown prints ($line)"
fi
done_linting
