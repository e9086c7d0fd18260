# Edits of all kinds while clients are at work: no connection to what stays may notice.
#
#   never-hurts.py --socket ADMIN_SOCKET --vip ADDRESS --client ADDRESS --edits N --seed S
#
# Runs in the client's network namespace. Prints "ok - …" and "not ok - …" lines. Terms: a service or real server
# *stays* when no edit removes it or leaves it without weight; all else is *other* and comes and goes.
import argparse
import copy
import json
import os
import random
import select
import socket
import sys
import time

sys.path.insert(0, __file__.rsplit("/", 1)[0])  # python3 -I leaves it out
from apiclient import Client
from streamserver import pattern, part

STREAMS = 2  # for each service that stays
PORTS = 7000  # source ports of one service's requests; all below the ephemeral ones
SHORT = 3000  # bytes of a short request: three segments
PAUSE = 0.004  # seconds between two short requests, and between two edits
PATIENCE = 5  # seconds that a connection may be without any data
SCHEDULERS = ["rr", "wrr", "lc", "wlc", "sed", "nq", "fo", "lblc", "lblcr", "sh", "mh"]
SHOWN = 5  # findings of one kind that are printed


def check(what, findings):
    print(f"not ok - {what} ({len(findings)} times)" if findings else f"ok - {what}")
    for finding in findings[:SHOWN]:
        print(f"  {finding}")


# Clients ----------------------------------------------------------------------------------------------

class Child:
    """A process of its own, so that clients do not wait for each other's turn in the interpreter."""

    def __init__(self, work, *arguments):
        read, self.stop = os.pipe()
        self.result, write = os.pipe()
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid:
            os.close(read)
            os.close(write)
            return
        status = 1
        try:
            os.close(self.stop)
            with open(write, "w", encoding="utf-8") as out:
                json.dump(work(read, *arguments), out)
            status = 0
        finally:
            os._exit(status)

    def finish(self):
        """What the work came to."""
        os.write(self.stop, b".")  # its end would not do: later children have it open too
        with open(self.result, encoding="utf-8") as result:
            text = result.read()
        os.waitpid(self.pid, 0)
        return json.loads(text)


def told_to_stop(stop, seconds):
    return bool(select.select([stop], [], [], seconds)[0])


class Stream:
    def __init__(self, name, address):
        self.name, self.received, self.fault = name, 0, None
        self.block = pattern(name)
        self.heard = time.monotonic()
        self.socket = socket.create_connection(address, PATIENCE)
        self.socket.sendall(f"stream {name}\n".encode())

    def read(self):
        """False at the end."""
        try:
            data = self.socket.recv(65536)
            if data != part(self.block, self.received, len(data)):
                raise OSError(f"other bytes than expected after {self.received}")
        except OSError as fault:
            self.fault = f"{self.name}: {fault}"
            return False
        self.received += len(data)
        self.heard = time.monotonic()
        return bool(data)

    def check_silence(self):
        if time.monotonic() - self.heard > PATIENCE:
            self.fault = self.fault or f"{self.name}: silence after {self.received} bytes"


def download(stop, streams):
    """Downloads that last as long as the edits: [faults, bytes]."""
    open_ones = {stream.socket: stream for stream in streams}
    while stop not in (ready := select.select([stop, *open_ones], [], [], 1)[0]):
        for sock in ready:
            if not open_ones[sock].read():
                open_ones[sock].fault = open_ones[sock].fault or f"{open_ones[sock].name}: the end"
                del open_ones[sock]
        for stream in streams:
            stream.check_silence()
    for sock in open_ones:
        sock.settimeout(PATIENCE)
        sock.sendall(b".")
    for stream in open_ones.values():
        while stream.read():
            pass
    return [[stream.fault for stream in streams if stream.fault], sum(stream.received for stream in streams)]


def short_request(address, source, service, block):
    data = b""
    with socket.socket() as sock:
        sock.settimeout(PATIENCE)
        sock.bind(source)
        sock.connect(address)
        sock.sendall(f"once {service} {SHORT}\n".encode())
        while more := sock.recv(65536):
            data += more
    if data != part(block, 0, SHORT):
        raise OSError(f"{len(data)} bytes, or others than expected")


def ask_again(stop, service, address, client, port):
    """Short requests, each from a port of its own: [how many, [[began, ended, failure]]]."""
    block, done, failures = pattern(service), 0, []
    while not told_to_stop(stop, PAUSE):
        began = time.monotonic()
        source = client, port + (done + len(failures)) % PORTS
        try:
            short_request(tuple(address), source, service, block)
            done += 1
        except OSError as fault:
            failures.append([began, time.monotonic(), f"{service}: {fault}"])
    return [done, failures]


# What is declared, and its edits ----------------------------------------------------------------------

class Pool:
    """The real servers that a service that stays can have: two that stay, two others."""

    def __init__(self, network, port, forward):
        self.staying = [f"{network}.{i}:{port}" for i in (11, 12)]
        self.others = [f"{network}.{i}:{port}" for i in (13, 14)]
        self.forward = forward  # a change of it hurts, as the API says (disruptive)

    def real_server(self, name):
        upper = random.choice([0, 0, random.randint(50000, 90000)])  # never reached: that would refuse, and rightly
        least = 1 if name == self.staying[0] else 0
        return {"weight": random.randint(least, 5), "forward": self.forward,
                "upperThreshold": upper, "lowerThreshold": random.randint(0, upper)}

    def real_servers(self):
        names = self.staying + [name for name in self.others if random.random() < 0.5]
        return {name: self.real_server(name) for name in names}


def scheduling():
    scheduler = random.choice(SCHEDULERS)
    # Without fallback these two refuse clients whose share has weight 0, whoever set that.
    flags = [f"{scheduler}-fallback", f"{scheduler}-port"] if scheduler in ("sh", "mh") else \
        random.choice([[], ["flag-1"], ["flag-2", "flag-3"]])
    persistence = random.choice([None, None, {"timeoutSeconds": random.randint(1, 400),
                                              "prefixLength": random.choice([24, 32]), "engine": None}])
    return {"scheduler": scheduler, "schedulerFlags": flags, "persistence": persistence}


class Editor:
    def __init__(self, options):
        self.options = options
        self.client = Client(options.socket, 60)
        vip = options.vip
        self.pools = {f"tcp:{vip}:80": Pool("192.0.2", 80, "dr"),
                      f"tcp:{vip}:81": Pool("192.0.2", 81, "tun"),
                      f"tcp:{vip}:82": Pool("198.51.100", 8080, "nat")}
        self.other_services = [f"tcp:{vip}:{port}" for port in range(9000, 9006)] + \
            [f"udp:{vip}:53", "fwm:7", "tcp:[2001:db8::10]:80"]
        self.model = {service: self.first(service) for service in self.pools}
        self.faults = []
        self.removals = []  # (service, began, ended): a real server that may have had connections went
        self.switches = []  # (service, began, ended): its scheduler was changed
        self.kinds = {}

    def first(self, service):
        """Without others, since the downloads begin on it."""
        pool = self.pools[service]
        return {**scheduling(), "realServers": {name: pool.real_server(name) for name in pool.staying}}

    def random_service(self, service):
        if service in self.pools:
            return {**scheduling(), "realServers": self.pools[service].real_servers()}
        host, port = ("[2001:db8::%d]", 80) if "[" in service else ("192.0.2.%d", service.rsplit(":", 1)[1])
        port = 0 if service.startswith("fwm") else port
        names = [f"{host % i}:{port}" for i in range(21, 25) if random.random() < 0.5]
        return {**scheduling(), "realServers": {name: {"weight": random.randint(0, 3), "forward": "dr", "upperThreshold": 0,
                                                       "lowerThreshold": 0} for name in names}}

    def send(self, kind, method, path, body, after):
        before, began = self.model, time.monotonic()
        status, answer = self.client.ask(method, path, body)
        ended = time.monotonic()
        self.kinds[kind] = self.kinds.get(kind, 0) + 1
        if status not in (200, 201, 204):
            self.faults.append(f"{kind}: {method} {path} {body}: {status} {answer}"[:600])
        for service in self.pools:
            if before[service]["realServers"].keys() - after[service]["realServers"].keys():
                self.removals.append((service, began, ended))
            if before[service]["scheduler"] != after[service]["scheduler"]:
                self.switches.append((service, began, ended))
        self.model = after

    def edit(self):
        after = copy.deepcopy(self.model)
        service = random.choice(list(self.pools))
        kind = random.choice(["weight"] * 3 + ["real server", "real server patch", "other real server", "other real server",
                              "scheduling", "scheduling", "service", "service patch", "other service", "other service",
                              "document", "document patch"])
        getattr(self, "edit_" + kind.replace(" ", "_"))(kind, after, service, "/v1/services/" + service)

    def edit_weight(self, kind, after, service, path):
        name = random.choice(list(after[service]["realServers"]))
        weight = self.pools[service].real_server(name)["weight"]
        after[service]["realServers"][name]["weight"] = weight
        self.send(kind, "PUT", f"{path}/real-servers/{name}/weight", {"weight": weight}, after)

    def edit_real_server(self, kind, after, service, path):
        name = random.choice(list(after[service]["realServers"]))
        body = after[service]["realServers"][name] = self.pools[service].real_server(name)
        self.send(kind, "PUT", f"{path}/real-servers/{name}", body, after)

    def edit_real_server_patch(self, kind, after, service, path):
        name = random.choice(list(after[service]["realServers"]))
        drawn = self.pools[service].real_server(name)
        members = random.choice([["weight"], ["upperThreshold", "lowerThreshold"]])
        body = {member: drawn[member] for member in members}
        after[service]["realServers"][name].update(body)
        self.send(kind, "PATCH", f"{path}/real-servers/{name}", body, after)

    def edit_other_real_server(self, kind, after, service, path):
        name = random.choice(self.pools[service].others)
        if after[service]["realServers"].pop(name, None):
            self.send(kind, "DELETE", f"{path}/real-servers/{name}", None, after)
            return
        body = after[service]["realServers"][name] = self.pools[service].real_server(name)
        self.send(kind, "PUT", f"{path}/real-servers/{name}", body, after)

    def edit_scheduling(self, kind, after, service, path):
        body = scheduling()
        after[service].update(body)
        self.send(kind, "PATCH", path, body, after)

    def edit_service(self, kind, after, service, path):
        after[service] = self.random_service(service)
        self.send(kind, "PUT", path, after[service], after)

    def edit_service_patch(self, kind, after, service, path):
        name = random.choice(self.pools[service].others)
        body = {**scheduling(), "realServers": {name: None}}
        if not after[service]["realServers"].pop(name, None):
            body["realServers"][name] = after[service]["realServers"][name] = self.pools[service].real_server(name)
        after[service].update({member: body[member] for member in ("scheduler", "schedulerFlags", "persistence")})
        self.send(kind, "PATCH", path, body, after)

    def edit_other_service(self, kind, after, *_):
        service = random.choice(self.other_services)
        if after.pop(service, None) and random.random() < 0.5:
            self.send(kind, "DELETE", "/v1/services/" + service, None, after)
            return
        after[service] = self.random_service(service)
        self.send(kind, "PUT", "/v1/services/" + service, after[service], after)

    def edit_document(self, kind, after, *_):
        after = {service: self.random_service(service) if random.random() < 0.5 else after[service] for service in self.pools}
        after.update({service: self.random_service(service) for service in self.other_services if random.random() < 0.5})
        self.send(kind, "PUT", "/v1/config?allowMassDelete=true", {"services": after}, after)

    def edit_document_patch(self, kind, after, service, _):
        body = {service: scheduling()}
        after[service].update(body[service])
        for other in random.sample(self.other_services, 3):
            body[other] = None if after.pop(other, None) else self.random_service(other)
            if body[other]:
                after[other] = body[other]
        self.send(kind, "PATCH", "/v1/config?allowMassDelete=true", {"services": body}, after)

    def compare(self):
        findings = []
        self.client.close()  # it may have been idle for too long
        services = self.client.ask("GET", "/v1/config")[1]["services"]
        for service in services.keys() | self.model.keys():
            got, want = services.get(service), self.model.get(service)
            if not got or not want:
                findings.append(f"{service}: declared {want}, got {got}")
                continue
            for name in got["realServers"].keys() | want["realServers"].keys():
                have, wish = got["realServers"].get(name, {}), want["realServers"].get(name)
                if not wish or any(have.get(member) != wish[member] for member in wish):
                    findings.append(f"{service} {name}: declared {wish}, got {have}")
            if any(got[member] != want[member] for member in ("scheduler", "schedulerFlags", "persistence")):
                findings.append(f"{service}: declared {want}, got {got}"[:600])
        findings += [str(item) for item in self.client.ask("GET", "/v1/diff")[1]["items"]]
        check("in the end all is declared, and in the kernel, as edited", findings)


# The trial --------------------------------------------------------------------------------------------

def during(spans, service, failure):
    return any(name == service and began <= failure[1] and failure[0] <= ended + 0.5 for name, began, ended in spans)


def judge(editor, loops):
    refused, lost, switching, draining = [], [], 0, 0
    for service, (_, failures) in loops.items():
        for failure in failures:
            if "refused" in failure[2] and os.cpu_count() > 1 and during(editor.switches, service, failure):
                switching += 1  # the kernel has no scheduler for the length of a grace period
            elif "timed out" in failure[2] and during(editor.removals, service, failure):
                draining += 1  # its real server was removed
            elif "refused" in failure[2]:
                refused.append(failure[2])
            else:
                lost.append(failure[2])
    check("no short request is refused", refused)
    check("every other one gets all its bytes", lost)
    print(f"  {sum(done for done, _ in loops.values())} short requests, {draining} to a real server that was just removed, "
          f"{switching} refused by the kernel while it changed a scheduler")
    check("there were many", [service for service, (done, _) in loops.items() if done < editor.options.edits / 5])


def main():
    parser = argparse.ArgumentParser()
    for name in ("socket", "vip", "client"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("edits", "seed"):
        parser.add_argument(f"--{name}", type=int, required=True)
    options = parser.parse_args()
    random.seed(options.seed)
    editor = Editor(options)
    editor.send("start", "PUT", "/v1/config", {"services": editor.model}, editor.model)
    addresses = {service: (options.vip, int(service.rsplit(":", 1)[1])) for service in editor.pools}
    streams = [Stream(f"{service}/{i}", address) for service, address in addresses.items() for i in range(STREAMS)]
    downloads = Child(download, streams)
    loops = {service: Child(ask_again, service, address, options.client, 10000 + PORTS * i)
             for i, (service, address) in enumerate(addresses.items())}
    began = time.monotonic()
    for _ in range(options.edits):
        editor.edit()
        time.sleep(PAUSE)
    seconds = time.monotonic() - began
    faults, received = downloads.finish()
    loops = {service: loop.finish() for service, loop in loops.items()}
    check("every edit is accepted, and in the kernel when it is answered", editor.faults)
    check("no open connection is cut, stalls or gets other bytes", faults)
    check("they carried data all the time", [] if received > 1000 * seconds else [f"{received} bytes in {seconds:.0f} s"])
    judge(editor, loops)
    editor.compare()
    print(f"  {options.edits} edits in {seconds:.1f} s: " + ", ".join(f"{n} {kind}" for kind, n in sorted(editor.kinds.items())))
    print(f"  {STREAMS * len(addresses)} open connections got {received} bytes; seed {options.seed}")


sys.exit(main())
