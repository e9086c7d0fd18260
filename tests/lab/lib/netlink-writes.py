# Writes one line per IPVS write command that crosses netlink, as seen by an nlmon device, and one per
# read command to another file.
#
#   netlink-writes.py INTERFACE FILE
#
# Line: COMMAND PORT_ID SECONDS, by the kernel's clock at the time of sending. FILE and FILE.reads appear
# once the tap is open. Replies are left out. The legacy sockopt path is not netlink and not seen.
import socket
import struct
import sys

WRITES = {1: "NEW_SERVICE", 2: "SET_SERVICE", 3: "DEL_SERVICE", 5: "NEW_DEST", 6: "SET_DEST", 7: "DEL_DEST",
          9: "NEW_DAEMON", 10: "DEL_DAEMON", 12: "SET_CONFIG", 16: "ZERO", 17: "FLUSH"}
READS = {4: "GET_SERVICE", 8: "GET_DEST"}
COMMANDS = WRITES | READS
ETH_P_ALL = 0x0003
NETLINK_GENERIC = 16
SO_RCVBUFFORCE = 33
SO_TIMESTAMPNS = 35
NLM_F_REQUEST = 1
GENL_ID_CTRL = 16
CTRL_CMD_GETFAMILY = 3
CTRL_ATTR_FAMILY_ID = 1
CTRL_ATTR_FAMILY_NAME = 2


def align4(n):
    return (n + 3) & ~3


def ipvs_family():
    """The generic netlink family id of IPVS; asking loads the module."""
    name = b"IPVS\0"
    attr = struct.pack("=HH", 4 + len(name), CTRL_ATTR_FAMILY_NAME) + name.ljust(align4(len(name)), b"\0")
    body = struct.pack("=BBH", CTRL_CMD_GETFAMILY, 1, 0) + attr
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC) as sock:
        sock.send(struct.pack("=IHHII", 16 + len(body), GENL_ID_CTRL, NLM_F_REQUEST, 1, 0) + body)
        reply = sock.recv(8192)
    if struct.unpack_from("=H", reply, 4)[0] != GENL_ID_CTRL:
        sys.exit("the kernel knows no IPVS")
    offset = 20
    while offset + 4 <= len(reply):
        length, kind = struct.unpack_from("=HH", reply, offset)
        if kind == CTRL_ATTR_FAMILY_ID:
            return struct.unpack_from("=H", reply, offset + 4)[0]
        offset += align4(length)
    sys.exit("no family id in the answer")


def commands(packet, family):
    """The commands among the concatenated messages of one packet."""
    offset = 0
    while offset + 20 <= len(packet):
        length, kind, flags, _, port = struct.unpack_from("=IHHII", packet, offset)
        if length < 16:
            return
        command = packet[offset + 16]
        if kind == family and flags & NLM_F_REQUEST and command in COMMANDS:
            yield COMMANDS[command], port
        offset += align4(length)


def main():
    interface, path = sys.argv[1:]
    family = ipvs_family()
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(ETH_P_ALL))
    # All netlink traffic comes in, and a piece of a dump takes 32 KiB of the buffer.
    tap.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 24)
    tap.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
    tap.bind((interface, ETH_P_ALL))
    with (open(path + ".reads", "w", encoding="ascii", buffering=1) as reads,
          open(path, "w", encoding="ascii", buffering=1) as out):
        while True:
            packet, control, _, _ = tap.recvmsg(1 << 20, 256)
            seconds, nanoseconds = struct.unpack_from("=qq", control[0][2])
            for command, port in commands(packet, family):
                file = reads if command in READS.values() else out
                file.write(f"{command} {port} {seconds}.{nanoseconds:09}\n")


main()
