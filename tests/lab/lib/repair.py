# Everything is flushed by hand: how lvsd answers while it puts it back.
#
#   repair.py --socket ADMIN_SOCKET --services N --pool N --limit SECONDS --seed S
#
# Runs in the director's network namespace. Prints "ok - …" and "not ok - …" lines.
import argparse
import json
import os
import random
import select
import sys
import time

sys.path.insert(0, __file__.rsplit("/", 1)[0])  # python3 -I leaves it out
import ipvsnl
from apiclient import Client

FLUSH = 17


def verdict(what, good, detail):
    print(f"ok - {what}" if good else f"not ok - {what}")
    if detail:
        print(f"  {detail}")


def configuration(options):
    pool = {f"10.0.0.{i}:80": {} for i in range(1, options.pool + 1)}
    return {"services": {f"tcp:203.0.{i // 250}.{i % 250 + 1}:80": {"scheduler": "wrr", "realServers": pool}
                         for i in range(options.services)}}


def ask_for_a_pass(options):
    """In a process of its own, since the answer takes as long as the repair: a descriptor that has it at the end."""
    answer, write = os.pipe()
    sys.stdout.flush()
    if os.fork() == 0:
        with open(write, "w", encoding="utf-8") as out:
            json.dump(Client(options.socket, 300).ask("POST", "/v1/reconcile?wait=60")[0], out)
        os._exit(0)
    os.close(write)
    return answer


def timed(client, method, path, body=None):
    began = time.monotonic()
    status, answer = client.ask(method, path, body)
    return time.monotonic() - began, status, answer


def spread(times):
    times = sorted(times)
    return f"{len(times)} answers, half within {1000 * times[len(times) // 2]:.0f} ms, nine in ten within " \
        f"{1000 * times[len(times) * 9 // 10]:.0f} ms, the last after {1000 * times[-1]:.0f} ms"


def nine_in_ten(times):
    return sorted(times)[len(times) * 9 // 10]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--socket", required=True)
    for name in ("services", "pool", "seed"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--limit", type=float, required=True)
    options = parser.parse_args()
    random.seed(options.seed)
    client, ipvs, document = Client(options.socket, 300), ipvsnl.Ipvs(), configuration(options)
    seconds, status, answer = timed(client, "PUT", "/v1/config?wait=60", document)
    verdict("the configuration is in the kernel", status == 200, f"{status} after {seconds:.1f} s")
    services = list(document["services"])
    weights = {}

    began = time.monotonic()
    ipvs.transact([(FLUSH, b"")])
    done = ask_for_a_pass(options)
    live, writes, faults = [], [], []
    while not select.select([done], [], [], 0.002)[0]:
        live.append(timed(client, "GET", "/livez")[0])
        service = random.choice(services)
        name = random.choice(list(document["services"][service]["realServers"]))
        weights[service, name] = random.randint(2, 9)
        path = f"/v1/services/{service}/real-servers/{name}/weight"
        seconds, status, got = timed(client, "PUT", path, {"weight": weights[service, name]})
        writes.append(seconds)
        if status != 200:
            faults.append(f"{path}: {status} {got}")
    seconds = time.monotonic() - began
    text = os.read(done, 100).decode()
    verdict("all is put back", text == "200", f"{text} after {seconds:.1f} s")
    verdict("the repair took long enough to see something of it", len(live) >= 10, f"{len(live)} requests meanwhile")
    # Who starves waits for the whole repair; on a busy machine all of it takes longer.
    limit = max(options.limit, seconds / 5)
    verdict("meanwhile GET /livez answers in time", nine_in_ten(live) < limit, spread(live))
    verdict("meanwhile a weight is in the kernel in time", nine_in_ten(writes) < limit, spread(writes))
    verdict("each of them is accepted and in the kernel when it is answered", not faults, "; ".join(faults)[:500])

    wrong = []
    for service, entry in document["services"].items():
        key = (ipvsnl.V4, 6, service.split(":")[1], 80)
        want = {(name[:-3], 80): (weights.get((service, name), 1), ipvsnl.ROUTE) for name in entry["realServers"]}
        if ipvs.holds(key) != ("wrr", want):
            wrong.append(service)
    verdict("in the end all is as declared", not wrong, f"{len(wrong)} services differ: {wrong[:3]}" if wrong else "")


sys.exit(main())
