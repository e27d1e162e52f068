# SPDX-License-Identifier: Apache-2.0
#
# Compares the verdicts of make bench-peers, event by event and rule by rule:
# perl sigma_verdicts.pl MODE OURS PEERS OUR-STDERR. Rules that we refuse (they
# need placeholders that nobody has defined) are left out.
use strict;
use warnings;
use JSON::PP;

my ($mode, $ours, $peers, $errors) = @ARGV;
my $json = JSON::PP->new->utf8;
my (%ours, %peers, %differ, $same, @rule);

open my $in, '<', $ours or die "$ours: $!\n";
while (<$in>) {
    my $line = $json->decode($_);
    $ours{"$line->{line} $_"} = 1 for @{$line->{rules}};
}
open $in, '<', $peers or die "$peers: $!\n";
while (<$in>) {
    my $match = $json->decode($_);
    my $event = $match->{event} // next;
    $peers{"$event->{line} $match->{rule_id}"} = 1 if $match->{rule_id};
}
my %refused;
open $in, '<', $errors or die "$errors: $!\n";
while (<$in>) {
    next if /warning/ || !/^(\S+\.ya?ml):\d+/ || $refused{$1};
    my $file = $1;
    open my $rule, '<', $file or next;
    while (<$rule>) {
        $refused{$1} = $refused{$file} = 1 if /^id:\s*(\S+)/;
    }
}
for (keys %ours) {
    if ($peers{$_}) { $same++ } else { $differ{(split)[1]}[0]++ }
}
for (keys %peers) {
    my $id = (split)[1];
    $differ{$id}[1]++ unless $ours{$_} || $refused{$id};
}
printf "verdicts, %s: %d equal", $mode, $same // 0;
my ($only_ours, $only_peers) = (0, 0);
for (values %differ) {
    $only_ours += $_->[0] // 0;
    $only_peers += $_->[1] // 0;
}
print "; only ours $only_ours, only rsigma's $only_peers, of ",
    scalar keys %differ, " rules\n";
@rule = sort { ($differ{$b}[0] // 0) + ($differ{$b}[1] // 0)
    <=> ($differ{$a}[0] // 0) + ($differ{$a}[1] // 0) || $a cmp $b } keys %differ;
printf "  %s: only ours %d, only rsigma's %d\n", $_, $differ{$_}[0] // 0,
    $differ{$_}[1] // 0 for @rule[0 .. ($#rule < 9 ? $#rule : 9)];
