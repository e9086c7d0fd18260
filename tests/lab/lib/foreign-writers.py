# Somebody else writes services of their own without a pause, while lvsd looks again and again and repairs.
#
#   foreign-writers.py --socket ADMIN_SOCKET --services N --passes N --rate N --rounds N --interval S --seed S
#
# Runs in the director's network namespace. Prints "ok - …" and "not ok - …" lines. Terms: *ours* are lvsd's
# services; the *writer* is the other program, a process of its own; the *vandal* spoils ours by hand.
import argparse
import ctypes
import errno
import os
import random
import select
import signal
import socket
import struct
import sys
import time

sys.path.insert(0, __file__.rsplit("/", 1)[0])  # python3 -I leaves it out
import ipvsnl
from apiclient import Client
from ipvsnl import V4, V6

SCHEDULERS = ["rr", "wrr", "lc", "wlc"]
TURN = 0.01  # seconds between two batches of the writer
PROTOCOLS = {"tcp": 6, "udp": 17}
FIRST = 64  # services that surely are in the first piece of a list
HIDDEN = 5  # of these, removed when somebody lists
SO_ATTACH_FILTER = 26
NLM_F_MULTI = 2
ETH_P_ALL = 3
SHOWN = 5  # findings of one kind that are printed


def check(what, findings):
    print(f"not ok - {what} ({len(findings)} times)" if findings else f"ok - {what}")
    for finding in findings[:SHOWN]:
        print(f"  {finding}")


# The writer -------------------------------------------------------------------------------------------

def foreign_key(i):
    if i % 7 == 0:
        return V6, 6, f"2001:db8:f::{i:x}", 80
    if i % 11 == 0:
        return V4, "fwm", 1000 + i
    return V4, 6 if i % 2 else 17, f"198.18.{i // 200}.{i % 200 + 1}", 80


def foreign_dest(key, j):
    return (f"2001:db8:f:1::{j + 1:x}" if key[0] == V6 else f"198.19.0.{j + 1}", 80)


def tap_of_lists(family):
    """A packet socket that gets each piece of a list of services that the kernel gives to anybody."""
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, 0)
    # The fields of the netlink header are in host order, BPF reads network order.
    words = [(0x28, 0, 0, 4), (0x15, 0, 5, socket.htons(family)), (0x30, 0, 0, 16), (0x15, 0, 3, ipvsnl.NEW_SERVICE),
             (0x28, 0, 0, 6), (0x15, 0, 1, socket.htons(NLM_F_MULTI)), (0x06, 0, 0, 0x40000), (0x06, 0, 0, 0)]
    program = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *word) for word in words))
    tap.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("@HP", len(words), ctypes.addressof(program)))
    tap.bind(("nlmon0", ETH_P_ALL))
    return tap


class Writer:
    """What it believes to be in the kernel, and the operations that make it so."""

    def __init__(self):
        self.ipvs = ipvsnl.Ipvs()
        self.model = {}  # key: (scheduler, {real server: (weight, ROUTE)})
        self.keys = [foreign_key(i) for i in range(400)]
        self.operations = self.lists = 0
        self.reader = b""
        self.findings = []
        self.grow = True
        self.send([self.creation(key) for key in self.keys])
        first = list(self.ipvs.services())[:FIRST]
        self.early = [key for key in self.keys if key in first]
        self.tap = tap_of_lists(self.ipvs.family)

    def creation(self, key):
        scheduler = random.choice(SCHEDULERS)
        self.model[key] = (scheduler, {})
        return ipvsnl.NEW_SERVICE, ipvsnl.service(key, scheduler)

    def removal(self, key):
        del self.model[key]
        return ipvsnl.DEL_SERVICE, ipvsnl.service(key)

    def operation(self):
        """(command, body); the model takes it for done."""
        if random.random() < 0.4 and self.model:
            return self.dest_operation()
        if not self.grow:
            return self.removal(random.choice(list(self.model)))
        return self.creation(random.choice([key for key in self.keys if key not in self.model]))

    def dest_operation(self):
        key = random.choice(list(self.model))
        dests = self.model[key][1]
        name, weight = foreign_dest(key, random.randrange(4)), random.randrange(100)
        verb = ipvsnl.SET_DEST if name in dests else ipvsnl.NEW_DEST
        if name in dests and random.random() < 0.5:
            del dests[name]
            return ipvsnl.DEL_DEST, ipvsnl.service(key) + ipvsnl.dest(name)
        dests[name] = (weight, ipvsnl.ROUTE)
        return verb, ipvsnl.service(key) + ipvsnl.dest(name, weight)

    def turn(self, n):
        """n operations at once: new services in one turn, removals in the next."""
        self.grow = len(self.model) < 100 or (not self.grow and len(self.model) < 300)
        early = [self.creation(key) for key in self.early if key not in self.model]
        self.send(early + [self.operation() for _ in range(n - len(early))])

    def tear(self):
        """Somebody has a piece of a list: what is removed from the first one hides as many later ones."""
        reader = self.tap.recv(16)[8:16]  # sequence number and port
        if reader == self.reader:
            return
        self.reader = reader
        self.lists += 1
        there = [key for key in self.early if key in self.model]
        self.send([self.removal(key) for key in there[:HIDDEN]])

    def send(self, requests):
        self.operations += len(requests)
        for request, result in zip(requests, self.ipvs.transact(requests)[0] if requests else []):
            if result:
                self.findings.append(f"command {request[0]}: {errno.errorcode.get(result, result)}")

    def compare(self):
        listed = self.ipvs.services()
        for key, (scheduler, dests) in self.model.items():
            found = self.ipvs.holds(key)
            if found != (scheduler, dests):
                self.findings.append(f"{key}: made {scheduler} {dests}, found {found}")
        for key in self.keys:
            if key in listed and key not in self.model:
                self.findings.append(f"{key}: removed, found {listed[key]}")

    def run(self, rate):
        running = True

        def stop(*_):
            nonlocal running
            running = False

        signal.signal(signal.SIGTERM, stop)
        began = time.monotonic()
        while running:
            self.turn(max(1, int(rate * TURN)))
            ahead = self.operations / rate - (time.monotonic() - began)
            if select.select([self.tap], [], [], max(0, ahead))[0]:
                self.tear()
        seconds = time.monotonic() - began
        self.compare()
        check("every object of the other program is as it left it", self.findings)
        check("it was busy all the time", [] if self.operations / seconds > rate / 4 else [f"{self.operations} in {seconds:.0f} s"])
        print(f"  {self.operations} changes in {seconds:.1f} s, {self.lists} times into a list that was being read")
        sys.stdout.flush()


def start_writer(options):
    sys.stdout.flush()
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        random.seed(options.seed + 1)
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))  # in time to tear a list
        Writer().run(options.rate)
        status = 0
    finally:
        sys.stdout.flush()
        os._exit(status)


# Ours -------------------------------------------------------------------------------------------------

def our_services(n):
    """{id: (key, scheduler, [real server])}"""
    services = {}
    for i in range(n):
        scheduler = SCHEDULERS[i % len(SCHEDULERS)]
        if i % 5 == 4:
            vip, pool = f"2001:db8::{i:x}", [(f"2001:db8:1::{j}", 80) for j in (1, 2)]
            services[f"tcp:[{vip}]:80"] = (V6, 6, vip, 80), scheduler, pool
        else:
            protocol = "udp" if i % 3 == 0 else "tcp"
            vip, pool = f"203.0.{i // 250}.{i % 250 + 1}", [(f"192.0.2.{j}", 80) for j in (11, 12)]
            services[f"{protocol}:{vip}:80"] = (V4, PROTOCOLS[protocol], vip, 80), scheduler, pool
    return services


def endpoint(name):
    return f"[{name[0]}]:{name[1]}" if ":" in name[0] else f"{name[0]}:{name[1]}"


class Trial:
    def __init__(self, options):
        self.options = options
        self.client = Client(options.socket, 120)
        self.ipvs = ipvsnl.Ipvs()
        self.ours = our_services(options.services)
        self.keys = {key for key, _, _ in self.ours.values()}

    def want(self, service):
        _, scheduler, pool = self.ours[service]
        return scheduler, {name: (1, ipvsnl.ROUTE) for name in pool}

    def declare(self):
        document = {"services": {service: {"scheduler": scheduler, "realServers": {endpoint(name): {} for name in pool}}
                                 for service, (_, scheduler, pool) in self.ours.items()}}
        status, answer = self.client.ask("PUT", "/v1/config?wait=60", document)
        check("the configuration is in the kernel", [] if status == 200 else [f"{status} {answer}"[:400]])

    def status(self):
        return self.client.ask("GET", "/v1")[1]["status"]

    def figures(self):
        status = self.status()
        return {name: status[name] for name in ("kernelWrites", "driftFound", "driftRepaired", "refusals")}

    def look_again(self):
        """Passes by the hundred. Another reader lists now and then, to see that lists are torn."""
        before, failed, lists, torn, missing = self.figures(), [], 0, 0, 0
        began = time.monotonic()
        for i in range(self.options.passes):
            status, answer = self.client.ask("POST", "/v1/reconcile?wait=60")
            if status != 200 or answer["status"]["pending"]:
                failed.append(f"{status} {answer}"[:400])
            if i % 10 == 0:
                hidden = self.keys - self.ipvs.services().keys()
                lists += 1
                torn += bool(hidden)
                missing += len(hidden)
        seconds = time.monotonic() - began
        after = self.figures()
        check("each pass ends with all services in place", failed)
        check("passes over what is so write nothing, find no drift, are refused nothing",
              [] if before == after else [f"before {before}", f"after  {after}"])
        check("lists were torn meanwhile, or this would prove nothing", [] if torn * 5 > lists else [f"{torn} of {lists}"])
        print(f"  {self.options.passes} passes in {seconds:.1f} s; {torn} of {lists} lists by another reader were torn, "
              f"{missing} of our services missing in them")

    def spoil(self, service):
        """Something by hand; returns what it was."""
        key, scheduler, pool = self.ours[service]
        name = random.choice(pool)
        stranger = ("2001:db8:1::99" if key[0] == V6 else "192.0.2.99", 80)
        ways = {
            "service removed": (ipvsnl.DEL_SERVICE, ipvsnl.service(key)),
            "real server removed": (ipvsnl.DEL_DEST, ipvsnl.service(key) + ipvsnl.dest(name)),
            "weight changed": (ipvsnl.SET_DEST, ipvsnl.service(key) + ipvsnl.dest(name, 77)),
            "method changed": (ipvsnl.SET_DEST, ipvsnl.service(key) + ipvsnl.dest(name, 1, ipvsnl.TUNNEL)),
            "real server added": (ipvsnl.NEW_DEST, ipvsnl.service(key) + ipvsnl.dest(stranger, 1)),
            "scheduler changed": (ipvsnl.SET_SERVICE, ipvsnl.service(key, "wrr" if scheduler == "rr" else "rr")),
        }
        way = random.choice(sorted(ways))
        results, _ = self.ipvs.transact([ways[way]])
        return f"{service}: {way}" + (f": {errno.errorcode[results[0]]}" if results[0] else "")

    def vandal(self):
        late, wrong, slowest, before = [], [], 0, self.figures()
        limit = self.options.interval + self.options.slack
        for i in range(self.options.rounds):
            spoilt = {service: self.spoil(service) for service in random.sample(sorted(self.ours), random.randint(1, 20))}
            wrong += [what for what in spoilt.values() if what.endswith(("ESRCH", "ENOENT", "EEXIST"))]
            began, left = time.monotonic(), set(spoilt)
            while left and time.monotonic() < began + limit:
                left = {service for service in left if self.ipvs.holds(self.ours[service][0]) != self.want(service)}
                time.sleep(0.05)
            slowest = max(slowest, time.monotonic() - began)
            late += [f"round {i}: {spoilt[service]}, found {self.ipvs.holds(self.ours[service][0])}" for service in left]
        after = self.figures()
        found = after["driftFound"] - before["driftFound"]
        check("what is spoilt by hand meanwhile is repaired within an interval", late)
        check("the vandal found all as it had to be", wrong)
        check("each repair is reported as drift", [] if found == after["driftRepaired"] - before["driftRepaired"] > 0 else [f"{before} {after}"])
        print(f"  {self.options.rounds} rounds, {found} services spoilt, the slowest repair took {slowest:.1f} s")

    def compare(self):
        findings = []
        for service, (key, _, _) in self.ours.items():
            found = self.ipvs.holds(key)
            if found != self.want(service):
                findings.append(f"{service}: {found}")
        status, diff = self.client.ask("GET", "/v1/diff")
        findings += [str(item) for item in diff["items"]] if status == 200 else [f"{status} {diff}"]
        check("in the end all of ours are as declared", findings)

    def run(self):
        self.declare()
        writer = start_writer(self.options)
        try:
            self.look_again()
            self.vandal()
        finally:
            sys.stdout.flush()
            os.kill(writer, signal.SIGTERM)
            status = os.waitpid(writer, 0)[1]
        if status:
            check("the writer ends well", [f"status {status}"])
        self.compare()
        print(f"  seed {self.options.seed}")


def main():
    parser = argparse.ArgumentParser()
    for name in ("services", "passes", "rate", "rounds", "seed"):
        parser.add_argument(f"--{name}", type=int, required=True)
    parser.add_argument("--socket", required=True)
    parser.add_argument("--interval", type=float, required=True)
    parser.add_argument("--slack", type=float, required=True)
    options = parser.parse_args()
    random.seed(options.seed)
    Trial(options).run()


sys.exit(main())
