# SPDX-License-Identifier: Apache-2.0
#
# What the lints share. A lint looks at subjects (mostly files), says one line
# for each thing it finds, and ends with `done_linting`, whose line the runner
# adds up. A subject with several findings is one failed check.
#
# Sourced by each lint; the working directory becomes the repository's.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

lint=${0##*/}
lint=${lint%.sh}
n_checks=0
declare -A failed=()

# Every file that belongs to the project; also where there is no git.
tracked() {
    {
        git ls-files --cached --others --exclude-standard 2>/dev/null ||
            find . -type f -not -path './build/*' -not -path './var/*' \
                -not -path './.git/*' -printf '%P\n'
    } | LC_ALL=C sort | while IFS= read -r file; do
        [[ ! -f $file ]] || printf '%s\n' "$file"
    done
}

# Those in C or C++. "code" leaves the tests out.
sources() { tracked | grep -E '\.(c|h|cc)$'; }
code() { sources | grep -v '^tests/'; }

subject() { n_checks=$((n_checks + 1)); }

# finding SUBJECT TEXT…
finding() {
    failed[$1]=1
    shift
    printf '%s: %s\n' "$lint" "$*"
}

# Reads "SUBJECT<tab>TEXT" lines, as the perl parts of the lints print them.
findings() {
    local name text
    while IFS=$'\t' read -r name text; do
        finding "$name" "$text"
    done
}

done_linting() {
    printf '%s: %d checks, %d failed\n' "$lint" "$n_checks" "${#failed[@]}"
    ((${#failed[@]} == 0))
    exit
}

# need COMMAND PACKAGE: without it the lint cannot pass.
need() {
    command -v "$1" >/dev/null && return
    subject
    finding "$1" "$1 is not here: install the Debian package $2 (make deps)"
    done_linting
}
