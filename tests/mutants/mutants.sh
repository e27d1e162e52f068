#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# make mutants: each *.mutant beside this file breaks one line of the code, in a
# copy of the tree, and some of the tests of `make test` must notice. One that
# survives, does not build or no longer fits the code is a failure.
#
#   tests/mutants/mutants.sh [NAME…]     MUTANT=NAME make mutants
#
# A file says in its first line what it breaks; then "in FILE", the text that
# goes ("- " before each line) and what comes in its place ("+ "), and
# "tests NAME…": programs of tests/unit, or PROGRAM:PATTERN for some of its tests,
# that are to fail. "pending REASON" is of code that is not there yet: the file
# is listed and not tried.
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 1
root=$PWD
. deploy/lib.sh

tree=$root/var/mutants/tree
log=$root/var/mutants/log
rm -rf "$root/var/mutants"
mkdir -p "$tree" "$log"
passed=0 failed=0 pending=0

names=("$@")
if ((${#names[@]} == 0)); then
    for file in tests/mutants/*.mutant; do
        file=${file##*/}
        names+=("${file%.mutant}")
    done
fi

field() { sed -n "s/^$2 //p" "tests/mutants/$1.mutant"; }

# change NAME: in the copy; a text that is not there exactly once is an error.
change() {
    perl -0777 -e '
        my ($mutant, $tree) = @ARGV;
        my (@from, @to, $path);
        open my $in, "<", $mutant or die "$mutant: $!\n";
        for (split /\n/, <$in>) {
            push @from, $1 if /^- (.*)/;
            push @to, $1 if /^\+ (.*)/;
            $path = $1 if /^in (.*)/;
        }
        my ($from, $to) = map { join "\n", @$_ } \@from, \@to;
        die "no \"in\", \"-\" or \"+\" line\n" unless $path && @from && @to;
        open $in, "<", "$tree/$path" or die "$path: $!\n";
        my $text = <$in>;
        my $n = () = $text =~ /\Q$from\E/g;
        die "its text is $n times in $path, not once\n" if $n != 1;
        $text =~ s/\Q$from\E/$to/;
        open my $out, ">", "$tree/$path" or die "$path: $!\n";
        print $out $text;
    ' "tests/mutants/$1.mutant" "$tree"
}

build() { # LOG PROGRAM…
    local programs=("${@:2}")
    programs=("${programs[@]%%:*}")
    make -C "$tree" -s -j"$(nproc)" "${programs[@]/#/build/tests/}" \
        >"$log/$1.make" 2>&1 </dev/null
}
run() { # LOG PROGRAM[:PATTERN]
    local pattern=${2#"${2%%:*}"}
    pattern=${pattern#:}
    (cd "$tree" && timeout -k 5 300 "build/tests/${2%%:*}" --short-filename \
        --filter "*/${pattern:-*}" </dev/null >"$log/$1.${2%%:*}" 2>&1) &&
        grep -qE 'Passing: [1-9]' "$log/$1.${2%%:*}" # some there are
}

row() { printf '%-9s %-38s %s\n' "$@"; }
lost() {
    failed=$((failed + 1))
    row "$@"
}

# --- the copy as it is: its tests pass

copy() {
    {
        git ls-files --cached --others --exclude-standard 2>/dev/null ||
            find . -type f -not -path './build/*' -not -path './var/*' -printf '%P\n'
    } | while IFS= read -r file; do
        [[ ! -f $file ]] || printf '%s\0' "$file"
    done | tar -c --null -T - | tar -x -C "$tree"
    [[ ! -d build ]] || cp -a build "$tree/build"
    rm -rf "$tree"/build/{thread,address-undefined,lint-*}
}

mapfile -t programs < <(for name in "${names[@]}"; do
    [[ -n $(field "$name" pending) ]] || field "$name" tests
done | tr ' ' '\n' | sort -u)
with_beat "copying" copy
with_beat "building what is unbroken" build unbroken "${programs[@]}" ||
    die "the tests do not build unbroken: ${log#"$root/"}/unbroken.make"
for program in "${programs[@]}"; do
    with_beat "$program unbroken" run unbroken "$program" ||
        die "$program fails unbroken: ${log#"$root/"}/unbroken.${program%%:*}"
done

# --- one after the other

try() {
    local name=$1 file why program
    file=$(field "$name" in)
    if ! why=$(change "$name" 2>&1); then
        lost "NOT THERE" "$name" "$why"
        return
    fi
    read -ra programs < <(field "$name" tests)
    if ! with_beat "building $name" build "$name" "${programs[@]}"; then
        lost "NO BUILD" "$name" "${log#"$root/"}/$name.make"
    else
        for program in "${programs[@]}"; do
            with_beat "$name: $program" run "$name" "$program" && continue
            passed=$((passed + 1))
            row caught "$name" "$program: $(grep -m1 -oE '::[a-z0-9_]+:' \
                "$log/$name.${program%%:*}" | tr -d ':')"
            break
        done
        [[ $passed != "$before" ]] || lost SURVIVED "$name" \
            "$(sed -n '1s/^# //p' "tests/mutants/$name.mutant")"
    fi
    cp "$file" "$tree/$file"
}

for name in "${names[@]}"; do
    [[ -f tests/mutants/$name.mutant ]] || die "there is no mutant '$name'"
    before=$passed
    why=$(field "$name" pending)
    if [[ -n $why ]]; then
        pending=$((pending + 1))
        row pending "$name" "$why"
    else
        try "$name"
    fi
done
printf '%d caught, %d failed, %d pending\n' "$passed" "$failed" "$pending"
((failed == 0 && passed > 0))
