# A client that connects without a pause to services that come and go, where somebody else answers while they are not.
#
#   newcomers.py --socket ADMIN_SOCKET --vip ADDRESS --client ADDRESS --rounds N
#
# Runs in the client's network namespace. The director itself listens on VIP:80 and answers "director", so that a
# refused connection can only come from a service that is there without a usable real server (ICMP port
# unreachable, ip_vs_leave). None may be. Prints "ok - …" and "not ok - …" lines.
import argparse
import json
import os
import select
import socket
import sys
import time

sys.path.insert(0, __file__.rsplit("/", 1)[0])  # python3 -I leaves it out
from apiclient import Client

FIRST_PORT, PORTS = 10000, 20000  # of the client, below the ephemeral ones
MANY = 120  # services in one document


def knock(stop, options):
    """Connects until told to stop: how often which answer came."""
    answers, n = {}, 0
    while not select.select([stop], [], [], 0)[0]:
        with socket.socket() as sock:
            sock.settimeout(5)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")  # leaves no port behind
            sock.bind((options.client, FIRST_PORT + n % PORTS))
            n += 1
            try:
                sock.connect((options.vip, 80))
                sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
                answer = sock.recv(4096).decode().rsplit("\n", 2)[-2]
            except (OSError, IndexError) as fault:
                answer = str(fault)
        answers[answer] = answers.get(answer, 0) + 1
    return answers


def while_knocking(options, edits):
    stop, told = os.pipe()
    result, write = os.pipe()
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        try:
            with open(write, "w", encoding="utf-8") as out:
                json.dump(knock(stop, options), out)
        finally:
            os._exit(0)
    os.close(write)
    time.sleep(0.3)
    faults = edits()
    time.sleep(0.3)
    os.write(told, b".")
    with open(result, encoding="utf-8") as text:
        answers = json.loads(text.read())
    os.waitpid(pid, 0)
    return faults, answers


class Edits:
    """Requests that make the service and take it away."""

    def __init__(self, client):
        self.client, self.faults = client, []

    def send(self, method, path, body, want):
        status, answer = self.client.ask(method, path, body)
        if status != want:
            self.faults.append(f"{method}: {status} {answer}"[:300])
        time.sleep(0.03)


def one_by_one(client, options, pool):
    edits, path = Edits(client), f"/v1/services/tcp:{options.vip}:80"
    for _ in range(options.rounds):
        edits.send("PUT", path, {"scheduler": "rr", "realServers": pool}, 201)
        edits.send("DELETE", path, None, 204)
    return edits.faults


def by_document(client, options, pool):
    edits, path = Edits(client), "/v1/config?allowMassDelete=true"
    others = [f"192.0.2.{i}" for i in range(21, 27)]
    many = {f"tcp:{options.vip}:{port}": {"scheduler": "rr", "realServers": {f"{name}:{port}": {} for name in others}}
            for port in range(1000, 1000 + MANY)}
    many[f"tcp:{options.vip}:80"] = {"scheduler": "rr", "realServers": pool}
    for _ in range(options.rounds // 5):
        edits.send("PUT", path, {"services": many}, 200)
        edits.send("PUT", path, {"services": {}}, 200)
    return edits.faults


def report(what, creations, trial):
    faults, answers = trial
    refused = sum(n for answer, n in answers.items() if "refused" in answer)
    faults += [f"{refused} connections were refused"] if refused else []
    faults += [] if any(answer.startswith("rs") for answer in answers) and answers.get("director") else ["not both have answered"]
    print(f"not ok - {what}" if faults else f"ok - {what}")
    for fault in faults[:5]:
        print(f"  {fault}")
    print(f"  {creations} creations; answers: {answers}")


def main():
    parser = argparse.ArgumentParser()
    for name in ("socket", "vip", "client"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--rounds", type=int, required=True)
    options = parser.parse_args()
    client = Client(options.socket, 60)
    pool = {"192.0.2.11:80": {}, "192.0.2.12:80": {}}
    report("a new service with real servers refuses nobody, from its creation on", options.rounds,
           while_knocking(options, lambda: one_by_one(client, options, pool)))
    report("nor one of many in a document", options.rounds // 5,
           while_knocking(options, lambda: by_document(client, options, pool)))


sys.exit(main())
