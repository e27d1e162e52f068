#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# make tonight: one attack, now, on the service that `make run` has started. The
# first person who is told stays silent, the second one opens the link of the
# message and takes the ticket. Each step is printed as it happens; what people
# were sent lies in var/outbox.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
. deploy/lib.sh

program=$root/build/thapcanh
config=$root/var/thapcanh.yml
outbox=$root/var/outbox
tonight=$root/var/run/tonight
live_s=30 # from its first alert to its last
limit_s=150

[[ -n $(pid_of "$root/var/run/thapcanh" "$program") ]] ||
    die "the service does not run here: make run"
mkdir -p "$tonight" "$outbox"
rm -f "$tonight"/*
: >"$tonight/script"
: >"$tonight/begin"

# --- the attack, in the background: the machine, then sensor rules as they
# begin

began=$EPOCHSECONDS
(
    build/thapcanh-sample --inventory deploy/inventory/ninhthuan.yml \
        --seed "$began" --live "$live_s" 2>"$tonight/script" |
        "$program" produce -c "$config" --topic server-alerts \
            --key server.name - >"$tonight/produced" 2>&1
) &
attack=$!
end_attack() { kill "$attack" 2>/dev/null || true; }
trap end_attack EXIT

stamp() { TZ=UTC-7 printf '  %(%H:%M:%S)T  %s\n' -1 "$*"; } # UTC+7

# New lines of the attack's script.
told=0
tell_script() {
    local line n=0
    while IFS= read -r line; do
        ((++n > told)) || continue
        told=$n
        if ((n == 1)); then
            host=$line
            stamp "an attack begins on $host"
        else
            stamp "alerts    $line"
        fi
    done <"$tonight/script"
}

# --- the ticket: the one of this machine that has had alerts since it began

find_ticket() {
    "$program" tickets list -c "$config" --json 2>/dev/null |
        perl -MJSON::PP -e '
            my ($host, $began) = @ARGV;
            my @at = gmtime $began;
            my $since = sprintf "%04d-%02d-%02dT%02d:%02d:%02d",
                $at[5] + 1900, $at[4] + 1, @at[3, 2, 1, 0];
            while (<STDIN>) {
                my $ticket = decode_json($_);
                next if $ticket->{last} lt $since || $ticket->{rule} eq "floor";
                next unless ($ticket->{key}{host} // "") eq $host;
                print "$ticket->{id}\n";
                last;
            }' "$host" "$began"
}

# Its timeline from entry FROM on, a line each; "state STATE" at the end.
look() {
    "$program" tickets show -c "$config" --json "$ticket" 2>/dev/null |
        perl -MJSON::PP -CO -e '
            my ($from) = @ARGV;
            local $/;
            my $ticket = decode_json(<STDIN>)->{unmapped}{ticket};
            my %say = (
                opened => sub { "ticket    opened, P$ticket->{priority}: " .
                    $ticket->{title}{vi} },
                joined => sub { "ticket    more of it: $_->{n} alerts" },
                grew => sub { "ticket    grows: $_->{n} alerts" },
                more_severe => sub { "ticket    more severe: $_->{to}" },
                escalated => sub { "escalate  step $_->{n}: $_->{to}" },
                sent => sub { "message   to $_->{to}, by $_->{detail}" },
                delivered => sub { "delivered to $_->{to}" },
                failed => sub { "failed    to $_->{to}: $_->{detail}" },
                resolved => sub { "resolved  $_->{to}: $_->{detail}" },
                acknowledged => sub { "taken     by $_->{by}, by $_->{detail}" },
            );
            my @timeline = @{$ticket->{timeline}};
            for my $i ($from .. $#timeline) {
                local $_ = $timeline[$i];
                my $say = $say{$_->{what}};
                my @at = gmtime($_->{at_ms} / 1000 + 7 * 3600);
                printf "  %02d:%02d:%02d  %s\n", @at[2, 1, 0],
                    $say ? $say->() : $_->{what};
            }
            printf "state %d %s\n", scalar @timeline, $ticket->{state};' "$1"
}

seen=0 state=''
tell_ticket() {
    local line
    while IFS= read -r line; do
        if [[ $line == "state "* ]]; then
            read -r _ seen state <<<"$line"
        else
            say "$line"
        fi
    done < <(look "$seen")
}

# --- the second person

# The text of a mail, which is in base64.
text_of() {
    perl -MMIME::Base64 -0777 -ne '
        print decode_base64($1) if m{^Content-Type: text/plain.*?\r?\n\r?\n(.*?)\r?\n--}ms' "$1"
}

# Mails since the attack began that name the ticket, the oldest first.
messages() {
    local file
    for file in "$outbox"/*.eml; do
        if [[ $file -nt $tonight/begin ]] && text_of "$file" |
            grep -qF -- "$ticket"; then
            printf '%s\n' "$file"
        fi
    done
}

link_of() { text_of "$1" | grep -oE -m1 '[a-z]+://[^ ]+/a/[^ ]+'; }

# ask METHOD URL: the first line of the answer.
ask() {
    local rest=${2#http://}
    exec 5<>"/dev/tcp/${rest%%:*}/$(sed -E 's|^[^:]*:([0-9]+)/.*|\1|' <<<"$rest")"
    printf '%s /%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\nContent-Length: 0\r\n\r\n' \
        "$1" "${rest#*/}" "${rest%%/*}" >&5
    head -n 1 <&5 | tr -d '\r'
    exec 5>&-
}

# Person of a file of the outbox: DATE-TIME-PERSON-CHANNEL-ID.eml
person_of() { sed -E 's|.*/[0-9]+-[0-9]+-(.*)-mail-[^-]*$|\1|' <<<"$1"; }

answer_link() {
    local first second link file
    while read -r file; do
        if [[ -z ${first:-} ]]; then
            first=$(person_of "$file")
        elif [[ $(person_of "$file") != "$first" ]]; then
            second=$file
            break
        fi
    done < <(messages)
    [[ -n ${second:-} ]] || return 1
    link=$(link_of "$second") || true
    [[ -n $link ]] || die "no link in $second"
    taker=$(person_of "$second")
    stamp "link      $first is silent; $taker opens it: $(ask GET "$link")"
    stamp "link      and presses the button: $(ask POST "$link")"
}

# An open ticket would be escalated again when its lease is over.
resolve() {
    "$program" tickets resolve -c "$config" --by "$taker" \
        --verdict true_positive -m "máy đã cô lập, tài khoản đã khóa" \
        "$ticket" >/dev/null
    tell_ticket
}

# --- the evening

host='' ticket='' answered='' taker=''
say "tonight: one attack; a step of the escalation waits 10 s here"
while ((EPOCHSECONDS - began < limit_s)); do
    tell_script
    [[ -n $ticket || -z $host ]] || ticket=$(find_ticket) || true
    if [[ -n $ticket ]]; then
        tell_ticket
        if [[ -z $answered ]] && answer_link; then
            answered=$EPOCHSECONDS
        fi
        # until the attack has ended, and the first one has heard who took it
        if [[ -n $answered && $state == acknowledged ]] &&
            gone "$attack" && (($(messages | wc -l) > 2)); then
            tell_ticket
            resolve
            stamp "done: $(messages | wc -l) mails in var/outbox name $ticket"
            printf '%s\n' "$ticket" >"$root/var/run/tonight.ticket"
            exit 0
        fi
    fi
    sleep 0.3
done
[[ -z $ticket ]] || "$program" tickets show -c "$config" "$ticket" >&2
die "after $limit_s s nobody has taken the ticket${ticket:+ $ticket}: see" \
    "var/log/thapcanh.log"
