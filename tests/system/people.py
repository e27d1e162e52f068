#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""For test_faults_people.sh: who receives the messages, and who judges them.

  people.py receive FOLDER SECRET
      An HTTP server on a free port, written to FOLDER/port: takes what the
      service posts, checks the signature, and appends a line of JSON to
      FOLDER/received. It answers late, so that a process that is killed often
      dies between a delivery and its result.
  people.py link KEYFILE LIFE PERSON TICKET
      A token of an acknowledge link, good for LIFE seconds (less than 0: it is
      over), made as include/model/link.h says.
  people.py check FOLDER TICKETS MESSAGES
      What is wrong: TICKETS are the tickets as they lie in Redis, a line each;
      MESSAGES the responder's messages, their id before each.
"""
import collections
import hashlib
import hmac
import http.server
import json
import os
import sys
import time

ANSWERS_AFTER_S = 0.4


def signature(secret, text):
    return hmac.new(secret, text, hashlib.sha256).hexdigest()


def receive(folder, secret_file):
    with open(secret_file, "rb") as file:
        secret = file.readline().strip()

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            stamp = self.headers["X-Thapcanh-Timestamp"]
            signed = "sha256=" + signature(secret, stamp.encode() + b"." + body)
            line = json.loads(body)
            line["id"] = self.headers["X-Thapcanh-Message"]
            line["signed"] = signed == self.headers["X-Thapcanh-Signature"]
            line["at_s"] = time.time()
            with open(os.path.join(folder, "received"), "a", encoding="utf-8") as out:
                out.write(json.dumps(line) + "\n")
            time.sleep(ANSWERS_AFTER_S)
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
    with open(os.path.join(folder, "port.new"), "w", encoding="ascii") as out:
        out.write(str(server.server_port))
    os.rename(os.path.join(folder, "port.new"), os.path.join(folder, "port"))
    server.serve_forever()


def link(key_file, life, person, ticket):
    with open(key_file, "rb") as file:
        key = file.readline().strip()
    issued = int(time.time()) - 100
    expires = int(time.time()) + int(life)
    payload = f"1.{issued}.{expires}.{person}.m.{ticket}"
    print(payload + "." + signature(key, b"thapcanh link\n" + payload.encode())[:32])


# --- judging

def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def messages(path):
    """id → (state, record of its send)"""
    with open(path, encoding="utf-8") as file:
        rows = file.read().splitlines()
    return {name: (value[0], json.loads(value[1:]))
            for name, value in zip(rows[::2], rows[1::2])}


def check_received(received, sent):
    for line in received:
        if not line["signed"]:
            yield f"message {line['id']} has a wrong signature"
        if line["id"] not in sent:
            yield f"message {line['id']} to {line['person']} is not in the journal"
        elif sent[line["id"]][1]["person"] != line["person"]:
            yield f"message {line['id']} went to {line['person']}"
    ids = {line["id"] for line in received}
    for name, (state, record) in sent.items():
        if state != "d":
            yield f"message {name} to {record['person']} is '{state}', not delivered"
        if name not in ids:
            yield f"message {name} to {record['person']} never arrived"


def check_turns(ticket, received):
    """Nobody is written to twice, under different ids, for one turn of his."""
    turns = collections.Counter(
        (person, "page") for event in ticket["timeline"] if event["what"] == "escalated"
        for person in event.get("to", "").split(", "))
    heard = collections.defaultdict(set)
    for line in received:
        if ticket["id"] in [one["id"] for one in line["tickets"]]:
            kind = "taken" if line["kind"] == "taken" else "page"
            heard[line["person"], kind].add(line["id"])
    for (person, kind), ids in heard.items():
        most = 1 if kind == "taken" else turns[person, kind]
        if len(ids) > most:
            yield (f"ticket {ticket['id']}: {person} got {len(ids)} messages ({kind}) "
                   f"where {most} were due: {' '.join(sorted(ids))}")
    for (person, kind), n in turns.items():
        if ticket["state"] == "new" and len(heard[person, kind]) < n:
            yield f"ticket {ticket['id']}: {person} was not told of each of {n} turns"


def check_history(ticket):
    """What happens once stands once on the timeline, in one order."""
    events = ticket["timeline"]
    names = [event["what"] for event in events]
    for what in ("opened", "acknowledged"):
        if names.count(what) > 1 or (what == "opened" and names[0] != what):
            yield f"ticket {ticket['id']}: {what} {names.count(what)} times"
    steps = [event["n"] for event in events if event["what"] == "escalated"]
    if steps != sorted(set(steps)):
        yield f"ticket {ticket['id']}: steps {steps}"
    if "acknowledged" in names and "escalated" in names[names.index("acknowledged"):]:
        yield f"ticket {ticket['id']}: escalated after it was acknowledged"
    if ticket["n_incidents"] != 1 or ticket["count"] != 1:
        yield (f"ticket {ticket['id']}: {ticket['n_incidents']} incidents "
               f"of {ticket['count']} alerts")


def check(folder, tickets_file, messages_file):
    received = lines(os.path.join(folder, "received"))
    sent = messages(messages_file)
    tickets = [line["unmapped"]["ticket"] for line in lines(tickets_file)]
    wrong = list(check_received(received, sent))
    for ticket in tickets:
        wrong += check_history(ticket)
        wrong += check_turns(ticket, received)
    for host, n in collections.Counter(
            ticket["hosts"]["names"][0] for ticket in tickets).items():
        if n > 1:
            wrong.append(f"{n} tickets for {host}")
    repeats = len(received) - len({line["id"] for line in received})
    print(f"{len(tickets)} tickets, {len(sent)} messages, delivered once more "
          f"under the same id: {repeats}", file=sys.stderr)
    print("\n".join(wrong))


if __name__ == "__main__":
    {"receive": receive, "link": link, "check": check}[sys.argv[1]](*sys.argv[2:])
