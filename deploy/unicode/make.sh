#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Makes base/unicode_fold.c and base/unicode_parts.c from the files of Debian's
# package unicode-data: simple case folding (CaseFolding.txt, status C and S);
# canonical decompositions and combining classes (UnicodeData.txt), and which of
# them are not composed again (CompositionExclusions.txt). The result is
# committed, so that building needs no such package.
#
#   deploy/unicode/make.sh [DIRECTORY]
set -euo pipefail
cd "$(dirname "$0")/../.."
dir=${1:-/usr/share/unicode}

perl -e '
use strict;
my $dir = shift;
sub lines {
    open my $in, "<", "$dir/$_[0]" or die "$dir/$_[0]: $!\n";
    my @lines = grep { !/^\s*(#|$)/ } <$in>;
    return @lines;
}
sub table {
    my ($name, @rows) = @_;
    my ($short) = $name =~ /(\w+)$/;
    print "\n${name}\[\] = {\n";
    my $line = "   ";
    for my $row (@rows) {
        if (length($line) + 1 + length($row) > 79) { print "$line\n"; $line = "   "; }
        $line .= " $row,";
    }
    print "$line\n};\nconst size_t n_$short = sizeof $short / sizeof *$short;\n";
}
open my $in, "<", "$dir/CaseFolding.txt" or die;
my ($version) = <$in> =~ /CaseFolding-([0-9.]+)\.txt/ or die "no version\n";

# runs: first, last, step between letters that fold, what is added
my @fold;
for (lines("CaseFolding.txt")) {
    my ($from, $status, $to) = /^([0-9A-F]+); ([CSFT]); ([0-9A-F]+)/ or next;
    next unless $status =~ /[CS]/;
    my ($c, $add) = (hex $from, hex($to) - hex($from));
    my $run = $fold[-1];
    if ($run && $run->[3] == $add && $run->[0] == $run->[1] &&
        $c - $run->[1] <= 2) {
        ($run->[1], $run->[2]) = ($c, $c - $run->[1]);
    } elsif ($run && $run->[3] == $add && $c - $run->[1] == $run->[2]) {
        $run->[1] = $c;
    } else {
        push @fold, [$c, $c, 1, $add];
    }
}
my (%excluded, @parts, @class);
for (lines("CompositionExclusions.txt")) {
    $excluded{hex $1} = 1 if /^([0-9A-F]+)/;
}
for (lines("UnicodeData.txt")) {
    my @f = split /;/;
    my $c = hex $f[0];
    if ($f[3] > 0) {
        my $run = $class[-1];
        if ($run && $run->[2] == $f[3] && $c == $run->[1] + 1) { $run->[1] = $c; }
        else { push @class, [$c, $c, $f[3]]; }
    }
    next if $f[5] eq "" || $f[5] =~ /</;
    next if $f[0] =~ /^(F[9A]..|2F[89A]..)$/; # ideographs without marks
    my @to = map { hex } split / /, $f[5];
    push @parts, [$c, @to, (0) x (2 - @to), $excluded{$c} || @to == 1 ? 0 : 1];
}
# what begins with a combining mark is not composed either
my %class_of;
for my $run (@class) { $class_of{$_} = 1 for $run->[0] .. $run->[1]; }
for (@parts) { $_->[3] = 0 if $class_of{$_->[0]} || $class_of{$_->[1]}; }

sub open_file {
    my ($file, $what) = @_;
    open STDOUT, ">", $file or die "$file: $!\n";
    print <<"END";
/* SPDX-License-Identifier: Apache-2.0
 *
 * $what; made by
 * deploy/unicode/make.sh from the Unicode Character Database $version, not to
 * be edited. */
#include "unicode_priv.h"

/* clang-format off */
END
}

open_file("base/unicode_fold.c", "Simple case folding and combining marks");
table("const struct fold_run fold_runs", map { sprintf "{0x%x, 0x%x, %d, %d}", @$_ } @fold);
table("const struct mark_run mark_runs", map { sprintf "{0x%x, 0x%x, %d}", @$_ } @class);
open_file("base/unicode_parts.c", "What letters with marks are made of");
table("const struct parts decompositions",
      map { sprintf "{0x%x, 0x%x, 0x%x, %d}", @$_ } @parts);
my @compose = sort { $parts[$a][1] <=> $parts[$b][1] || $parts[$a][2] <=> $parts[$b][2] }
              grep { $parts[$_][3] } 0 .. $#parts;
table("const uint16_t compositions", @compose);
' "$dir"
