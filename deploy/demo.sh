# SPDX-License-Identifier: Apache-2.0
#
# The configuration that `make run` writes. Sourced by run.sh, never run: it
# uses its variables.

# --- configuration: what deploy/thapcanh.yml says, with these addresses; and
# what makes an evening of an attack short enough to watch

replace() { # replace FILE: by standard input, if it is different
    cat >"$1.new"
    if cmp -s "$1.new" "$1"; then
        rm "$1.new"
    else
        mv "$1.new" "$1"
    fi
}

# The port of links and metrics: the same each time, if nobody else has it.
listen_port() {
    local port
    port=$(cat "$run/port" 2>/dev/null) || port=''
    if [[ -z $port ]] || { [[ -z $(pid_of "$service" "$program") ]] &&
        (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; }; then
        port=$(free_port)
        printf '%s\n' "$port" >"$run/port"
    fi
    printf '%s\n' "$port"
}

write_demo() {
    local head='# Written by `make run`, anew each time: deploy/'
    {
        printf '%stickets.yml, but what is older than ten\n# minutes %s\n' \
            "$head" 'wakes nobody, so that the last 24 hours do not.'
        sed -E 's/^quiet_after:.*/quiet_after: 10m/' deploy/tickets.yml
    } | replace var/tickets.yml
    {
        printf '%sescalation.yml, but each step\n# waits ten seconds, %s\n' \
            "$head" 'and a person may get a message every ten.'
        sed -E -e '/tell:/s/wait: \{[^}]*\}/wait: 10s/' \
            -e 's/^bundle:.*/bundle: 10s/' deploy/escalation.yml
    } | replace var/escalation.yml
    {
        printf '%sroster.yml, but with mail before SMS:\n# %s\n' "$head" \
            'only a mail has a link to press.'
        sed -E 's/\{sms: ("[^"]*"), mail: ([^}]*)\}/{mail: \2, sms: \1}/' \
            deploy/roster.yml
    } | replace var/roster.yml
}

write_config() {
    local geo='' port
    port=$(listen_port)
    write_demo
    [[ ! -f $root/var/lib/geo/country.mmdb ]] ||
        geo='geo.database: lib/geo/country.mmdb'
    replace "$config" <<END
# Written by \`make run\`, anew each time. For a configuration of your own,
# begin with deploy/thapcanh.yml.
kafka.brokers: "$kafka"
redis.address: "$redis"
data_dir: data
site: Tỉnh Ninh Thuận
sources_dir: ../deploy/sources
inventory: ../deploy/inventory/ninhthuan.yml
rules: ../rules
calendar: ../deploy/calendar.yml
suppressions: ../deploy/suppressions.yml
tickets: tickets.yml
roster: roster.yml
escalation: escalation.yml
notify.outbox: outbox
notify.mail.from: soc@ninhthuan.example
notify.link.url: http://127.0.0.1:$port
listen.address: 127.0.0.1:$port
$geo
sources:
  - topics: server-alerts
    mapping: cycir
    report: hệ thống giám sát máy chủ (Viettel CyCir)
  - topics: endpoint-alerts
    mapping: ajiant
    report: hệ thống giám sát máy khách SOC (Viettel Ajiant)
END
}
