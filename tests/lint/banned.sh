#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Functions that may not be called. Those of the first list nowhere; those of
# the second, the clock and the environment, only in daemon/ and where said.
. "$(dirname "$0")/lib.sh"

never='strcpy|stpcpy|strcat|sprintf|vsprintf|strncpy|strncat|strtok|strtok_r|'
never+='atoi|atol|atoll|atof|sscanf|vsscanf|gets|alloca|rand|srand|random|'
never+='localtime|localtime_r|gmtime|gmtime_r|mktime|system|popen|tmpnam|'
never+='mktemp|longjmp|setjmp'
clock='time|clock|clock_gettime|gettimeofday|ftime|getenv|secure_getenv|'
clock+='environ|setenv|putenv|sleep|usleep|nanosleep'

# file (pattern) of the second list, and why
may_see_clock() {
    case $1 in
    daemon/* | tests/*) ;;
    base/log.c) ;;      # a line of the log begins with the time
    base/fault.c) ;;    # what a fault test asks for; not in the product
    deploy/*) ;;        # programs of their own
    sample/*) ;;
    *) return 1 ;;
    esac
}

calls() {
    perl -0777 -ne '
        BEGIN { $words = shift @ARGV; }
        # comments, strings and characters away, lines kept
        s{/\*.*?\*/|//[^\n]*|"(?:[^"\\\n]|\\.)*"|\x27(?:[^\x27\\\n]|\\.)*\x27}
         {my $t = $&; $t =~ s/[^\n]//g; " $t"}gse;
        while (/(?<![\w.>])(?<!struct\s)($words)\s*\(/g) {
            my ($name, $line) = ($1, 1 + (substr($_, 0, $-[1]) =~ tr/\n//));
            print "$ARGV\t$ARGV:$line: $name() is banned\n";
        }' "$@"
}

while read -r file; do
    subject
    calls "$never" "$file"
    may_see_clock "$file" || calls "$clock" "$file"
done < <(sources) >"${TMPDIR:-/tmp}/banned.$$"
n_checks=$(sources | wc -l) # the loop ran in this shell, its output elsewhere
findings <"${TMPDIR:-/tmp}/banned.$$"
rm -f "${TMPDIR:-/tmp}/banned.$$"
done_linting
