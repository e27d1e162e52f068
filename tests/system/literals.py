#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""For test_literals.sh: do the rules know the sites they are measured on?

  literals.py list RULES…            every literal: file:line, where, the text
  literals.py known AIT RULES…       those that the sites of AIT give away

A literal is every scalar of a rule that is no key. Two kinds, held to this:

prose      titles, descriptions, first steps, usual harmless causes, remarks.
           No name of an alert, whole; no address; no date; no name of a host
           that is more than one everyday word, and no part of one that is not
           such a word.
values     all else: what detections and correlations compare with, and the
           examples. As prose, and no host name of any sort; and no text of four
           letters or more that stands in the name of an alert, or the other way
           round: "sudo" would, as Wazuh's names speak of it.

Not held to it: the values of `kind`, `severity` and `source` that are this
product's own words (include/model, deploy/sources), ATT&CK tags, and what the
language itself says (types, timespans, names of fields and of other rules).
"""
import csv
import datetime
import glob
import gzip
import os
import re
import sys

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
PROSE = {"#", "title", "description", "first_step", "harmless", "vi", "en"}
# What the language says: these keys hold no text of the rule's own.
LANGUAGE = {"type", "rules", "group-by", "timespan", "aliases", "generate",
            "level", "status", "id", "name", "tags", "logsource", "product",
            "category", "service", "field", "memory", "learn", "bucket",
            "at", "every", "repeat", "group", "incident", "date", "modified",
            "author", "references", "gte", "gt", "lte", "lt", "eq", "neq",
            "score", "kinds", "rules_distinct", "tactics", "least"}
# Words of which names of hosts are made everywhere.
EVERYDAY = {"mail", "server", "share", "cloud", "intranet", "internal", "inet",
            "firewall", "dns", "vpn", "monitoring", "webserver", "web", "host",
            "proxy", "backup", "file", "remote", "external", "user", "client"}
QUOTED = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^']|'')*'""")
KEY = re.compile(r"\s*:(?=\s|$)")
IN_BLOCK = re.compile(r"(?:(?!:\s|:$|\s#).)+")  # a plain text, where it may
IN_FLOW = re.compile(r"(?:(?!:\s|:$|\s#)[^\[\]{},])+")  # hold commas and not


def unquote(text):
    if text[0] == "'":
        return text[1:-1].replace("''", "'")
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def tokens(line, depth):
    """(text, is key, column, depth of brackets) of each scalar of a line; a
    remark is in column -1."""
    at = 0
    while at < len(line):
        if line[at] == "#":
            yield line[at:].lstrip("# "), False, -1, depth
            return
        if line[at] in " ,-?" and (line[at] in " ," or line[at:at + 2] in
                                   ("- ", "-", "? ")):
            at += 1
        elif line[at] in "[{":
            depth, at = depth + 1, at + 1
            yield None, False, at, depth
        elif line[at] in "]}":
            depth, at = depth - 1, at + 1
            yield None, False, at, depth
        else:
            quoted = QUOTED.match(line, at)
            found = quoted or (IN_FLOW if depth else IN_BLOCK).match(line, at)
            if not found:
                raise ValueError(f"cannot read: {line[at:]!r}")
            key = KEY.match(line, found.end())
            yield (unquote(found[0]) if quoted else found[0].strip(),
                   bool(key), at, depth)
            at = key.end() if key else found.end()


def literals(path):
    """(line number, keys above it, text) of every scalar that is no key."""
    above = []  # (column, key) of block maps
    flow = []  # the last key of each open bracket
    block = None  # indent of the line that began a text over several lines
    for number, line in enumerate(open(path, encoding="utf8"), 1):
        line = line.rstrip()
        indent = len(line) - len(line.lstrip(" "))
        if not line.strip() or line == "---":
            continue
        if block is not None and indent > block:
            yield number, [k for _, k in above], line.strip()
            continue
        block = None
        for text, is_key, column, depth in tokens(line, len(flow)):
            flow = (flow + [""] * depth)[:depth]
            if text is None:
                continue
            if column < 0:
                yield number, ["#"], text
            elif is_key and depth:
                flow[-1] = text
            elif is_key:
                above = [a for a in above if a[0] < column] + [(column, text)]
            elif text in ("|", ">", "|-", ">-") and not depth:
                block = indent
            else:
                yield (number, [k for _, k in above] + [k for k in flow if k],
                       text)


def product_words():
    """Kinds, severities and the names of the mappings."""
    words = set()
    for name in ("kind", "severity"):
        text = open(os.path.join(ROOT, "include/model", name + ".h"),
                    encoding="utf8").read()
        words |= set(re.findall(r'X\(\w+, "(\w+)"', text))
    for path in glob.glob(os.path.join(ROOT, "deploy/sources/*.yml")):
        words.add(os.path.basename(path)[:-4])
    return {w.lower() for w in words}


class Sites:
    def __init__(self, folder):
        self.hosts, self.addresses, self.names = set(), set(), set()
        self.days, self.users = set(), set()
        paths = glob.glob(os.path.join(folder, "*.csv.gz"))
        if not paths:
            raise SystemExit(f"no sites in {folder}")
        for path in paths:
            self.users.add(os.path.basename(path).split(".")[0].lower())
            with gzip.open(path, "rt", encoding="utf8") as f:
                for row in csv.DictReader(f):
                    self.add(row)
        for host in self.hosts:
            self.users |= {part for part in re.split(r"[_.-]", host)
                           if part not in EVERYDAY}
        words = (self.users | self.names | self.days | self.addresses |
                 {h for h in self.hosts if h not in EVERYDAY})
        self.distinctive = re.compile(
            r"(?<![\w.-])(?:%s)(?![\w-])" % "|".join(
                re.escape(w) for w in sorted(words, key=len, reverse=True)))

    def add(self, row):
        when = datetime.datetime.fromtimestamp(int(row["time"]),
                                               datetime.timezone.utc)
        self.hosts.add(row["host"].lower())
        self.addresses.add(row["ip"])
        name = row["name"].partition(": ")[2].removeprefix("Alert - ")
        self.names |= {name.lower(), row["short"].lower()}
        self.days |= {when.strftime(f) for f in
                      ("%Y-%m-%d", "%d/%m/%Y", "%Y%m%d", "%d.%m.%Y")}

    def in_prose(self, text):
        found = self.distinctive.search(text)
        return found[0] if found else None

    def in_value(self, text):
        word = self.in_prose(text)
        if word:
            return word
        bare = re.sub(r"[*?\\^$]+", " ", text).strip()
        if bare in self.hosts:
            return bare
        for piece in re.split(r"\s{2,}|[*?]", text) + [bare]:
            piece = piece.strip()
            if len(piece) < 4:
                continue
            for name in self.names | self.hosts:
                if piece in name or (len(name) >= 4 and name in piece):
                    return name
        network = re.fullmatch(r"(\d+\.\d+)[\d.]*(/\d+)?", text)
        if network:
            for address in self.addresses:
                if address.startswith(network[1] + "."):
                    return address
        return None


def all_literals(paths):
    for path in paths:
        files = [path] if os.path.isfile(path) else sorted(
            glob.glob(os.path.join(path, "**/*.yml"), recursive=True))
        for file in files:
            for number, keys, text in literals(file):
                yield f"{file}:{number}", keys, text


def main(argv):
    if len(argv) >= 2 and argv[0] == "list":
        for where, keys, text in all_literals(argv[1:]):
            print(where, "/".join(keys), text, sep="\t")
        return 0
    if len(argv) < 3 or argv[0] != "known":
        raise SystemExit(__doc__)
    sites, own, n = Sites(argv[1]), product_words(), 0
    for where, keys, text in all_literals(argv[2:]):
        n += 1
        last = keys[-1] if keys else ""
        text = text.lower()
        if last.split("|")[0] in ("kind", "severity", "source") and text in own:
            continue
        if last in LANGUAGE and "examples" not in keys:
            word = sites.in_prose(text)
        elif PROSE & set(keys) and "examples" not in keys:
            word = sites.in_prose(text)
        elif last == "condition" or re.fullmatch(r"[\d.]+[smhd]?|true|false|null",
                                                  text):
            word = sites.in_prose(text)
        else:
            word = sites.in_value(text)
        if word:
            print(f"{where}: {'/'.join(keys)}: '{text}' is '{word}' of a site")
    print(f"{n} literals looked at", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
