#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# make install: DESTDIR and PREFIX as usual. What people edit goes to
# /etc/thapcanh and is never overwritten: where it differs, the new one is put
# beside it as FILE.new. Nothing is started.
set -euo pipefail
cd "$(dirname "$0")/.."
. deploy/lib.sh

prefix=${PREFIX:-/usr/local}
dest=${DESTDIR:-}
etc=$dest/etc/thapcanh

[[ -x build/thapcanh ]] || die "build/thapcanh is not there: run make first"

# edited FROM TO
edited() {
    mkdir -p "$(dirname "$2")"
    if [[ -e $2 ]] && ! cmp -s "$1" "$2"; then
        install -m 644 "$1" "$2.new"
        say "kept: $2 (the new one: $2.new)"
    else
        install -m 644 "$1" "$2"
        rm -f "$2.new"
    fi
}

install -D -m 755 build/thapcanh "$dest$prefix/bin/thapcanh"
sed "s|/usr/local|$prefix|g" deploy/thapcanh.service |
    install -D -m 644 /dev/stdin "$dest$prefix/lib/systemd/system/thapcanh.service"
for file in README.md README.vi.md LICENSE docs/*.md docs/*.svg; do
    install -D -m 644 "$file" \
        "$dest$prefix/share/doc/thapcanh/${file#docs/}"
done

for file in deploy/grafana/*.json deploy/prometheus/*.yml; do
    install -D -m 644 "$file" "$dest$prefix/share/thapcanh/${file#deploy/}"
done

# The service writes to its state folder only; the rest of the paths in the
# file are relative to it.
config=$(mktemp)
trap 'rm -f "$config"' EXIT
{
    sed '/^data_dir:/d' deploy/thapcanh.yml
    printf '\ndata_dir: /var/lib/thapcanh\n'
} >"$config"
edited "$config" "$etc/thapcanh.yml"
while IFS= read -r file; do
    edited "$file" "$etc/${file#deploy/}"
done < <(find deploy/sources deploy/inventory \
    deploy/roster.yml deploy/escalation.yml \
    deploy/tickets.yml deploy/suppressions.yml deploy/calendar.yml rules \
    -type f 2>/dev/null | LC_ALL=C sort)
say "installed under $dest$prefix and $etc"
