# SPDX-License-Identifier: Apache-2.0
#
# Reads the lines that bench.sh has gathered, for table.pl and history.pl. Each
# begins with what it is: run, turn, latency, pipe, windows, instructions, alone,
# callgrind.
use strict;
use warnings;

sub median {
    my @sorted = sort { $a <=> $b } @_;
    return $sorted[$#sorted / 2];
}

# What a run of the pipeline (bench_pipeline) said, added up over rounds.
sub add_pipe {
    my ($pipe, $what, @rest) = @_;
    if ($what eq 'step') {
        my ($stage, $step, $n) = @rest;
        $pipe->{step}{$stage}{$step} += $n;
    } elsif ($what eq 'cpu') {
        my ($who, $us) = @rest;
        $pipe->{cpu}{$who} += $us;
    } else {
        push @{$pipe->{$what}}, $rest[0];
    }
}

# {run}{SETTING}; {turn}{KIND} a list; {latency}{FEED}; {pipe}{VARIANT} and {variants} in order;
# {reload}{VARIANT} a list;
# {windows} and {instructions} lists; {alone}{TOPIC}; {ir}.
sub read_raw {
    my ($path) = @_;
    my $raw = {windows => [], instructions => [], variants => []};
    open my $in, '<', $path or die "$path: $!\n";
    while (<$in>) {
        my ($what, @rest) = split;
        if ($what eq 'run') {
            $raw->{run}{$rest[0]} = $rest[1];
        } elsif ($what eq 'turn') {
            my ($kind, %h) = @rest;
            push @{$raw->{turn}{$kind}}, \%h;
        } elsif ($what eq 'latency') {
            my ($feed, %h) = @rest;
            $raw->{latency}{$feed} = \%h;
        } elsif ($what eq 'pipe') {
            my $variant = shift @rest;
            push @{$raw->{variants}}, $variant if !$raw->{pipe}{$variant};
            add_pipe($raw->{pipe}{$variant} //= {}, @rest);
        } elsif ($what eq 'reload') {
            my ($variant, %h) = @rest;
            push @{$raw->{reload}{$variant}}, \%h;
        } elsif ($what eq 'windows') {
            my ($name, $keys, $order, %h) = @rest;
            push @{$raw->{windows}}, [$name, $keys, $order, \%h];
        } elsif ($what eq 'instructions') {
            push @{$raw->{instructions}}, [@rest];
        } elsif ($what eq 'alone') {
            my ($topic, $name, $n) = @rest;
            $raw->{alone}{$topic}{$name} = $n;
        } elsif ($what eq 'callgrind') {
            $raw->{ir}{$rest[0]} = $rest[1];
        }
    }
    close $in;
    return $raw;
}

sub sum {
    my $sum = 0;
    $sum += $_ for @_;
    return $sum;
}

# --- of one variant of the pipeline

sub pipe_rate { # alerts a second
    my ($pipe) = @_;
    my ($n, $ms) = (sum(@{$pipe->{rated}}), sum(@{$pipe->{ms}}));
    return $n * 1000 / ($ms || 1);
}

sub pipe_cpu { # microseconds an alert
    my ($pipe, $who) = @_;
    return ($pipe->{cpu}{$who} // 0) / (sum(@{$pipe->{messages}}) || 1);
}

# A step's share of a stage's samples is its share of the stage's CPU.
sub pipe_step {
    my ($pipe, $stage, $step) = @_;
    my $steps = $pipe->{step}{$stage} // {};
    return pipe_cpu($pipe, $stage) * ($steps->{$step} // 0) /
        (sum(values %$steps) || 1);
}

# Instructions an alert of the ingest stage, by step.
sub ingest_instructions {
    my ($ir) = @_;
    my $n = $ir->{alerts} or return {};
    my $whole = ($ir->{ingest_apply} // 0) + ($ir->{ingest_state_save} // 0);
    my %part = (
        parse => $ir->{source_split} // 0,
        normalise => $ir->{source_map} // 0,
        enrich => ($ir->{inventory_apply} // 0) + ($ir->{geo_find} // 0),
        'write feed' => $ir->{feed_write} // 0,
        save => $ir->{ingest_state_save} // 0,
    );
    $part{count} = $whole - sum(values %part);
    $part{whole} = $whole;
    return {map { $_ => $part{$_} / $n } keys %part};
}

1;
