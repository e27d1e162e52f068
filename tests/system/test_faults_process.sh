#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The process dies, is stopped, is joined and left by others: counts, feed and
# open dead letters are those of an undisturbed run.
. "$(dirname "$0")/faults.sh"

input 0.25
calm

# --- kill -9, twenty times while it reads, and then while it only commits
config killed 1
marker() { # how far the windows and the tickets are, and by which commit
    redis cli -n 1 hget "tc:{correlate/killed.windows/0}:marker" marker
    redis cli -n 1 hget "tc:{respond/killed.journal/0}:marker" marker
}
has_worked() { # since BEFORE alerts and MARKER
    { all_in 1 || some_in 1 "$1"; } && [[ $(marker) != "$2" ]]
}
for ((n = 1; n <= 20; n++)); do
    begin killed
    # until it has committed something more, so that each kill hits a run
    # under way
    until_true 30 has_worked "$(in_redis 1)" "$(marker)" ||
        not_ok "started for the ${n}th time, it works"
    end killed KILL
done
begin killed
check "killed again and again, it counts everything" until_true 120 all_in 1
check "killed: windows and tickets have taken everything" until_true 120 settled killed 1
end killed
dump killed 1
same_run "kill -9 twenty times" killed

# --- SIGSTOP past the session time-out while a second one takes over
config frozen 2
begin frozen
until_true 60 some_in 2 1000
kill -STOP "${pid[frozen]}"
begin frozen second
check "a second process takes over a frozen one's work" until_true 120 all_in 2
kill -CONT "${pid[frozen]}"
sleep_until_settled() { # the thawed one has had its say: refused, or fenced
    until_true 30 grep -qE 'refused|lost|fenced|given up' "$TEST_DIR/frozen.log"
}
check "the thawed one notices" sleep_until_settled
check "frozen: windows and tickets have taken everything" until_true 120 settled frozen 2
end frozen
end second
dump frozen 2
same_run "SIGSTOP and a second process" frozen

# --- a second and a third process join and leave
config crowd 3
begin crowd
until_true 60 some_in 3 1000
begin crowd crowd2
until_true 60 some_in 3 10000
begin crowd crowd3
until_true 60 some_in 3 30000
end crowd2
end crowd KILL
begin crowd crowd4
check "with processes coming and going" until_true 120 all_in 3
check "crowd: windows and tickets have taken everything" until_true 120 settled crowd 3
end crowd3
end crowd4
dump crowd 3
same_run "processes that join and leave" crowd
