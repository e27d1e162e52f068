#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Every C and C++ file is as clang-format would write it.
. "$(dirname "$0")/lib.sh"
need clang-format clang-format

while read -r file; do
    subject
    where=$(clang-format --dry-run --ferror-limit=1 "$file" 2>&1 |
        sed -n 's/^\([^:]*:[0-9]*\):.*/\1/p' | head -n 1)
    [[ -z $where ]] ||
        finding "$file" "$where: not as clang-format writes it (clang-format -i $file)"
done < <(sources)
done_linting
