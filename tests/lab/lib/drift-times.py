# Undoes what the daemon has done and measures how long it takes until it is so again. Prints one line a
# trial: milliseconds, or "never" after ten seconds.
#
#   drift-times.py variable VALUE FILE...       writes VALUE to each file below /proc/sys
#   drift-times.py address INTERFACE ADDRESS... deletes each address (/32 or /128)
#   drift-times.py flap INTERFACE ADDRESS       sets the interface down and up; until the address is there and up
import socket
import subprocess
import sys
import time

PATIENCE = 10


def until(check):
    start = time.monotonic()
    while time.monotonic() - start < PATIENCE:
        if check():
            print(f"{(time.monotonic() - start) * 1000:.1f}")
            return
        time.sleep(0.001)
    print("never")


def read(path):
    with open(path, encoding="ascii") as f:
        return f.read().strip()


def write(path, value):
    with open(path, "w", encoding="ascii") as f:
        f.write(value)


def usable(address):
    """Whether a program can bind to the address: it is there."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as s:
        try:
            s.bind((address, 0))
        except OSError:
            return False
    return True


def ip(*arguments):
    subprocess.run(["ip", *arguments], check=True)


def main():
    what, first, *rest = sys.argv[1:]
    if what == "variable":
        for path in rest:
            wanted = read("/proc/sys/" + path)
            write("/proc/sys/" + path, first)
            until(lambda path=path, wanted=wanted: read("/proc/sys/" + path) == wanted)
    elif what == "address":
        for address in rest:
            ip("address", "delete", address + ("/128" if ":" in address else "/32"), "dev", first)
            until(lambda address=address: usable(address))
    elif what == "flap":
        ip("link", "set", first, "down")
        time.sleep(0.2)
        ip("link", "set", first, "up")
        until(lambda: usable(rest[0]))


main()
