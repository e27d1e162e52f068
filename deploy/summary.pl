#!/usr/bin/env perl
# SPDX-License-Identifier: Apache-2.0
#
# Sums up `thapcanh tickets export`, on standard input, for `make run`: tickets
# of the nine months, the attacks of the sample's truth.json that have one, the
# rules with most tickets by their titles in the folder of rules.
#
#   summary.pl TRUTH RULES
use strict;
use warnings;
use JSON::PP;
use Time::Local;

my ($truth_file, $rules) = @ARGV;

sub slurp {
    my ($path) = @_;
    open my $file, '<', $path or die "$path: $!\n";
    local $/;
    return scalar <$file>;
}

sub day {
    my ($y, $m, $d) = $_[0] =~ /^(\d+)-(\d+)-(\d+)/;
    return timegm(0, 0, 0, $d, $m - 1, $y) / 86400;
}

sub grouped {
    my ($n) = @_;
    1 while $n =~ s/^(\d+)(\d{3})/$1,$2/;
    return $n;
}

# Titles by id: each file's documents have both at the left margin.
sub titles {
    my %title = (floor => '(built in) grave alerts that no rule took, '
          . 'by system and day');
    my @files = split /\n/, `find "$rules" -name '*.yml'`;
    for my $document (map { split /^---.*\n/m, slurp($_) } @files) {
        my ($id) = $document =~ /^id: *(\S+)/m;
        my ($title) = $document =~ /^title: *(.+?) *$/m;
        $title{$id} = $title if defined $id && defined $title;
    }
    return %title;
}

my $truth = decode_json(slurp($truth_file));
my ($n, %by_rule, %led) = (0);
while (<STDIN>) {
    my $ticket = decode_json($_);
    next if substr($ticket->{first}, 0, 10) gt $truth->{to};
    $n++;
    $by_rule{$ticket->{rule}}++;
    next if $ticket->{rule} eq 'floor';
    $led{$_->{alert_id}} = 1 for @{$ticket->{evidence}};
}
my $with = grep {
    grep { $led{$_} } @{$_->{alerts}}
} @{$truth->{attacks}};
printf "%s tickets of nine months, %.1f a day; %d of the %d attacks in them "
  . "have one that a rule leads\n", grouped($n),
  $n / (day($truth->{to}) - day($truth->{from}) + 1), $with,
  scalar @{$truth->{attacks}};
my %title = titles();
my @rules = sort { $by_rule{$b} <=> $by_rule{$a} || $a cmp $b } keys %by_rule;
splice @rules, 6 if @rules > 6;
print "the busiest rules:\n" if @rules;
printf "  %6s  %s\n", grouped($by_rule{$_}), $title{$_} // $_ for @rules;
