#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Arrows point down only: base < model < the stages < daemon. A stage never
# includes another stage; they meet in the records of model/. Programs of
# deploy/ and tests/ stand on top and may include all. Private headers
# (daemon/x.h, x_priv.h) stay in their folder.
. "$(dirname "$0")/lib.sh"

declare -A below=(
    [base]="base"
    [model]="base model"
    [ingest]="base model ingest"
    [correlate]="base model correlate"
    [respond]="base model respond"
    [report]="base model report"
    [console]="base model console"
    [daemon]="base model ingest correlate respond report console daemon"
)

while read -r file; do
    subject
    folder=${file#include/}
    folder=${folder%%/*}
    if [[ -z ${below[$folder]:-} ]]; then
        [[ $folder == deploy || $folder == sample ]] ||
            finding "$file" "$file: no layer is called $folder (tests/lint/layers.sh)"
        continue
    fi
    while IFS=: read -r line included; do
        to=${included%%/*}
        if [[ $included != */* ]]; then
            # a private header, beside the file that includes it
            [[ -f ${file%/*}/$included ]] || finding "$file" \
                "$file:$line: there is no ${file%/*}/$included"
        elif [[ " ${below[$folder]} " != *" $to "* ]]; then
            finding "$file" "$file:$line: $folder may not include $included"
        elif [[ ! -f include/$included && $to != "$folder" ]]; then
            finding "$file" "$file:$line: $included is private to $to/"
        fi
    done < <(sed -n -E '/^[ \t]*#[ \t]*include[ \t]*"/{=;s/.*"([^"]*)".*/\1/p}' \
        "$file" | paste -d: - -)
done < <(code)
done_linting
