# SPDX-License-Identifier: Apache-2.0
#
# shuffle.pl SEED JITTER_MS SOURCE FILE: the alerts of a sample file in another
# order. Each is moved by less than JITTER_MS of event time, so that none comes
# later than that behind a younger one; with 0, in order of time. Left out is
# what depends on the order by its nature: what has no time, and all but the
# first of an alert's own revisions. SOURCE is ajiant or cycir.
use strict;
use warnings;
use Time::Local qw(timegm);

my ($seed, $jitter_ms, $source, $file) = @ARGV;
my $id_of = {ajiant => qr/"alert_id":"([^"]+)"/, cycir => qr/"case_id":"([^"]+)"/}
    ->{$source};
srand $seed;

sub event_ms {
    my ($line) = @_;
    return $1 if $line =~ /"occurred_at":(\d{13})\b/;
    return unless $line =~
        /"detect_time":"(\d{4})-(\d\d)-(\d\d)[ T](\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?"/;
    return timegm($6, $5, $4, $3, $2 - 1, $1) * 1000 + ($7 // 0) - 7 * 3600000;
}

open my $in, '<', $file or die "$file: $!\n";
my (%seen, @lines);
while (my $line = <$in>) {
    next unless $line =~ /^\{.*\}$/;
    my ($id) = $line =~ $id_of;
    my $ms = event_ms($line);
    next if !defined $id || !defined $ms || $seen{$id}++;
    push @lines, [$ms + ($jitter_ms ? int rand $jitter_ms : 0), $line];
}
# Alerts of one time stay in their order.
print map { $_->[1] } sort { $a->[0] <=> $b->[0] } @lines;
