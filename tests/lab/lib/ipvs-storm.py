# Writes to IPVS as another program would, at a rate that no ipvsadm can keep up.
#
#   ipvs-storm.py weight ADDRESS PORT REAL-SERVER-ADDRESS PER-SECOND SECONDS
#   ipvs-storm.py flush PER-SECOND SECONDS
#
# weight: sets the weight of an IPv4 real server (direct routing, TCP, the service's port) to another value each
# time. flush: clears the table, or is refused. Prints how many requests were answered, how many of them with 0, and
# what they took of the processor, in hundredths of a second.
import os
import socket
import struct
import sys
import time

NETLINK_GENERIC = 16
NLM_F_REQUEST, NLM_F_ACK = 1, 4
GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 16, 3, 1, 2
SET_DEST, FLUSH = 6, 17
TICK = 0.02


def attribute(kind, data):
    return struct.pack("=HH", 4 + len(data), kind) + data + b"\0" * (-len(data) % 4)


def message(family, command, body):
    return struct.pack("=IHHII", 20 + len(body), family, NLM_F_REQUEST | NLM_F_ACK, 1, 0) + \
        struct.pack("=BBH", command, 1, 0) + body


def family_id(sock):
    sock.send(message(GENL_ID_CTRL, CTRL_CMD_GETFAMILY, attribute(CTRL_ATTR_FAMILY_NAME, b"IPVS\0")))
    reply = sock.recv(8192)
    sock.recv(8192)
    at = 20
    while at + 4 <= len(reply):
        length, kind = struct.unpack_from("=HH", reply, at)
        if kind == CTRL_ATTR_FAMILY_ID:
            return struct.unpack_from("=H", reply, at + 4)[0]
        at += (length + 3) & ~3
    sys.exit("no IPVS here")


def address(text):
    return socket.inet_aton(text) + bytes(12)


def weight_request(family, vip, port, server, weight):
    service = attribute(1, struct.pack("=H", socket.AF_INET)) + attribute(2, struct.pack("=H", socket.IPPROTO_TCP)) + \
        attribute(3, address(vip)) + attribute(4, struct.pack("!H", port))
    dest = attribute(1, address(server)) + attribute(2, struct.pack("!H", port)) + \
        attribute(3, struct.pack("=I", 3)) + attribute(4, struct.pack("=I", weight)) + \
        attribute(5, bytes(4)) + attribute(6, bytes(4)) + attribute(11, struct.pack("=H", socket.AF_INET))
    return message(family, SET_DEST, attribute(1, service) + attribute(2, dest))


def main():
    sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
    family = family_id(sock)
    rate, seconds = float(sys.argv[-2]), float(sys.argv[-1])
    answered = accepted = 0
    begin, spent = time.monotonic(), sum(os.times()[:2])
    while (passed := time.monotonic() - begin) < seconds:
        for _ in range(min(int(passed * rate) - answered, 1000)):
            if sys.argv[1] == "flush":
                request = message(family, FLUSH, b"")
            else:
                request = weight_request(family, sys.argv[2], int(sys.argv[3]), sys.argv[4], 100 + answered % 100)
            sock.send(request)
            accepted += struct.unpack_from("=i", sock.recv(8192), 16)[0] == 0
            answered += 1
        time.sleep(TICK)
    print(answered, accepted, round((sum(os.times()[:2]) - spent) * 100))


main()
