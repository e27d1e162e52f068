# SPDX-License-Identifier: Apache-2.0
#
# Makes tables of the lines that bench.sh has gathered: medians of the turns,
# sums of the samples by step, differences of nothing. Each line begins with
# what it is: turn, latency, steps, windows, alone, callgrind.
use strict;
use warnings;

my (%turn, %latency, %step, @windows, %alone, %ir);
while (<>) {
    my ($what, @rest) = split;
    if ($what eq 'turn') {
        my ($kind, %h) = @rest;
        push @{$turn{$kind}}, \%h;
    } elsif ($what eq 'latency') {
        my ($feed, %h) = @rest;
        $latency{$feed} = \%h;
    } elsif ($what eq 'windows') {
        my ($type, $keys, %h) = @rest;
        push @windows, [$type, $keys, \%h];
    } elsif ($what eq 'steps') {
        my ($feed, $round, $name, $n) = @rest;
        $step{$feed}{$name} += $n;
    } elsif ($what eq 'alone') {
        my ($topic, $name, $n) = @rest;
        $alone{$topic}{$name} = $n;
    } elsif ($what eq 'callgrind') {
        $ir{$rest[0]} = $rest[1];
    }
}

sub median {
    my @sorted = sort { $a <=> $b } @_;
    return $sorted[$#sorted / 2];
}

# --- turns

my %title = (
    bare => 'bare consumer',
    feed => 'pipeline, with the feed',
    'no-feed' => 'pipeline, feed: off',
    workers2 => 'the first, two workers',
    rules => 'with rules, the feed',
    'rules-no-feed' => 'with rules, feed: off',
);
print "                            alerts/s  of bare   CPU, us per alert:\n",
    "                                              service  broker  Redis",
    "   MB\n";
my $bare = 0;
for my $kind (qw(bare feed no-feed workers2 rules rules-no-feed)) {
    my @turns = @{$turn{$kind} // []} or next;
    my $rate = median(map { $_->{messages} * 1000 / ($_->{ms} || 1) } @turns);
    $bare ||= $rate;
    my @cpu = map {
        my $name = $_;
        median(map { $_->{"${name}_us"} / $_->{all} } @turns)
    } qw(service kafka redis);
    my $mb = median(map { ($_->{rss_kb} // 0) / 1024 } @turns);
    printf "%-26s%10.0f  %6.3f    %7.2f %7.2f %6.2f %s\n", $title{$kind},
        $rate, $rate / $bare, @cpu, $mb ? sprintf('%4.0f', $mb) : '';
}

for my $kind (qw(rules rules-no-feed)) {
    my @turns = @{$turn{$kind} // []} or next;
    printf "%s: ingest alone done at %.0f alerts/s; %d incidents, %d tickets\n",
        $title{$kind},
        median(map { $_->{messages} * 1000 / ($_->{ingest_ms} || 1) } @turns),
        median(map { $_->{incidents} } @turns),
        median(map { $_->{tickets} } @turns);
}

# --- from alert to ticket

print "\nFrom alert to ticket revision, at half load\n",
    "              alerts/s   probes  lost   p50 ms   p99 ms   max ms  behind\n"
    if %latency;
for my $feed (grep { $latency{$_} } qw(on off)) {
    my $h = $latency{$feed};
    printf "%-12s %9.0f %8d %5d %8.1f %8.1f %8.1f %7d\n",
        $feed eq 'on' ? 'with the feed' : 'feed: off',
        $h->{sent} * 1000 / ($h->{ms} || 1), $h->{probes}, $h->{lost},
        (map { $h->{"${_}_us"} / 1000 } qw(p50 p99 max)), $h->{behind};
}

# --- steps: a step's share of the samples is its share of the worker's CPU

my @step = qw(read parse normalise enrich count write_feed produce commit rest);
my %samples;
if (%step) {
    print "\nCPU of the service by step, us per alert, in the running ",
        "pipeline\n                 with the feed   feed: off\n";
}
for my $feed (qw(on off)) {
    $samples{$feed} += $step{$feed}{$_} // 0 for @step;
}
sub of_worker {
    my ($feed, $name) = @_;
    my $h = $step{$feed};
    return $h->{$name} / ($samples{$feed} || 1) * $h->{worker_us} /
        $h->{messages};
}
for my $name (%step ? @step : ()) {
    (my $title = $name) =~ tr/_/ /;
    printf "%-12s %14.2f %13.2f\n", $title, of_worker('on', $name),
        of_worker('off', $name);
}
if (%step) {
    for (['worker', 'worker_us'], ['Kafka client', 'client_us']) {
        my ($title, $name) = @$_;
        printf "%-12s %14.2f %13.2f\n", $title,
            map { $step{$_}{$name} / $step{$_}{messages} } qw(on off);
    }
    printf "%-12s %14d %13d\n", 'samples', @samples{qw(on off)};
}

# --- windows

if (@windows) {
    print "\nThe windows alone, in memory\n",
        "                       keys   ns/event    events/s  keys saved/s  ",
        "bytes/key  allocations/event\n";
}
for (@windows) {
    my ($type, $keys, $h) = @$_;
    printf "%-17s %9d %10.0f %11.0f %13.0f %10.0f %18.6f\n", $type, $keys,
        @$h{qw(ns_event events_s saved_s bytes_key allocations)};
}

# --- the stage alone

if (%alone) {
    print "\nThe ingest stage alone, in memory, us per alert\n";
    printf "%-17s%s\n", '', join '', map { sprintf '%18s', $_ } sort keys %alone;
    for my $name (qw(parse normalise enrich count write_feed save whole)) {
        (my $title = $name) =~ tr/_/ /;
        printf "%-17s%s\n", $title, join '',
            map { sprintf '%18.2f', $alone{$_}{"${name}_us"} } sort keys %alone;
    }
    printf "%-17s%s\n", 'allocations', join '',
        map { sprintf '%18s', "$alone{$_}{allocations} in $alone{$_}{alerts}" }
        sort keys %alone;
}

# --- instructions

if ($ir{alerts}) {
    my $n = $ir{alerts};
    my $whole = ($ir{ingest_apply} // 0) + ($ir{ingest_state_save} // 0);
    my %part = (
        parse => $ir{source_split} // 0,
        normalise => $ir{source_map} // 0,
        enrich => ($ir{inventory_apply} // 0) + ($ir{geo_find} // 0),
        'write feed' => $ir{feed_write} // 0,
        save => $ir{ingest_state_save} // 0,
    );
    $part{count} = $whole;
    $part{count} -= $part{$_} for grep { $_ ne 'count' } keys %part;
    print "\nInstructions per alert (callgrind, endpoint-alerts)\n";
    printf "%-17s%18.0f\n", $_, $part{$_} / $n
        for 'parse', 'normalise', 'enrich', 'count', 'write feed', 'save';
    printf "%-17s%18.0f\n", 'whole', $whole / $n;
}
