# SPDX-License-Identifier: Apache-2.0
#
# The tables of make bench-rules out of the lines of bench_rules, each with the
# number of rule files before it: perl sigma_table.pl RAW
use strict;
use warnings;

my (%load, %sizes, %rate, @size);
while (<>) {
    my ($n, $what, @rest) = split;
    push @size, $n unless grep { $_ == $n } @size;
    if ($what eq 'rate') {
        my $mode = shift @rest;
        push @{$rate{$n}{$mode}}, {@rest};
    } elsif ($what eq 'load') {
        push @{$load{$n}}, {@rest};
    } elsif ($what eq 'sizes') {
        $sizes{$n} = {@rest};
    }
}

sub median {
    my @all = sort { $a <=> $b } @_;
    return @all ? $all[$#all / 2] : 0;
}
sub of {
    my ($runs, $key) = @_;
    return median(map { $_->{$key} } @{$runs // []});
}
# Events a second of CPU.
sub rate {
    my ($n, $mode) = @_;
    return median(map { $_->{events} * 1e9 / ($_->{cpu_ns} || 1) }
        @{$rate{$n}{$mode} // []});
}
# So much for each event.
sub each_event {
    my ($n, $mode, $key) = @_;
    return median(map { $_->{$key} / ($_->{events} || 1) }
        @{$rate{$n}{$mode} // []});
}

print "  files detections refused   load ms (CPU)   rules MB  at load MB  ",
    "matcher MB\n";
for my $n (@size) {
    printf "%7d %10d %7d %9.0f %5.0f %10.1f %11.1f %11.1f\n", $n,
        of($load{$n}, 'detections'), of($load{$n}, 'refused'),
        of($load{$n}, 'ms'), of($load{$n}, 'cpu_ms'),
        map { $_ / 1024 } of($load{$n}, 'rss_kb'), of($load{$n}, 'peak_kb'),
        $sizes{$n}{matcher_bytes} / 1024;
}

print "\n  files predicates   written  fields  literals  regexes  always  ",
    "keywords\n";
for my $n (@size) {
    printf "%7d %10d %9d %7d %9d %8d %7d %9d\n", $n,
        map { $sizes{$n}{$_} } qw(predicates written fields literals regexes
            unwitnessed keyword_rules);
}

for my $mode (qw(routed any)) {
    my $oracle = "oracle-$mode";
    printf "\n%-8s events/s of 300  matching us  candidates     tests  matches"
        . "  allocations  evaluator/s  times\n", $mode;
    for my $n (@size) {
        my $rate = rate($n, $mode);
        printf "%7d %9.0f %6.2f %12.2f %11.2f %9.1f %8.3f %12.6f %12.0f %6s\n",
            $n, $rate, $rate / (rate($size[0], $mode) || 1),
            1e6 / ($rate || 1) - 1e6 / (rate($n, 'read') || 1),
            (map { each_event($n, $mode, $_) } qw(candidates tests matches
                allocations)), rate($n, $oracle),
            rate($n, $oracle) ? sprintf('%.0f', $rate / rate($n, $oracle)) : '–';
    }
}
my $limited = 0;
for my $n (@size) {
    $limited += of($rate{$n}{$_}, 'limited') for qw(routed any);
}
printf "\nreading alone (splitting, mapping): %.0f events/s; something was "
    . "given up on in %d events\n", rate($size[-1], 'read'), $limited;
