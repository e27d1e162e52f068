# SPDX-License-Identifier: Apache-2.0
#
# Makes tables of the lines that bench.sh has gathered (raw.pl): medians of the
# turns, sums of the samples by step, differences of nothing.
use strict;
use warnings;
use FindBin;
require "$FindBin::Bin/raw.pl";

my $raw = read_raw($ARGV[0]);

# --- turns

sub turns {
    my %title = (
        bare => 'bare consumer',
        feed => 'pipeline, with the feed',
        'no-feed' => 'pipeline, feed: off',
        workers2 => 'the first, two workers',
        rules => 'with rules, the feed',
        'rules-no-feed' => 'with rules, feed: off',
        'more-rules' => 'with RULES too, the feed',
        'more-rules-no-feed' => 'with RULES too, feed: off',
    );
    print "                            alerts/s  of bare   CPU, us per alert:\n",
        "                                              service  broker  Redis",
        "   MB\n";
    my $bare = 0;
    for my $kind (qw(bare feed no-feed workers2 rules rules-no-feed more-rules
        more-rules-no-feed)) {
        my @turns = @{$raw->{turn}{$kind} // []} or next;
        my $rate =
            median(map { $_->{messages} * 1000 / ($_->{ms} || 1) } @turns);
        $bare ||= $rate;
        my @cpu = map {
            my $name = $_;
            median(map { $_->{"${name}_us"} / $_->{all} } @turns)
        } qw(service kafka redis);
        my $mb = median(map { ($_->{rss_kb} // 0) / 1024 } @turns);
        printf "%-26s%10.0f  %6.3f    %7.2f %7.2f %6.2f %s\n", $title{$kind},
            $rate, $rate / $bare, @cpu, $mb ? sprintf('%4.0f', $mb) : '';
    }
    for my $kind (qw(rules rules-no-feed more-rules more-rules-no-feed)) {
        my @turns = @{$raw->{turn}{$kind} // []} or next;
        printf "%s: ingest alone done at %.0f alerts/s; %d incidents, "
            . "%d tickets\n", $title{$kind},
            median(map { $_->{messages} * 1000 / ($_->{ingest_ms} || 1) }
                @turns),
            median(map { $_->{incidents} } @turns),
            median(map { $_->{tickets} } @turns);
    }
    printf "RULES too: %d detections in all; %d files refused and left out\n",
        @{$raw->{run}}{qw(detections files_refused)} if $raw->{run}{detections};
}

# --- rules read again

sub reloads {
    print "\nRules read again while the pipeline is at work, ms\n",
        "                  load  CPU of it   pause  of it exchange  ",
        "MB before   most  not committed then\n";
    for my $variant (sort keys %{$raw->{reload}}) {
        my @rounds = @{$raw->{reload}{$variant}};
        my %h = map { my $key = $_; $key => median(map { $_->{$key} } @rounds) }
            keys %{$rounds[0]};
        printf "%-15s %6.0f %10.0f %7.1f %15.2f %10.0f %6.0f %19d\n", $variant,
            @h{qw(load_ms load_cpu_ms)}, (map { $h{$_} / 1000 }
                qw(pause_us swap_us)), (map { $h{$_} / 1024 }
                qw(rss_kb peak_kb)), $h{left};
    }
}

# --- from alert to ticket

sub latencies {
    print "\nFrom alert to ticket revision, at half load\n", "              ",
        "alerts/s   probes  lost   p50 ms   p99 ms   max ms  behind\n";
    for my $feed (grep { $raw->{latency}{$_} } qw(on off)) {
        my $h = $raw->{latency}{$feed};
        printf "%-12s %9.0f %8d %5d %8.1f %8.1f %8.1f %7d\n",
            $feed eq 'on' ? 'with the feed' : 'feed: off',
            $h->{sent} * 1000 / ($h->{ms} || 1), $h->{probes}, $h->{lost},
            (map { $h->{"${_}_us"} / 1000 } qw(p50 p99 max)), $h->{behind};
    }
}

# --- the pipeline from inside

my @who = qw(ingest correlate respond client other);

sub stages {
    print "\nCPU of the service by stage, us per alert and share, in the ",
        "running pipeline\n";
    printf "%-20s%9s%s%9s\n", '', 'alerts/s',
        join('', map { sprintf '%14s', $_ } @who), 'whole';
    for my $variant (@{$raw->{variants}}) {
        my $pipe = $raw->{pipe}{$variant};
        my $whole = sum(map { pipe_cpu($pipe, $_) } @who) || 1;
        printf "%-20s%9.0f%s%9.2f\n", $variant, pipe_rate($pipe),
            join('', map { sprintf '%8.2f %4.1f%%', pipe_cpu($pipe, $_),
                100 * pipe_cpu($pipe, $_) / $whole } @who), $whole;
    }
}

# How many rules cost, and what workers gain: ratios of this run.
sub ratios {
    for my $w (1 .. 4) {
        my ($few, $many) =
            map { $raw->{pipe}{"$_-rules-workers-$w"} } 300, 3000;
        next unless $few && $many;
        printf "3,000 rules at %.3f of the rate of 300, %d workers; matching "
            . "at %.1f times the CPU\n", pipe_rate($many) / pipe_rate($few), $w,
            pipe_step($many, 'ingest', 'match') /
            (pipe_step($few, 'ingest', 'match') || 1);
    }
    for my $rules (qw(shipped 300 3000)) {
        my @rate = map { $_ ? pipe_rate($_) : 0 }
            map { $raw->{pipe}{"$rules-rules-workers-$_"} } 1 .. 4;
        next unless $rate[0];
        printf "%s rules: 1 to 4 workers at %s of the rate of one\n", $rules,
            join ', ', map { sprintf '%.2f', $_ / $rate[0] } @rate;
    }
}

sub steps {
    my ($stage, @step) = @_;
    my @variants = grep { $raw->{pipe}{$_}{step}{$stage} } @{$raw->{variants}};
    return unless @variants;
    print "\nCPU of the $stage workers by step, us per alert\n";
    printf "%-20s%s%9s\n", '', join('', map {
        (my $title = $_) =~ tr/_/ /;
        sprintf '%9s', substr $title, 0, 8 } @step), 'samples';
    for my $variant (@variants) {
        my $pipe = $raw->{pipe}{$variant};
        printf "%-20s%s%9d\n", $variant,
            join('', map { sprintf '%9.2f', pipe_step($pipe, $stage, $_) }
                @step), sum(values %{$pipe->{step}{$stage}});
    }
}

# --- windows

sub windows {
    print "\nThe windows alone, in memory\n",
        "                    keys order      ns/event   saved/s  bytes/key ",
        "growth   cut applied allocations/event\n";
    for (@{$raw->{windows}}) {
        my ($name, $keys, $order, $h) = @$_;
        printf "%-16s %7s %-8s %10.0f %9.0f %10.0f %6.2f %5d %7.3f %17.6f\n",
            $name, $keys, $order,
            @$h{qw(ns_event saved_s bytes_key growth cut applied allocations)};
    }
}

sub window_instructions {
    print "\nInstructions per window event (callgrind)\n";
    printf "%-17s %5s keys %-9s %9d\n", @$_ for @{$raw->{instructions}};
}

# --- the stage alone

sub alone {
    my %alone = %{$raw->{alone}};
    print "\nThe ingest stage alone, in memory, us per alert\n";
    printf "%-17s%s\n", '', join '',
        map { sprintf '%18s', $_ } sort keys %alone;
    for my $name (qw(parse normalise enrich count write_feed save whole)) {
        (my $title = $name) =~ tr/_/ /;
        printf "%-17s%s\n", $title, join '',
            map { sprintf '%18.2f', $alone{$_}{"${name}_us"} } sort keys %alone;
    }
    printf "%-17s%s\n", 'allocations', join '',
        map { sprintf '%18s', "$alone{$_}{allocations} in $alone{$_}{alerts}" }
        sort keys %alone;
    my $part = ingest_instructions($raw->{ir} // {});
    return unless %$part;
    print "\nInstructions per alert (callgrind, endpoint-alerts)\n";
    printf "%-17s%18.0f\n", $_, $part->{$_}
        for 'parse', 'normalise', 'enrich', 'count', 'write feed', 'save',
            'whole';
}

turns() if $raw->{turn};
latencies() if $raw->{latency};
if ($raw->{pipe}) {
    stages();
    ratios();
    steps('ingest', qw(read parse normalise enrich count match write_windows
        write_feed produce commit rest));
    steps('correlate', qw(read correlate write_windows produce commit rest));
    steps('respond', qw(read respond produce commit rest));
}
reloads() if $raw->{reload};
windows() if @{$raw->{windows}};
window_instructions() if @{$raw->{instructions}};
alone() if $raw->{alone};
