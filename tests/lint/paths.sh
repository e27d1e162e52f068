#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# No file names a place of one machine or of one network: no home folders, and
# no host but those listed here. Packages are named, never where they lie.
. "$(dirname "$0")/lib.sh"

hosts='localhost|127\.0\.0\.1|\[::1\]|0\.0\.0\.0|([a-z0-9-]+\.)*example(\.(com|org|net|vn))?|'
hosts+='([a-z0-9-]+\.)*(test|invalid)|www\.apache\.org|maven\.apache\.org|'
hosts+='www\.w3\.org|spdx\.org|www\.rfc-editor\.org|schema\.ocsf\.io|'
hosts+='attack\.mitre\.org|www\.isthe\.com'

while read -r file; do
    subject
    while IFS=: read -r line text; do
        finding "$file" "$file:$line: names a place of one machine: $text"
    done < <(grep -InoE '(^|[^A-Za-z0-9_.$}/-])/(work|root|home|Users|mnt|srv)/[a-z0-9_.-]*' \
        "$file")
    while IFS=: read -r line text; do
        host=${text#*://}
        host=${host#*@}
        [[ $host =~ ^(${hosts})(:|$) ]] ||
            finding "$file" "$file:$line: names a host: $host"
    done < <(grep -InoE '(https?|ftp|git|ssh)://[A-Za-z0-9@.:\[-]+\]?[A-Za-z0-9.:-]*' \
        "$file")
done < <(tracked | grep -vE '^(LICENSE|tests/lint/paths\.sh)$|\.(mmdb|png|ico|gz)$')
done_linting
