#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
#
# A strict reader of Prometheus' text format 0.0.4 (stdin): one line for each
# mistake and exit 1, else how many samples there are. Every metric must be one
# that docs/metrics.md (argument) has, of that type and with those labels.
use strict;
use warnings;

my (%known, %seen, %sample, %last, $name, $type, @wrong, $n);
open my $page, '<', $ARGV[0] or die "$ARGV[0]: $!";
while (<$page>) {
    next unless /^\| `(thapcanh_\w+)` \| (\w+) \| ([\w, ]*) \|/;
    $known{$1} = [$2, join ',', sort split /, */, $3];
}
sub wrong { push @wrong, "line $.: @_" }
$/ = "\n";
while (my $line = <STDIN>) {
    wrong 'no line end' unless $line =~ s/\n\z//;
    if ($line =~ /^# HELP (thapcanh_[a-z_]+) (\S.*)$/) {
        ($name, $type) = ($1, undef);
        wrong "$name stands twice" if $seen{$name}++;
        wrong "$name is not documented" unless $known{$name};
        next;
    }
    if ($line =~ /^# TYPE (\S+) (counter|gauge|histogram)$/) {
        $type = $2;
        wrong 'TYPE without its HELP' unless defined $name && $1 eq $name;
        wrong "$name is a $type" if ($known{$name}[0] // '') ne $type;
        next;
    }
    my ($of, $labels, $value) = $line =~ /^(\w+)(?:\{(.*)\})? (\S+)$/
        or do { wrong $line; next };
    wrong "no TYPE before $of" unless defined $type;
    $type //= '';
    my ($end) = $of =~ /^\Q$name\E(.*)$/ or wrong "$of among those of $name";
    wrong "$of" if ($end // '') !~ ($type eq 'histogram' ? qr/^_(bucket|sum|count)$/ : qr/^$/);
    wrong "value $value" unless $value =~ /^-?\d+(\.\d+)?$/;
    wrong "$of is negative" if $type ne 'gauge' && $value < 0;
    my (%label, $le);
    my $rest = $labels // '';
    while ($rest =~ s/^([a-z_]+)="((?:[^"\\]|\\[\\"n])*)"(?:,(?=.)|$)//) {
        wrong "label $1 twice" if exists $label{$1};
        $label{$1} = $2;
    }
    wrong "labels: $rest" if length $rest;
    $le = delete $label{le};
    my $names = join ',', sort keys %label;
    wrong "$of has the labels $names" if $names ne ($known{$name}[1] // '');
    my $key = join ',', map {"$_=$label{$_}"} sort keys %label;
    wrong "twice: $line" if $sample{"$of $key " . ($le // '')}++;
    $n++;
    next unless $type eq 'histogram';
    my $h = $last{"$name $key"} //= {n => -1, le => -1};
    if ($end eq '_bucket') {
        my $bound = $le eq '+Inf' ? 9e99 : $le;
        wrong 'buckets out of order' if $bound <= $h->{le} || $value < $h->{n};
        @$h{qw(le n)} = ($bound, $value);
    } elsif ($end eq '_count') {
        wrong 'count is not the last bucket'
            if $h->{le} < 9e99 || $value != $h->{n};
        $h->{whole} = 1;
    }
}
wrong 'nothing' unless $n;
wrong "$_: not whole" for grep { !$last{$_}{whole} } keys %last;
print map {"$_\n"} @wrong ? @wrong : "$n samples";
exit @wrong ? 1 : 0;
