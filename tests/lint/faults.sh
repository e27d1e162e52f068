#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The points of the stage loop at which fault tests end the process
# (base/fault.h) are complete: each stands at one place of base/stage*.c, and
# each function there that does something to Redis, to Kafka or to the stage has
# one, or is named below with the reason why not.
. "$(dirname "$0")/lib.sh"

# Nothing of these is in the stream's promises, or another point is as good.
except=' part_look_for_operator load_whole redis_clock put_aside_awaited
refused share_own '
except=${except//$'\n'/ }
# part_look_for_operator, load_whole, redis_clock: only read. put_aside_awaited:
# after a minute without an owner, the same call as send_joins. refused: an
# output too large; what it sends passes `queueing`. share_own: `shared` is next.

effects='commit_(send|claim|finish|now|owner)|snapshot_write|producer_send|'
effects+='redis_call|ops->(announce|act|swap|apply|refused)'

while read -r point; do
    subject
    n=$(cat base/stage*.c | grep -cE "stage_fault\([a-z>-]+, FAULT_$point\)")
    ((n == 1)) || finding "$point" \
        "include/base/fault.h: the point $point stands at $n places of base/stage*.c"
done < <(sed -nE '/define FAULT_POINTS/,/^enum/s/.*X\(([a-z_]+), "[a-z ]*"\).*/\1/p' \
    include/base/fault.h)

result=$(perl -0777 -ne '
    BEGIN { ($effects, $except) = splice @ARGV, 0, 2; }
    s{/\*.*?\*/}{my $t = $&; $t =~ s/[^\n]//g; $t}gse;
    while (/^([a-z_]\w*)\([^;{}]*\)\n\{\n(.*?)^\}/gsm) {
        my ($name, $body, $line) = ($1, $2, 1 + (substr($_, 0, $-[0]) =~ tr/\n//));
        next unless $body =~ /\b(?:$effects)\s*\(/;
        print "+\n";
        next if $body =~ /stage_fault\(/ || $except =~ / $name /;
        print "$ARGV\t$ARGV:$line: $name() has an effect and no stage_fault\n";
    }' "$effects" "$except" base/stage*.c)
n_checks=$((n_checks + $(grep -c '^+$' <<<"$result")))
findings < <(grep -v '^+$' <<<"$result")
done_linting
