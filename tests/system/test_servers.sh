#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# The servers that all other system tests stand on: they answer, they come
# back at the same address after being killed, and Redis keeps what it has.
. "$(dirname "$0")/lib.sh"

check "Kafka answers once start has returned" kafka wait 1
kafka kill9
check "Kafka, killed, comes back" kafka start
same "Kafka has its address still" "$KAFKA" "$(cat "$KAFKA_DIR/address")"
kafka pause
check "a paused Kafka does not answer" bash -c '! "$@"' - \
    deploy/kafka/kafka.sh wait "$KAFKA_DIR" 1
kafka resume
check "a resumed one does" kafka wait 20

same "Redis answers" PONG "$(redis cli ping)"
redis cli config set appendfsync always
for n in {1..20}; do
    redis cli set "key:$n" "$n"
done
redis kill9
redis start
same "Redis, killed, has what was written" 20 "$(redis cli dbsize)"
redis kill9
redis cutaof 1
redis start
same "cutaof costs the last write" 19 "$(redis cli dbsize)"
same "Redis refuses to forget" noeviction \
    "$(redis cli config get maxmemory-policy | tail -n 1)"
