# A download by streamserver.py that is checked byte by byte: asks for an endless stream and writes a line for what has
# come, "ok BYTES", every quarter of a second; "wrong BYTES" and "ended BYTES" are the end.
#
#   slow-download.py ADDRESS PORT SEED OUT
import os
import socket
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from streamserver import part, pattern  # noqa: E402


def main():
    address, port, seed, path = sys.argv[1:]
    block = pattern(seed)
    came, told = 0, 0.0
    with open(path, "w", buffering=1, encoding="ascii") as out:
        with socket.create_connection((address, int(port)), timeout=10) as sock:
            sock.settimeout(60)
            sock.sendall(f"stream {seed}\n".encode())
            while True:
                try:
                    data = sock.recv(16384)
                except OSError as error:
                    out.write(f"ended {came} {error}\n")
                    return
                if not data:
                    out.write(f"ended {came}\n")
                    return
                if data != part(block, came, len(data)):
                    out.write(f"wrong {came}\n")
                    return
                came += len(data)
                if time.monotonic() - told > 0.25:
                    told = time.monotonic()
                    out.write(f"ok {came}\n")


if __name__ == "__main__":
    main()
