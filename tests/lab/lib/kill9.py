# Kills the daemon at random moments of a stream of writes and compares what is left with what was promised.
#
#   kill9.py --count N --seed S --foreign ID --log FILE --directory DIR -- LVSD...
#
# Runs in the director's network namespace. Prints "ok - …" and "not ok - …" lines. Terms: the *model* is
# what the acknowledged writes add up to; *in flight* is the write that a kill cut off, which may or may
# not have happened; a state counts as *old or new* when each of its entries is in either.
import argparse
import copy
import http.client
import ipaddress
import random
import subprocess
import sys
import threading
import time

sys.path.insert(0, __file__.rsplit("/", 1)[0])  # python3 -I leaves it out
from apiclient import Client

SERVICES = ["tcp:192.0.2.10:80", "tcp:192.0.2.10:443", "udp:192.0.2.10:53", "tcp:[2001:db8::10]:80"]
SCHEDULERS = ["rr", "wrr", "wlc", "sh"]
FORWARD = {"Route": "dr", "Masq": "nat", "Tunnel": "tun", "Local": "local"}
PATIENCE = 10  # seconds for a start and for the kernel to converge
LONGEST = 560  # seconds for everything
SHOWN = 3  # failures of one kind that are printed in full


def real_servers(service):
    port = service.rsplit(":", 1)[1]
    host = "[2001:db8::1%d]:%s" if "[" in service else "192.0.2.1%d:%s"
    return [host % (i, port) for i in range(1, 6)]


def random_service(service):
    chosen = random.sample(real_servers(service), random.randint(0, 5))
    return {"scheduler": random.choice(SCHEDULERS), "realServers": {rs: random.randint(0, 5) for rs in chosen}}


def document(entry):
    return {"scheduler": entry["scheduler"], "realServers": {rs: {"weight": w} for rs, w in entry["realServers"].items()}}


def random_write(model):
    """(method, path, body, the model after it)"""
    after = copy.deepcopy(model)
    service = random.choice(SERVICES)
    path = "/v1/services/" + service
    kind = random.choice(["put", "put", "weight", "weight", "patch", "delete", "config"])
    known = after.get(service)
    if kind == "weight" and known and known["realServers"]:
        rs = random.choice(sorted(known["realServers"]))
        known["realServers"][rs] = random.randint(0, 9)
        return "PUT", f"{path}/real-servers/{rs}/weight", {"weight": known["realServers"][rs]}, after
    if kind == "patch" and known:
        rs = random.choice(real_servers(service))
        if known["realServers"].pop(rs, None) is not None:
            return "PATCH", path, {"realServers": {rs: None}}, after
        known["realServers"][rs] = 7
        return "PATCH", path, {"realServers": {rs: {"weight": 7}}}, after
    if kind == "delete" and known:
        del after[service]
        return "DELETE", path, None, after
    if kind == "config":
        after = {s: random_service(s) for s in SERVICES if random.random() < 0.7}
        return "PUT", "/v1/config?allowMassDelete=true", {"services": {s: document(e) for s, e in after.items()}}, after
    after[service] = random_service(service)
    return "PUT", path, document(after[service]), after


def model_of(config):
    return {s: {"scheduler": e["scheduler"], "realServers": {rs: d["weight"] for rs, d in e["realServers"].items()}}
            for s, e in config["services"].items()}


def endpoint(text):
    """C000020A:0050 or [2001:0db8:…]:0050 of /proc/net/ip_vs as the API spells it."""
    address, port = text.rsplit(":", 1)
    if address.startswith("["):
        return "[%s]:%d" % (ipaddress.ip_address(address[1:-1]), int(port, 16))
    return "%s:%d" % (ipaddress.ip_address(int(address, 16)), int(port, 16))


def kernel(foreign):
    """The kernel's table in the shape of a model, without the foreign service."""
    found, service = {}, None
    with open("/proc/net/ip_vs", encoding="ascii") as lines:
        for words in (line.split() for line in lines):
            if words[0] in ("TCP", "UDP"):
                service = words[0].lower() + ":" + endpoint(words[1])
                found[service] = {"scheduler": words[2], "realServers": {}}
            elif words[0] == "->" and words[1] != "RemoteAddress:Port":
                if FORWARD.get(words[2]) != "dr":
                    words[3] = f"{words[2]}/{words[3]}"
                weight = int(words[3]) if words[3].isdigit() else words[3]
                found[service]["realServers"][endpoint(words[1])] = weight
    found.pop(foreign, None)
    return found


def entries(model):
    for service, entry in model.items():
        yield (service,)
        yield from ((service, rs, weight) for rs, weight in entry["realServers"].items())


def strangers(table, *models):
    return set(entries(table)) - {entry for model in models for entry in entries(model)}


class Trial:
    def __init__(self, options):
        self.options = options
        self.socket = options.directory + "/run/admin.sock"
        self.model = {}
        self.pending = []  # models that the kernel may still show: acknowledged with 202, or in flight
        self.failures = {}
        self.log = open(options.log, "ab")
        self.acknowledged = self.cut_off = self.kills = 0
        self.process = None
        self.start_took = 0.3
        self.window = 0.15  # seconds of writes before a kill; follows the daemon's speed

    def fail(self, what, detail):
        self.failures.setdefault(what, []).append(f"kill {self.kills}: {detail}")

    def start(self):
        self.process = subprocess.Popen(
            [*self.options.lvsd, "--state", self.options.directory + "/state",
             "--runtime-dir", self.options.directory + "/run"], stdout=self.log, stderr=self.log)

    def kill_after(self, seconds):
        timer = threading.Timer(seconds, self.process.kill)
        timer.start()
        return timer

    def ready(self):
        """A client once the daemon answers; None when it is gone."""
        began = time.monotonic()
        while time.monotonic() < began + PATIENCE:
            client = Client(self.socket, PATIENCE)
            try:
                if client.ask("GET", "/v1")[0] == 200:
                    self.start_took = time.monotonic() - began
                    return client
            except (OSError, http.client.HTTPException):
                if self.process.poll() is not None:
                    return None
            client.close()
            time.sleep(0.01)
        self.fail("the daemon starts again", f"no answer within {PATIENCE} s")
        return None

    def converge(self):
        """Waits until the kernel equals the model; whatever it shows until then must be old or new."""
        end = time.monotonic() + PATIENCE
        while (table := kernel(self.options.foreign)) != self.model:
            self.look(table, "while it converges")
            if time.monotonic() > end:
                self.fail("the kernel converges", f"wanted {self.model}, found {table}")
                break
            time.sleep(0.02)
        self.pending = []

    def look(self, table, when):
        unknown = strangers(table, self.model, *self.pending)
        if unknown:
            self.fail("no entry outside old and new", f"{when}: {sorted(map(str, unknown))}")

    def compare(self, client):
        """After a start: what was acknowledged is there, the kernel follows, nothing is left to do."""
        status, config = client.ask("GET", "/v1/config")
        if status != 200:
            self.fail("the daemon starts again", f"GET /v1/config: {status}")
            return
        stored = model_of(config)
        if stored != self.model:
            if self.pending and stored == self.pending[-1]:
                self.pending.append(self.model)
                self.model = stored
            else:
                self.fail("every acknowledged write survives", f"wanted {self.model}, found {stored}")
                self.pending.append(self.model)
                self.model = stored
        self.converge()
        status, diff = client.ask("GET", "/v1/diff")
        if status != 200 or diff["items"]:
            self.fail("a second pass plans nothing", f"{status} {diff}")

    def stream(self, client):
        """Writes until the daemon dies."""
        while True:
            method, path, body, after = random_write(self.model)
            self.pending.append(after)
            try:
                status, answer = client.ask(method, path, body)
            except (OSError, http.client.HTTPException):
                self.cut_off += 1
                return
            if status not in (200, 201, 202, 204):
                self.pending.pop()
                self.fail("valid writes are accepted", f"{method} {path} {body}: {status} {answer}")
                continue
            self.acknowledged += 1
            self.pending.append(self.model)
            self.model = after
            if status != 202:
                self.pending = []
                table = kernel(self.options.foreign)
                if table != after:
                    self.fail("an answer other than 202 means that the kernel holds it",
                              f"{method} {path} {body}: {status}, kernel {table}")

    def once(self):
        self.start()
        early = random.random() < 0.2
        if early:
            timer = self.kill_after(random.uniform(0, self.start_took * 1.2))
        client = self.ready()
        if client and not early:
            self.compare(client)
            timer = self.kill_after(random.uniform(0, max(self.window, self.start_took / 2)))
        elif not early:
            self.process.kill()
        if client:
            if not early:
                before = self.acknowledged
                self.stream(client)
                if self.acknowledged - before < 2:
                    self.window = min(self.window * 1.5, 3)
                elif self.acknowledged - before > 20:
                    self.window /= 1.5
            client.close()
        if early:
            timer.join()
        status = self.process.wait()
        if status != -9:
            self.fail("the daemon never ends by itself", f"exit status {status}")
        self.kills += 1
        self.look(kernel(self.options.foreign), "after the kill")

    def run(self):
        end = time.monotonic() + LONGEST
        while self.kills < self.options.count and time.monotonic() < end:
            self.once()
        self.start()
        client = self.ready()
        if client:
            self.compare(client)
        self.process.terminate()
        if self.process.wait(PATIENCE) != 0:
            self.fail("the daemon never ends by itself", "SIGTERM: not status 0")

    def report(self):
        if self.kills < self.options.count:
            self.fail("all kills were done in time", f"{self.kills} of {self.options.count}")
        if self.acknowledged < self.options.count / 2:
            self.fail("the stream of writes flows", f"only {self.acknowledged} acknowledged")
        for what in ("every acknowledged write survives", "the kernel converges", "a second pass plans nothing",
                     "no entry outside old and new", "an answer other than 202 means that the kernel holds it",
                     "the daemon starts again", "the daemon never ends by itself", "valid writes are accepted",
                     "the stream of writes flows", "all kills were done in time"):
            failures = self.failures.get(what, [])
            print(f"not ok - {what} ({len(failures)} times)" if failures else f"ok - {what}")
            for detail in failures[:SHOWN]:
                print(f"  {detail}")
        print(f"  {self.kills} kills, {self.acknowledged} writes acknowledged, {self.cut_off} cut off, "
              f"seed {self.options.seed}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--foreign", required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--directory", required=True)
    parser.add_argument("lvsd", nargs="+")
    options = parser.parse_args()
    random.seed(options.seed)
    trial = Trial(options)
    trial.run()
    trial.report()


sys.exit(main())
