# Plays the table of docs/IPVSADM.md: the command by the real ipvsadm in this network namespace, the call by lvsd in the
# director's, and after each row both tables have to be the same.
#
#   ipvsadm-rows.py --socket ADMIN_SOCKET --director NETNS --document FILE
#
# A row is "| `ipvsadm's arguments` | `METHOD PATH` `body` | remark |" under the heading "Option by option"; a body that is
# no JSON object is a text, and goes to ipvsadm too. Prints "ok - …" and "not ok - …" lines.
import argparse
import re
import subprocess
import sys

sys.path.insert(0, __file__.rsplit("/", 1)[0])  # python3 -I leaves it out
from apiclient import Client

ROW = re.compile(r"^\| `([^`]+)` \| `([A-Z]+) ([^`]+)`(?: `([^`]+)`)? \|.*\|$")


def rows(path):
    """(arguments, method, path, body or None) of each row."""
    with open(path, encoding="utf-8") as file:
        part = file.read().split("\n## Option by option\n")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")][2:]
    for line in lines:
        match = ROW.match(line)
        if not match:
            sys.exit(f"no row: {line}")
        yield match.groups()


class Ipvsadm:
    """The program in a network namespace; None: in this one."""

    def __init__(self, netns):
        self.enter = ["busybox", "nsenter", f"--net=/run/netns/{netns}"] if netns else []

    def __call__(self, arguments, text=None):
        done = subprocess.run([*self.enter, "ipvsadm", *arguments.split()], input=text, capture_output=True, text=True, check=False)
        if done.returncode or done.stderr:
            raise Fault(f"ipvsadm {arguments}: {done.returncode} {done.stderr.strip()}")
        return done.stdout

    def table(self, parts):
        """Lines of the table. A process start is dear here, so only the parts that matter beside the rules."""
        lines = self("-Sn").splitlines()
        if "thresholds" in parts:
            words = [line.split() for line in self("-Ln --thresholds").splitlines()]
            lines += [" ".join(w[1:4]) for w in words if w and w[0] == "->" and w[2:4] != ["0", "0"]]
        if "timeouts" in parts:
            lines.append(self("-L --timeout").strip())
        return sorted(lines)


class Fault(Exception):
    pass


def call(api, method, path, body):
    kind = "application/json" if body and body.startswith("{") else "text/plain"
    api.request(method, path, body, {"Content-Type": kind} if body else {})
    answer = api.getresponse()
    text = answer.read().decode()
    api.close()  # an idle connection may be closed by the daemon meanwhile
    if answer.status not in (200, 201, 204):
        raise Fault(f"{method} {path}: {answer.status} {text}")
    return answer.getheader("Content-Type") or "", text


def play(row, here, director, api):
    arguments, method, path, body = row
    if body and not body.startswith("{"):
        body = body.replace("; ", "\n") + "\n"
    shown = here(arguments, body if arguments == "-R" else None)
    kind, answer = call(api, method, path, body)
    if kind.startswith("text/plain") and sorted(answer.splitlines()) != sorted(shown.splitlines()):
        raise Fault(f"ipvsadm prints {shown!r}, lvsd {answer!r}")
    if method == "GET":
        return  # it says what is there; at the end all is compared
    parts = {"--set": ["timeouts"], "-e": ["thresholds"]}
    compare(here, director, parts.get(arguments.split()[0], []))


def compare(here, director, parts):
    want, got = here.table(parts), director.table(parts)
    if want != got:
        raise Fault(f"only ipvsadm has {sorted(set(want) - set(got))}, only lvsd {sorted(set(got) - set(want))}")


def main():
    parser = argparse.ArgumentParser()
    for name in ("socket", "director", "document"):
        parser.add_argument(f"--{name}", required=True)
    options = parser.parse_args()
    api, here, director = Client(options.socket, 60), Ipvsadm(None), Ipvsadm(options.director)
    for row in rows(options.document):
        try:
            play(row, here, director, api)
            print(f"ok - {row[0]} is {row[1]} {row[2]}")
        except Fault as fault:
            print(fault)
            print(f"not ok - {row[0]} is {row[1]} {row[2]}")
    try:
        compare(here, director, ["thresholds", "timeouts"])
        print("ok - at the end all is the same")
    except Fault as fault:
        print(fault)
        print("not ok - at the end all is the same")


main()
