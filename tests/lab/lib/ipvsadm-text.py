# Random rule sets through lvsd and the real ipvsadm: what one of them wrote, the other reads and writes again.
#
#   ipvsadm-text.py --socket ADMIN_SOCKET --director NETNS --sets N --seed N
#
# Runs in a network namespace of its own, whose table ipvsadm fills; lvsd is in that of the director. For each set:
# ipvsadm -R takes it, ipvsadm -S gives the lines back (without thresholds, which it leaves out); imported into lvsd,
# both exports give them, and the director's table is the same to ipvsadm; what was exported, ipvsadm -R takes again.
# Prints "ok - …" and "not ok - …" lines.
import argparse
import random
import subprocess
import sys

sys.path.insert(0, __file__.rsplit("/", 1)[0])  # python3 -I leaves it out
from apiclient import Client

SCHEDULERS = ["rr", "wrr", "lc", "wlc", "lblc", "lblcr", "dh", "sh", "sed", "nq", "fo", "ovf", "mh"]


class Text(Client):
    def exchange(self, method, path, text=None):
        headers = {"Content-Type": "text/plain"} if text is not None else {}
        self.request(method, path, text, headers)
        answer = self.getresponse()
        result = answer.status, answer.read().decode()
        self.close()  # an idle connection may be closed by the daemon meanwhile
        return result


def address(rng, v6, net):
    return f"[2001:db8:{net + 1}::{rng.randrange(1, 0xffff):x}]" if v6 else f"198.{18 + net}.{rng.randrange(256)}.{rng.randrange(1, 255)}"


def service(rng):
    """(its options in a line, address and port of a real server without its own, IPv6, UDP or mark, mark)"""
    v6 = rng.random() < 0.4
    kind = rng.choice(["-t", "-t", "-u", "--sctp-service", "-f"])
    if kind == "-f":
        return f"-f {rng.choice([rng.randrange(1, 100), rng.randrange(1, 1 << 31)])}{' -6' if v6 else ''}", 0, v6, True, True
    port = rng.choice([80, 443, rng.randrange(1, 65536), 0])
    return f"{kind} {address(rng, v6, 0)}:{port}", port, v6, kind == "-u", False


def service_line(rng, key, port, v6, udp, mark):
    scheduler = rng.choice(SCHEDULERS)
    line = f"-A {key} -s {scheduler}"
    if rng.random() < 0.4 or (port == 0 and not mark):
        line += f" -p {rng.choice([360, rng.randrange(1, 2678401)])}"
        if rng.random() < 0.5:
            bits = rng.randrange(1, 128 if v6 else 32)
            mask = (1 << 32) - (1 << 32 - bits) if not v6 else 0
            line += f" -M {bits}" if v6 else " -M " + ".".join(str(mask >> n & 255) for n in (24, 16, 8, 0))
        if udp and rng.random() < 0.4:
            line += " --pe sip"
    if udp and rng.random() < 0.3:
        line += " -o"
    names = {"sh": ["sh-fallback", "sh-port"], "mh": ["mh-fallback", "mh-port"]}.get(scheduler, ["flag-1", "flag-2", "flag-3"])
    flags = [name for name in names if rng.random() < 0.25]
    return line + (" -b " + ",".join(flags) if flags else "")


def tunnel(rng):
    kind = rng.choice(["ipip", "gue", "gre"])
    if kind == "ipip":
        return " --tun-type ipip"
    port = f" --tun-port {rng.randrange(1, 65536)}" if kind == "gue" else ""
    return f" --tun-type {kind}{port} --tun-{rng.choice(['nocsum', 'csum'] + (['remcsum'] if kind == 'gue' else []))}"


def dest_lines(rng, key, port, v6, mark):
    seen = set()
    for _ in range(rng.choice([0, 1, 2, 3, 8])):
        forward = rng.choice("gmi")
        other = forward == "i" and rng.random() < 0.2
        host = address(rng, v6 != other, 1)
        if host in seen:
            continue
        seen.add(host)
        own = port if forward != "m" and not mark else rng.choice([port, 8080]) if port or mark else 0
        line = f"-a {key} -r {host}:{own} -{forward} -w {rng.choice([0, 1, 1, 5, rng.randrange(1 << 31)])}"
        line += tunnel(rng) if forward == "i" else ""
        if rng.random() < 0.3:
            upper = rng.randrange(1, 100000)
            line += f" -x {upper}"
            if rng.random() < 0.5:
                line += f" -y {rng.randrange(1, upper + 1)}"
        yield line


def rule_set(rng):
    lines, keys = [], set()
    for _ in range(rng.randrange(1, 9)):
        key, port, v6, udp, mark = service(rng)
        if key in keys:
            continue
        keys.add(key)
        lines.append(service_line(rng, key, port, v6, udp, mark))
        lines += dest_lines(rng, key, port, v6, mark)
    return lines


class Ipvsadm:
    """The program in a network namespace; None: in this one."""

    def __init__(self, netns):
        self.enter = ["busybox", "nsenter", f"--net=/run/netns/{netns}"] if netns else []

    def __call__(self, *arguments, text=None):
        done = subprocess.run([*self.enter, "ipvsadm", *arguments], input=text, capture_output=True, text=True, check=False)
        if done.returncode or done.stderr:
            raise Fault(f"ipvsadm {' '.join(arguments)}: {done.returncode} {done.stderr.strip()}")
        return done.stdout.splitlines()

    def thresholds(self):
        """Of each real server that has some, in the order of the list."""
        words = (line.split() for line in self("-Ln", "--thresholds"))
        return [(w[1], w[2], w[3]) for w in words if w and w[0] == "->" and w[2:4] != ["0", "0"] and w[1] != "RemoteAddress:Port"]


class Fault(Exception):
    pass


def same(what, want, got):
    if sorted(want) != sorted(got):
        raise Fault(f"{what}: missing {sorted(set(want) - set(got))[:3]}, too many {sorted(set(got) - set(want))[:3]}")


def plain(lines):
    """As ipvsadm -S has them."""
    return [line.split(" -x ")[0].split(" -y ")[0] for line in lines]


def refill(ipvsadm, lines):
    ipvsadm("-R", text="\n".join(["-C", *lines]) + "\n")


def check(lines, here, director, api):
    refill(here, lines)
    # A process start is dear under user-mode-linux.
    limits = Ipvsadm.thresholds if any(" -x " in line for line in lines) else lambda ipvsadm: []
    saved, thresholds = here("-Sn"), limits(here)
    same("ipvsadm saves what it read", plain(lines), saved)
    for text in (saved, lines):
        status, answer = api.exchange("POST", "/v1/import/ipvsadm?mode=replace&allowMassDelete=true&wait=60", "\n".join(text))
        if status != 200:
            raise Fault(f"import: {status} {answer}")
        for source in ("desired", "kernel"):
            status, exported = api.exchange("GET", f"/v1/export/ipvsadm?source={source}")
            same(f"export {source} ({status})", text, exported.splitlines())
    same("ipvsadm -S in the director", saved, director("-Sn"))
    same("thresholds in the director", thresholds, limits(director))
    refill(here, exported.splitlines())
    same("ipvsadm -S of what it read from the export", saved, here("-Sn"))
    same("thresholds of what it read from the export", thresholds, limits(here))


def main():
    parser = argparse.ArgumentParser()
    for name in ("socket", "director"):
        parser.add_argument(f"--{name}", required=True)
    for name in ("sets", "seed"):
        parser.add_argument(f"--{name}", type=int, required=True)
    options = parser.parse_args()
    rng, api = random.Random(options.seed), Text(options.socket, 90)
    here, director = Ipvsadm(None), Ipvsadm(options.director)
    faults, lines = [], 0
    for number in range(options.sets):
        if number % 100 == 99:
            print(f"{number + 1} sets", file=sys.stderr, flush=True)
        rules = rule_set(rng)
        lines += len(rules)
        try:
            check(rules, here, director, api)
        except Fault as fault:
            faults.append(f"set {number}: {fault}")
            print(f"seed {options.seed}, {faults[-1]}", *rules, sep="\n")
            if len(faults) == 3:
                break
    print(f"{'not ok' if faults else 'ok'} - {options.sets} rule sets ({lines} lines) go through ipvsadm and lvsd without loss")


main()
