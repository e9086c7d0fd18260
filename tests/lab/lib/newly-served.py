# Connects to a service again and again, and writes down when a client is served and what it hears of the
# service's address meanwhile.
#
#   newly-served.py INTERFACE ADDRESS PORT FILE
#
# A line for each event, with milliseconds since the epoch:
#   asked TIME               this host asks all others who has the address
#   told TIME MAC OPERATION  a gratuitous ARP for the address has come: 1 request, 2 reply
#   served TIME              a new connection got an answer
# FILE appears once it listens.
import socket
import struct
import sys
import threading
import time

ETH_P_ALL = 0x0003
ARP = b"\x08\x06"
PATIENCE = 0.2  # of a connection, in seconds
PAUSE = 0.01


def now():
    return int(time.time() * 1000)


def heard(frame, sent_here, wanted):
    """What a frame says of the address, or None."""
    if len(frame) < 42 or frame[12:14] != ARP:
        return None
    operation = struct.unpack_from("!H", frame, 20)[0]
    mac, sender, target = frame[22:28], frame[28:32], frame[38:42]
    if sent_here:
        asks = operation == 1 and target == wanted and sender != wanted and frame[:6] == b"\xff" * 6
        return f"asked {now()}" if asks else None
    return f"told {now()} {mac.hex(':')} {operation}" if sender == target == wanted else None


def listen(tap, wanted, out):
    while True:
        frame, address = tap.recvfrom(2048)
        what = heard(frame, address[2] == socket.PACKET_OUTGOING, wanted)
        if what:
            out.write(what + "\n")


def connect(address, port):
    with socket.create_connection((address, port), timeout=PATIENCE) as s:
        s.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return s.recv(4096).startswith(b"HTTP/")


def main():
    interface, address, port, path = sys.argv[1:]
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    tap.bind((interface, ETH_P_ALL))
    with open(path, "a", encoding="ascii", buffering=1) as out:
        threading.Thread(target=listen, args=(tap, socket.inet_aton(address), out), daemon=True).start()
        while True:
            try:
                if connect(address, int(port)):
                    out.write(f"served {now()}\n")
            except OSError:
                pass
            time.sleep(PAUSE)


main()
