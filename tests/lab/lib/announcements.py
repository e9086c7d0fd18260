# Writes one line for each announcement that arrives: gratuitous ARP, or an unsolicited Neighbour
# Advertisement to a group. Every field of the frame is in the line, read without the daemon's code.
#
#   announcements.py INTERFACE FILE
#
# FILE appears once the socket is open, and may be emptied meanwhile. What this host sends itself is left out.
import socket
import struct
import sys

ETH_P_ALL = 0x0003
ETH_P_ARP = 0x0806
ETH_P_IPV6 = 0x86DD
SOL_PACKET = 263
PACKET_AUXDATA = 8
TP_STATUS_VLAN_VALID = 1 << 4
NEIGHBOUR_ADVERTISEMENT = 136


def mac(raw):
    return raw.hex(":")


def vlan_of(ancillary):
    """The tag, which the kernel takes off the frame and hands over beside it."""
    for level, kind, data in ancillary:
        if (level, kind) == (SOL_PACKET, PACKET_AUXDATA):
            status, _, _, _, _, tag, _ = struct.unpack_from("=IIIHHHH", data)
            if status & TP_STATUS_VLAN_VALID:
                return str(tag & 0xFFF)
    return "none"


def checksum_of(message, source, destination):
    """Valid when the sum of pseudo header and message is all ones (RFC 8200, 8.1)."""
    data = source + destination + struct.pack("!IHBB", len(message), 0, 0, 58) + message
    total = sum(struct.unpack(f"!{len(data) // 2}H", data[: len(data) // 2 * 2]))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return "valid" if total == 0xFFFF else "wrong"


def arp(body):
    hardware, protocol, hardware_length, protocol_length, operation = struct.unpack_from("!HHBBH", body)
    if (hardware_length, protocol_length) != (6, 4):
        return None
    sender, target = body[14:18], body[24:28]
    if sender != target:
        return None
    return (f"arp hardware={hardware} protocol={protocol:04x} lengths={hardware_length},{protocol_length} "
            f"operation={operation} sender={mac(body[8:14])},{socket.inet_ntoa(sender)} "
            f"target={mac(body[18:24])},{socket.inet_ntoa(target)} rest={body[28:].strip(bytes(1)).hex() or 'none'}")


def advertisement(body):
    first, length, following, hops = struct.unpack_from("!IHBB", body)
    source, destination, message = body[8:24], body[24:40], body[40:40 + length]
    if following != 58 or len(message) < 24 or message[0] != NEIGHBOUR_ADVERTISEMENT or destination[0] != 0xFF:
        return None
    flags = "".join(name for bit, name in ((0x80, "R"), (0x40, "S"), (0x20, "O")) if message[4] & bit)
    reserved = (int.from_bytes(message[4:8], "big") & 0x1FFFFFFF)
    return (f"na ip={first:08x} length={length} hops={hops} from={socket.inet_ntop(socket.AF_INET6, source)} "
            f"to={socket.inet_ntop(socket.AF_INET6, destination)} code={message[1]} "
            f"checksum={checksum_of(message, source, destination)} flags={flags} reserved={reserved} "
            f"target={socket.inet_ntop(socket.AF_INET6, message[8:24])} "
            f"option={message[24]},{message[25]},{mac(message[26:])}")


def main():
    interface, path = sys.argv[1:]
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    tap.setsockopt(SOL_PACKET, PACKET_AUXDATA, 1)
    tap.bind((interface, ETH_P_ALL))
    with open(path, "a", encoding="ascii", buffering=1) as out:
        while True:
            frame, ancillary, _, address = tap.recvmsg(65536, 256)
            if address[2] == socket.PACKET_OUTGOING:
                continue
            kind = struct.unpack_from("!H", frame, 12)[0]
            what = None
            if kind == ETH_P_ARP and len(frame) >= 42:
                what = arp(frame[14:])
            elif kind == ETH_P_IPV6 and len(frame) >= 54:
                what = advertisement(frame[14:])
            if what:
                out.write(f"vlan={vlan_of(ancillary)} {mac(frame[6:12])}>{mac(frame[:6])} {what}\n")


main()
