# Asks by ARP who has an address, all the time, and writes down who answers.
#
#   arp-asker.py INTERFACE ADDRESS FILE
#
# FILE appears once it asks, and gets a line for each answer: the MAC address of who has sent it. Its last
# line is "asked N" when SIGTERM ends the program.
import select
import signal
import socket
import struct
import sys

ETH_P_ARP = 0x0806
PAUSE = 0.002


def main():
    interface, address, path = sys.argv[1:4]
    wanted = socket.inet_aton(address)
    s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ARP))
    s.bind((interface, ETH_P_ARP))
    own = s.getsockname()[4][:6]
    # A probe: nobody learns anything from it.
    question = struct.pack("!6s6sHHHBBH6s4s6s4s", b"\xff" * 6, own, ETH_P_ARP, 1, 0x0800, 6, 4, 1, own, bytes(4), bytes(6), wanted)
    stop = []
    signal.signal(signal.SIGTERM, lambda *_: stop.append(1))
    asked = 0
    with open(path, "w", buffering=1, encoding="ascii") as out:
        while not stop:
            s.send(question)
            asked += 1
            while select.select([s], [], [], PAUSE)[0]:
                frame = s.recv(2048)
                if len(frame) >= 42 and frame[20:22] == b"\x00\x02" and frame[28:32] == wanted and frame[6:12] != own:
                    out.write(frame[6:12].hex(":") + "\n")
        out.write(f"asked {asked}\n")


main()
