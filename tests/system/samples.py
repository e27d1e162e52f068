#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""For test_samples.sh: when did the events of a sample happen, and does the
program say the same? The times are worked out here from the samples' own
fields by other means than the mappings', and compared one by one.

  samples.py times KIND FILE             one epoch in ms a line
  samples.py labels CSV FILE             the same by the id of labels.csv
  samples.py mapped FILE                 of `map test --json`: time per line
  samples.py feed FILE TOPIC             of `feed --json`: by offset
  samples.py events FILE                 the field "event" of each line
"""
import csv
import datetime
import json
import re
import sys

EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def ms_of(text):
    """ISO 8601, UTC where it has no zone, cut to milliseconds."""
    date, clock, fraction, zone = re.fullmatch(
        r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)?",
        text).groups()
    zone = "+0000" if zone in (None, "Z") else zone.replace(":", "")
    when = datetime.datetime.strptime(f"{date} {clock} {zone}", "%Y-%m-%d %H:%M:%S %z")
    whole = int((when - EPOCH).total_seconds())
    return whole * 1000 + int(((fraction or "") + "000")[:3])


WHERE = {
    "wazuh": lambda a: ms_of(a["timestamp"]),
    "suricata": lambda a: ms_of(a["timestamp"]),
    "windows": lambda a: ms_of(
        a["Event"]["System"]["TimeCreated"]["#attributes"]["SystemTime"]),
}


def lines(path):
    with open(path, encoding="utf8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


def times(kind, path):
    for alert in lines(path):
        print(WHERE[kind](alert))


def labels(table, path):
    with open(table, encoding="utf8") as file:
        when = {row["alert_id"]: int(row["time"]) for row in csv.DictReader(file)}
    for alert in lines(path):
        name = alert.get("id") or alert.get("event_id") or alert["uid"]
        print(when[name] * 1000)


def mapped(path):
    for item in lines(path):
        print(ms_of(item["alert"]["time"]) if "alert" in item else item["fault"])


def feed(path, topic):
    found = {}
    for record in lines(path):
        position = record["unmapped"]["position"].split("/")
        if position[0] == topic:
            found[int(position[3])] = record["time"]
    for offset in sorted(found):
        print(found[offset])


def events(path):
    for item in lines(path):
        print(json.dumps(item["event"], ensure_ascii=False))


if __name__ == "__main__":
    {"times": times, "labels": labels, "mapped": mapped, "feed": feed,
     "events": events}[sys.argv[1]](*sys.argv[2:])
