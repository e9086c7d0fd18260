# Plays lines of arguments by the real ipvsadm in this network namespace and by lvsd's front end beside the daemon in
# the director's: output, exit status, the first line of stderr and the kernel's table have to be the same.
#
#   ipvsadm-front.py --director NETNS --front PROGRAM --lines FILE --random N --seed N
#
# PROGRAM is called as ipvsadm (a link to lvsctl). Behind the lines of FILE come N random ones. Prints "ok - …" for each
# part of the file, "not ok - …" for each line that differs.
import argparse
import ctypes
import os
import random
import re
import subprocess
import sys

sys.path.insert(0, __file__.rsplit("/", 1)[0])  # python3 -I leaves it out
import ipvsnl

LIBC = ctypes.CDLL(None, use_errno=True)
PERSISTENT = 1
# Numbers of services and real servers that count: no counters, and no connections.
SERVICE_ATTRIBUTES, DEST_ATTRIBUTES = (1, 2, 3, 4, 5, 6, 7, 8, 9, 11), (1, 2, 3, 4, 5, 6, 11, 13, 14, 15)


def netlink_of(netns):
    """A socket in that namespace, where it stays; this process comes back."""
    here = os.open("/proc/self/ns/net", os.O_RDONLY)
    there = os.open(f"/run/netns/{netns}", os.O_RDONLY)
    LIBC.setns(there, 0)
    kernel = ipvsnl.Ipvs()
    LIBC.setns(here, 0)
    os.close(here)
    os.close(there)
    return kernel


def pick(found, wanted):
    return {number: found[number] for number in wanted if number in found}


def table(kernel):
    """All that was set of all services, comparable."""
    services = []
    for answer in kernel.dump(ipvsnl.GET_SERVICE):
        service = pick(ipvsnl.attributes(ipvsnl.attributes(answer)[1]), SERVICE_ATTRIBUTES)
        name = b"".join(ipvsnl.attribute(n, service[n]) for n in (1, 2, 3, 4, 5) if n in service)
        dests = kernel.dump(ipvsnl.GET_DEST, ipvsnl.attribute(1, name))
        dests = [pick(ipvsnl.attributes(ipvsnl.attributes(d)[2]), DEST_ATTRIBUTES) for d in dests]
        if not service[7][0] & PERSISTENT:
            service.pop(9, None)  # the mask means nothing
        services.append(repr((sorted(service.items()), sorted(map(repr, map(sorted, (d.items() for d in dests)))))))
    return sorted(services)


class Side:
    def __init__(self, argv, kernel):
        self.argv, self.kernel, self.saved = argv, kernel, ""

    def run(self, arguments, text):
        if text == "SAVED\n":
            text = self.saved
        done = subprocess.run(["ipvsadm", *arguments], executable=self.argv, input=text or "", capture_output=True, text=True, check=False, timeout=60)
        if arguments[0].startswith("-S"):
            self.saved = done.stdout
        first = [line for line in done.stderr.splitlines() if line][:1]
        return {"status": done.returncode, "stdout": done.stdout, "stderr": first}


def random_lines(rng, count):
    """Adds, edits and deletions that meet one another, and what fails of them."""
    vips = [f"-t 192.0.2.{n}:80" for n in (1, 2)] + ["-u 192.0.2.3:53", "-f 5", "-f 5 -6", "-t [2001:db8::1]:80"]
    for _ in range(count):
        vip = rng.choice(vips)
        v6 = "-6" in vip or "[" in vip
        server = f"[2001:db8::{rng.randrange(1, 4)}]:80" if v6 else f"10.{rng.choice((0, 200))}.0.{rng.randrange(1, 4)}"
        forward = rng.choice(["", "-g", "-m", "-i"])
        persistence = rng.choice(["", "", " -p", " -p 77", " -p 60 -M " + ("64" if v6 else "255.255.255.0")])
        scheduler = rng.choice(["", " -s rr", " -s wlc", " -s mh -b mh-port", " -s sh -b sh-fallback"])
        extra = rng.choice(["", " -w 0", f" -w {rng.randrange(1000)}", " -x 9 -y 4"])
        yield rng.choice([
            f"-A {vip}{scheduler}{persistence}", f"-A {vip}{scheduler}{persistence}", f"-E {vip}{scheduler}{persistence}",
            f"-a {vip} -r {server} {forward}{extra}", f"-a {vip} -r {server} {forward}{extra}", f"-a {vip} -r {server} {forward}{extra}",
            f"-e {vip} -r {server} {forward}{extra}", f"-d {vip} -r {server}", f"-D {vip}", f"-Ln {vip}", "-Ln", "-Sn", "-Ln --thresholds"])


def parts(path):
    """(name, lines) between the comments of the file."""
    name, lines = "the beginning", []
    with open(path, encoding="utf-8") as file:
        for line in file.read().splitlines():
            if not line.startswith("#"):
                lines.append(line)
                continue
            if lines:
                yield name, lines
            name, lines = line.lstrip("# "), []
    yield name, lines


def counters_aside(text):
    """Rates and counters are those of other networks."""
    return re.sub(r"( +\d+)+ *$", "", text, flags=re.M)


def differences(line, real, front):
    command, _, stdin = line.partition(" <")
    arguments = command.split()
    text = "".join(part.strip() + "\n" for part in stdin.split(" ; ")) if stdin else ""
    want, got = real.run(arguments, text), front.run(arguments, text)
    if "--stats" in command or "--rate" in command:
        want["stdout"], got["stdout"] = counters_aside(want["stdout"]), counters_aside(got["stdout"])
    for what, value in want.items():
        if got[what] != value:
            yield f"{what}: {value!r}, the front end's {got[what]!r}"
    if not arguments[0].startswith(("-L", "-l", "-S")):
        here, there = table(real.kernel), table(front.kernel)
        if here != there:
            yield f"only the real one has {sorted(set(here) - set(there))}, only the front end {sorted(set(there) - set(here))}"


def main():
    parser = argparse.ArgumentParser()
    for name in ("director", "front", "lines"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--random", type=int, required=True)
    parser.add_argument("--seed", type=int, required=True)
    options = parser.parse_args()
    here = ipvsnl.Ipvs()
    real, front = Side("/sbin/ipvsadm", here), Side(options.front, netlink_of(options.director))
    count = bad = 0
    chance = ("chance", ["-C", *random_lines(random.Random(options.seed), options.random)])
    for name, lines in [*parts(options.lines), chance]:
        before = bad
        for line in lines:
            count += 1
            print(line, file=sys.stderr, flush=True)  # where it was, when it hangs
            found = list(differences(line, real, front))
            bad += bool(found)
            for difference in found:
                print(f"ipvsadm {line}: {difference}", flush=True)
            if found:
                print(f"not ok - ipvsadm {line}")
        if bad == before:
            print(f"ok - {name}: {len(lines)} lines do the same")
    print(f"{count} lines")


main()
