#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The published rules of SigmaHQ, in ../shared, with every placeholder that they
# ask for defined: not one is refused.
# needs: none
. "$(dirname "$0")/lib.sh"

rules=${SHARED:-../shared}/sigma/rules.tar.gz
[[ -f $rules ]] || {
    skip "the rules of SigmaHQ: no $rules (set SHARED)"
    exit 0
}
mkdir -p "$TEST_DIR/rules"
tar -xzf "$rules" -C "$TEST_DIR/rules"
files=$(find "$TEST_DIR/rules" -name '*.yml' | wc -l)

"$thapcanh" rules check "$TEST_DIR/rules" >"$TEST_DIR/before" 2>&1 || true
sed -n "s/.*unknown placeholder '\([^']*\)'.*/\1/p" "$TEST_DIR/before" |
    sort -u >"$TEST_DIR/names"
check "some rules ask for placeholders" test -s "$TEST_DIR/names"

# The values of each lie in a file beside the one that names it.
{
    printf 'placeholders:\n'
    while read -r name; do
        printf '  %s: {file: "%s.txt"}\n' "$name" "$name"
        printf '# what stands for it\n203.0.113.9\n' \
            >"$TEST_DIR/rules/$name.txt"
    done <"$TEST_DIR/names"
} >"$TEST_DIR/rules/zz_placeholders.yml"
status=0
"$thapcanh" rules check "$TEST_DIR/rules" >"$TEST_DIR/check" 2>&1 || status=$?
same "every rule loads" 0 "$status"
same "none is refused" "$files detections, 0 correlations, 0 filters, 0 refused, 0 mistakes" \
    "$(sed -n '$s/, [0-9]* warnings$//p' "$TEST_DIR/check")"
