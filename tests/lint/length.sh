#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# A file has at most 600 lines, a function (from its name to its closing
# brace) at most 60, and takes at most six parameters. No line is longer than
# 80 columns, but one that cannot be broken (a string, an include).
. "$(dirname "$0")/lib.sh"

# Functions whose parameters a library prescribes (its callbacks).
export PRESCRIBED=' console/http.c:handle '

measure() {
    perl -CSD -ne '
        chomp;
        my $bare = $_;
        print "$ARGV\t$ARGV:$.: ", length, " columns\n"
            if length > 80 && !/"/ && !/^\s*#/;
        # a function: its name in the first column, a brace alone, its end
        if (/^[a-z_]\w*\(/) { ($name, $head, $from) = (/^(\w+)/, "", $.); }
        if (defined $name && !$in) {
            $head .= $bare;
            if (/^\{/) {
                $in = 1;
                my ($inside) = $head =~ /^\w+\((.*)\)/;
                my $deep = 0; my $n = 1;
                for my $c (split //, $inside) {
                    $deep++ if $c eq "("; $deep-- if $c eq ")";
                    $n++ if $c eq "," && !$deep;
                }
                print "$ARGV\t$ARGV:$from: $name() takes $n parameters\n"
                    if $n > 6 && $ENV{PRESCRIBED} !~ / \Q$ARGV:$name\E /;
            } elsif (/;\s*$/) { undef $name; }
        }
        if ($in && /^\}/) {
            my $n = $. - $from + 1;
            print "$ARGV\t$ARGV:$from: $name() has $n lines\n" if $n > 60;
            undef $name; $in = 0;
        }
        if (eof) {
            print "$ARGV\t$ARGV: $. lines\n" if $. > 600;
            undef $name; $in = 0;
            close ARGV;
        }' "$@"
}

mapfile -t files < <(sources)
n_checks=${#files[@]}
((n_checks == 0)) || findings < <(measure "${files[@]}")
done_linting
