# SPDX-License-Identifier: Apache-2.0
#
# For faults.sh: what incidents and tickets must be whatever happened on the
# way. FOUND is what `thapcanh incidents --json` prints, TAKEN the responder's
# line for each incident (include/respond/known.h) behind its id, TICKETS the
# tickets as they lie in Redis, a line each.
#
#   faults.pl incidents FOUND          a line each, without what tells of the
#                                      order in which alerts came: ids, revisions
#   faults.pl places FOUND TAKEN       the same, and where each went
#   faults.pl untaken FOUND TAKEN      incidents that are not over, whose newest
#                                      revision was not taken, or that are not
#                                      there
#   faults.pl adds_up FOUND TAKEN TICKETS
#                                      what is wrong with the tickets: each must
#                                      be what its incidents make of it, each
#                                      incident in one ticket, and there once
#   faults.pl two TICKETS              ids of two tickets, the same two whatever
#                                      their ids are
#   faults.pl history TICKETS          what people did to each, in their order
#   faults.pl meaning FOUND            incidents without what tells where in
#                                      Kafka their alerts are
#   faults.pl short FOUND              of these what `replay` prints too
#   faults.pl replayed FILE            of `replay --as incidents`, the same
#   faults.pl exported FILE            of `tickets export` or `replay --as
#                                      tickets`: without ids and positions,
#                                      those merged into others left out
use strict;
use warnings;
use JSON::PP;
use Time::Local qw(timegm);

my $json = JSON::PP->new->canonical->utf8;
my ($what, @files) = @ARGV;
@files or die "faults.pl: no file\n";

sub rows { # of FILE: lines, without line ends
    my ($file) = @_;
    open my $in, '<', $file or die "$file: $!\n";
    chomp(my @rows = <$in>);
    return @rows;
}

my @found = map { $json->decode($_) } rows($files[0]);
my %found = map { ($_->{id} // '') => $_ } @found;
my %taken = map {
    my ($id, $revision, $place, $ticket, @rest) = split ' ';
    ($id => {revision => $revision, place => $place, ticket => $ticket,
             because => $rest[5]})
} @files > 1 ? rows($files[1]) : ();

sub line {
    my ($incident, %more) = @_;
    return $json->encode({%more, map { $_ => $incident->{$_} }
        qw(rule key first_ms last_ms count evidence approximate)}) . "\n";
}

# Those that were merged are in others.
sub whole { return grep { $_->{state} ne 'merged' } @found }

sub incidents { print sort map { line($_) } whole() }

sub places {
    print sort map {
        my $at = $taken{$_->{id}} // {place => 'nowhere', because => '-'};
        line($_, place => $at->{place}, because => $at->{because})
    } whole();
}

sub untaken {
    print map { "incident $_->{id} is open\n" }
        grep { $_->{state} eq 'open' } @found;
    for my $id (sort keys %found) {
        my $at = $taken{$id};
        print "incident $id, revision $found{$id}{revision}: ",
            $at ? "revision $at->{revision} was taken\n" : "was not taken\n"
            unless $at && $at->{revision} == $found{$id}{revision};
    }
    print map { "incident $_ was taken but is not there\n" }
        grep { !$found{$_} } sort keys %taken;
}

# --- the same alerts in other places

sub evidence { # of what, how many, when the first and the last
    my ($e) = @_;
    return join ' ', $e->{rule}, $e->{kind}, $e->{count},
        map { $e->{$_}{event_ms} } qw(first last);
}

sub meaning {
    print sort map {
        my $i = $_;
        line({%$i, evidence => [sort map { evidence($_) } @{$i->{evidence}}]},
            severity => $i->{severity}, fired_ms => $i->{fired_ms},
            level => $i->{level}, hosts => $i->{hosts})
    } whole();
}

sub short_line {
    my ($rule, $key, $first_ms, $last_ms, $count) = @_;
    return $json->encode([$rule, $key, $first_ms + 0, $last_ms + 0, $count])
        . "\n";
}

sub short {
    print sort map {
        short_line($_->{rule}, $_->{key}, $_->{first_ms}, $_->{last_ms},
            $_->{count})
    } whole();
}

sub ms_of { # "2024-10-05T01:02:03.004Z"
    my ($text) = @_;
    my ($y, $mo, $d, $h, $mi, $s, $ms) = $text =~
        /^(\d+)-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{3}))?Z$/
        or die "faults.pl: '$text' is no time\n";
    return timegm($s, $mi, $h, $d, $mo - 1, $y) * 1000 + ($ms // 0);
}

sub replayed {
    print sort map {
        short_line($_->{rule}, $_->{key}, ms_of($_->{first}), ms_of($_->{last}),
            $_->{count})
    } @found;
}

sub exported {
    print sort map {
        my $t = $_;
        my @evidence = map { "$_->{kind} $_->{alert_id}" } @{$t->{evidence}};
        $json->encode({evidence => \@evidence, map { $_ => $t->{$_} }
            qw(severity priority rule key state first last count)}) . "\n"
    } grep { $_->{state} ne 'closed' } @found; # merged: they are in another
}

# --- tickets

my (%ticket, %members);

sub root {
    my ($id) = @_;
    $id = $ticket{$id}{merged_into}
        while $ticket{$id} && ($ticket{$id}{merged_into} // '') ne '';
    return $id;
}

sub extreme { # the least (SIGN 1) or the most (SIGN -1)
    my ($sign, @n) = @_;
    return (sort { $sign * ($a <=> $b) } @n)[0];
}

my @severities = qw(unknown informational low medium high critical fatal);
my %rank = map { $severities[$_] => $_ } 0 .. $#severities;

# What the ticket must be if it has these incidents and nothing else.
sub expected {
    my (@in) = @_;
    return (n_incidents => 0) unless @in;
    my @whole = grep { $_->{state} ne 'merged' } @in;
    my $count = 0;
    $count += $_->{count} for @whole;
    return (
        n_incidents => scalar @in,
        count => $count,
        first_ms => extreme(1, map { $_->{first_ms} } @in),
        last_ms => extreme(-1, map { $_->{last_ms} } @in),
        severity => $severities[extreme(-1, map { $rank{$_->{severity}} } @in)],
        incidents => join(' ', sort map { $_->{id} } @in),
    );
}

sub check_ticket {
    my ($ticket) = @_;
    my @ids = @{$members{$ticket->{id}} // []};
    my %is = (%$ticket, incidents => join ' ',
        sort map { $_->{id} } @{$ticket->{incidents}});
    my %must = expected(map { $found{$_} } @ids);
    # 256 are listed one by one
    delete $must{incidents} if $must{n_incidents} > 256;
    for my $name (sort keys %must) {
        print "ticket $ticket->{id}: $name is $is{$name}, not $must{$name}\n"
            if $is{$name} ne $must{$name};
    }
}

# How often each incident came into a ticket, by the timelines.
sub check_timelines {
    my %entered;
    for my $ticket (values %ticket) {
        my @opened = grep { $_->{what} eq 'opened' } @{$ticket->{timeline}};
        print "ticket $ticket->{id} was opened ", scalar @opened, " times\n"
            if @opened != 1;
        $entered{$_->{to}}++
            for grep { $_->{what} =~ /^(?:opened|joined)$/ }
            @{$ticket->{timeline}};
    }
    print map { "incident $_ came into tickets $entered{$_} times\n" }
        grep { $entered{$_} > 1 } sort keys %entered;
}

sub adds_up {
    %ticket = map { $_->{id} => $_ }
        map { $json->decode($_)->{unmapped}{ticket} } rows($files[2]);
    for my $id (grep { $taken{$_}{place} eq 'ticket' } sort keys %taken) {
        my $in = root($taken{$id}{ticket});
        print "incident $id is in no ticket ($in)\n" unless $ticket{$in};
        push @{$members{$in}}, $id;
    }
    for my $ticket (map { $ticket{$_} } sort keys %ticket) {
        check_ticket($ticket) if ($ticket->{merged_into} // '') eq '';
    }
    check_timelines();
}

# --- what people do

sub ours { # tickets that were not merged into others
    return grep { ($_->{merged_into} // '') eq '' }
        map { $_->{unmapped}{ticket} } @found;
}

# Names a ticket without its id, which tells of the order of incidents.
sub name_of {
    my ($t) = @_;
    return join ' ', map { $t->{$_} // '' } qw(first_ms last_ms rule count);
}

sub two {
    my @all = sort { name_of($a) cmp name_of($b) } ours();
    print "$all[0]{id} $all[-1]{id}\n";
}

sub history {
    my %people = map { $_ => 1 }
        qw(acknowledged assigned note started held resolved closed reopened);
    for my $t (sort { name_of($a) cmp name_of($b) } ours()) {
        my @did = map { [map { $_ // '' } @{$_}{qw(what by to detail)}] }
            grep { $people{$_->{what}} && ($_->{by} // '') ne '' }
            @{$t->{timeline}};
        print name_of($t), " $t->{state} ", $json->encode(\@did), "\n" if @did;
    }
}

my %commands = (incidents => \&incidents, places => \&places,
    untaken => \&untaken, adds_up => \&adds_up, meaning => \&meaning,
    short => \&short, two => \&two, history => \&history, replayed => \&replayed, exported => \&exported);
($commands{$what // ''} // die "faults.pl: no such command\n")->();
