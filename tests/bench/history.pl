# SPDX-License-Identifier: Apache-2.0
#
# The figures of every make bench, one line a run and measure, and how the last
# runs compare.
#
#   history.pl add HISTORY RAW DATE COMMIT MACHINE LOAD   appends a run
#   history.pl show HISTORY [RUNS [PATTERN]]              the last (4), as ratios
use strict;
use warnings;
use FindBin;
require "$FindBin::Bin/raw.pl";

my @columns = qw(date commit machine load bench variant value unit);

# --- CSV (RFC 4180, no line ends in fields)

sub csv_line {
    return join(',', map {
        my $field = $_;
        $field =~ s/[\r\n]+/ /g;
        $field =~ /[",]/ ? '"' . $field =~ s/"/""/gr . '"' : $field
    } @_) . "\n";
}

sub csv_fields {
    my ($line) = @_;
    my @field;
    $line =~ s/\r?\n\z//;
    while ($line =~ /\G(?:"((?:[^"]|"")*)"|([^",]*))(,|\z)/g) {
        my ($quoted, $plain, $end) = ($1, $2, $3);
        push @field, defined $quoted ? $quoted =~ s/""/"/gr : $plain;
        return @field if $end eq '';
    }
    return ();
}

# Runs in order, each [key, {"BENCH VARIANT (UNIT)" => value}], and the order
# of measures.
sub read_history {
    my ($path) = @_;
    my (%run, @runs, %seen, @measures);
    open my $in, '<', $path or die "$path: $!\n";
    my $head = <$in> // '';
    die "$path:1: not the heading\n" if $head ne csv_line(@columns);
    while (<$in>) {
        my %h;
        my @field = csv_fields($_);
        die "$path:$.: not ", scalar(@columns), " fields\n"
            if @field != @columns;
        @h{@columns} = @field;
        die "$path:$.: the value is no number\n"
            if $h{value} !~ /^-?\d+(\.\d+)?$/;
        my $key = join "\t", @h{qw(date commit machine load)};
        my $measure = "$h{bench}: $h{variant} ($h{unit})";
        push @runs, $run{$key} = [$key, {}] unless $run{$key};
        push @measures, $measure unless $seen{$measure}++;
        $run{$key}[1]{$measure} = $h{value};
    }
    close $in;
    return (\@runs, \@measures);
}

# --- what a run measured: [bench, variant, value, unit]

sub of_turns {
    my ($raw) = @_;
    my @all;
    for my $kind (sort keys %{$raw->{turn} // {}}) {
        my @turns = @{$raw->{turn}{$kind}};
        push @all, ['service', "$kind rate", median(map {
            $_->{messages} * 1000 / ($_->{ms} || 1) } @turns), 'alerts/s'];
        push @all, map {
            my $who = $_;
            ['service', "$kind CPU $who",
                median(map { $_->{"${who}_us"} / $_->{all} } @turns),
                'us/alert']
        } qw(service kafka redis);
        push @all, ['service', "$kind resident",
            median(map { $_->{rss_kb} / 1024 } @turns), 'MB']
            if $turns[0]{rss_kb};
    }
    for my $feed (sort keys %{$raw->{latency} // {}}) {
        my $h = $raw->{latency}{$feed};
        push @all, map { ['latency', "feed $feed $_", $h->{"${_}_us"} / 1000,
            'ms'] } qw(p50 p99 max);
        push @all, ['latency', "feed $feed lost", $h->{lost}, 'probes'];
    }
    return @all;
}

sub of_pipes {
    my ($raw) = @_;
    my @all;
    for my $variant (@{$raw->{variants}}) {
        my $pipe = $raw->{pipe}{$variant};
        push @all, ['pipeline', "$variant rate", pipe_rate($pipe), 'alerts/s'];
        for my $who (qw(ingest correlate respond client other)) {
            push @all, ['pipeline', "$variant $who", pipe_cpu($pipe, $who),
                'us/alert'];
            push @all, map { ['pipeline', "$variant $who $_",
                pipe_step($pipe, $who, $_), 'us/alert'] }
                sort keys %{$pipe->{step}{$who} // {}};
        }
    }
    return @all;
}

sub of_reloads {
    my ($raw) = @_;
    my @all;
    for my $variant (sort keys %{$raw->{reload} // {}}) {
        my @rounds = @{$raw->{reload}{$variant}};
        for ([load_ms => 1, 'ms'], [load_cpu_ms => 1, 'ms'],
            [pause_us => 1000, 'ms'], [swap_us => 1000, 'ms']) {
            my ($key, $per, $unit) = @$_;
            my $name = $key =~ s/_[mu]s\z//r =~ tr/_/ /r;
            push @all, ['reload', "$variant $name",
                median(map { $_->{$key} / $per } @rounds), $unit];
        }
    }
    return @all;
}

sub of_parts {
    my ($raw) = @_;
    my @all;
    for (@{$raw->{windows}}) {
        my ($name, $keys, $order, $h) = @$_;
        my $what = "$name $keys $order";
        push @all, ['windows', $what, $h->{ns_event}, 'ns/event'],
            ['windows', $what, $h->{saved_s}, 'keys saved/s'],
            ['windows', $what, $h->{allocations}, 'allocations/event'],
            ['windows', $what, $h->{bytes_key}, 'bytes/key'];
    }
    push @all, map { my ($name, $keys, $order, $n) = @$_;
        ['windows', "$name $keys $order", $n, 'instructions/event']
    } @{$raw->{instructions}};
    for my $topic (sort keys %{$raw->{alone} // {}}) {
        my $h = $raw->{alone}{$topic};
        push @all, map { ['ingest', "$topic " . s/_us$//r, $h->{$_},
            'us/alert'] } grep { /_us$/ } sort keys %$h;
        push @all, ['ingest', $topic, $h->{allocations} / ($h->{alerts} || 1),
            'allocations/alert'];
    }
    my $part = ingest_instructions($raw->{ir} // {});
    push @all, map { ['ingest', $_, $part->{$_}, 'instructions/alert'] }
        sort keys %$part;
    return @all;
}

sub add {
    my ($history, $path, @run) = @_;
    die "history.pl add HISTORY RAW DATE COMMIT MACHINE LOAD\n" if @run != 4;
    read_history($history); # nothing is appended to what is not whole
    my $raw = read_raw($path);
    my %unit = (scale => 'of nine months', rounds => 'turns',
        detections => 'rules', files_refused => 'files');
    my @all = map { ['run', $_, $raw->{run}{$_}, $unit{$_}] }
        sort keys %{$raw->{run} // {}};
    push @all, of_turns($raw), of_pipes($raw), of_reloads($raw),
        of_parts($raw);
    open my $out, '>>', $history or die "$history: $!\n";
    for (@all) {
        my ($bench, $variant, $value, $unit) = @$_;
        my $text = sprintf abs $value < 1 ? '%.6f' : '%.3f', $value;
        $text =~ s/\.?0+$// if $text =~ /\./;
        print $out csv_line(@run, $bench, $variant, $text, $unit);
    }
    close $out or die "$history: $!\n";
    printf "%d measures added to %s\n", scalar @all, $history;
}

sub show {
    my ($history, $n, $pattern) = @_;
    my ($runs, $measures) = read_history($history);
    my @last = @$runs;
    splice @last, 0, @last - ($n // 4) if @last > ($n // 4);
    die "$history: no runs yet\n" unless @last;
    for my $i (0 .. $#last) {
        my ($date, $commit, $machine, $load) = split /\t/, $last[$i][0];
        print "run ", $i + 1, ": $date $commit, load $load, $machine\n";
    }
    my %machines = map { (split /\t/, $_->[0])[2] => 1 } @last;
    print "the machines differ: only what is counted can be compared\n"
        if keys %machines > 1;
    printf "\n%-58s %12s%s\n", 'value of run 1, then ratios to it', 'run 1',
        join '', map { sprintf '%9s', "run $_" } 2 .. @last;
    for my $measure (@$measures) {
        my @value = map { $_->[1]{$measure} } @last;
        next unless grep { defined } @value;
        next if defined $pattern && $measure !~ /$pattern/;
        my $first = shift @value;
        printf "%-58s %12s%s\n", $measure, $first // '-', join '', map {
            !defined $_ ? '        -' : !$first ? sprintf('%9s', $_)
                : sprintf '%9.3f', $_ / $first } @value;
    }
}

my $what = shift @ARGV // '';
if ($what eq 'add') { add(@ARGV) }
elsif ($what eq 'show' && @ARGV) { show(@ARGV) }
else { die "usage: history.pl add|show HISTORY …\n" }
