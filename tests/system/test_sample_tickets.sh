#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# What the shipped rules and settings make of nine months of a province's
# alerts, of two samples: a ticket that a rule leads for each of the ten attacks,
# and no more tickets than people can work on. What is shipped knows nothing of
# the attacks.
# needs: none
. "$(dirname "$0")/lib.sh"

inventory=deploy/inventory/ninhthuan.yml

# judge TRUTH TICKETS: "tickets, tickets a day, attacks with one, attacks", then
# the attacks without.
judge() {
    perl -MJSON::PP -MTime::Local -e '
        sub days {
            my ($y, $m, $d) = $_[0] =~ /^(\d+)-(\d+)-(\d+)/;
            return timegm(0, 0, 0, $d, $m - 1, $y) / 86400;
        }
        sub slurp { local (@ARGV, $/) = @_; return <> }
        my $truth = decode_json(slurp($ARGV[0]));
        my @tickets = map { decode_json($_) } split /\n/, slurp($ARGV[1]);
        my $n_days = days($truth->{to}) - days($truth->{from}) + 1;
        my (%led, @without);
        for my $ticket (@tickets) {
            next if $ticket->{rule} eq "floor";
            $led{$_->{alert_id}} = 1 for @{$ticket->{evidence}};
        }
        for my $attack (@{$truth->{attacks}}) {
            push @without, $attack->{name_en}
                unless grep { $led{$_} } @{$attack->{alerts}};
        }
        my $n = @{$truth->{attacks}};
        printf "%d %.2f %d %d\n", scalar @tickets, @tickets / $n_days,
            $n - @without, $n;
        print "without a ticket: $_\n" for @without;' "$1" "$2"
}

at_most() { awk -v a="$1" -v b="$2" 'BEGIN {exit !(a <= b)}'; }

for seed in 2024 77; do
    folder=$TEST_DIR/$seed
    "${thapcanh%/*}/thapcanh-sample" --seed "$seed" --out "$folder" \
        --inventory "$inventory"
    "$thapcanh" replay --rules rules --sources deploy/sources \
        --inventory "$inventory" --tickets deploy/tickets.yml \
        --suppressions deploy/suppressions.yml --as tickets \
        "ajiant=$folder/endpoint-alerts.ndjson" \
        "cycir=$folder/server-alerts.ndjson" >"$folder/tickets"
    judge "$folder/truth.json" "$folder/tickets" >"$folder/verdict"
    cat "$folder/verdict"
    read -r tickets a_day found attacks <"$folder/verdict"
    printf 'seed %s: %s tickets, %s a day\n' "$seed" "$tickets" "$a_day"
    check "seed $seed: there are tickets" test "$tickets" -gt 0
    check "seed $seed: at most ten tickets a day" at_most "$a_day" 10
    same "seed $seed: a rule's ticket for each attack" "10 of 10" \
        "$found of $attacks"
    # machines, ids and days of the attacks in what is shipped
    perl -MJSON::PP -e '
        local $/;
        my $truth = decode_json(<>);
        my %names;
        for my $attack (@{$truth->{attacks}}) {
            $names{$_} = 1 for @{$attack->{hosts}}, @{$attack->{alerts}};
            $names{substr $attack->{first}, 0, 10} = 1;
        }
        print map { "$_\n" } sort keys %names;' "$folder/truth.json" \
        >"$folder/names"
    check "seed $seed: what is looked for is known" test -s "$folder/names"
    # examples in rules have invented machines of their own
    same "seed $seed: nothing shipped knows the attacks" '' \
        "$(grep -rhoFf "$folder/names" rules deploy/sources deploy/tickets.yml \
            deploy/suppressions.yml | sort -u | head -n 5)"
    rm -f "$folder"/*.ndjson
done
