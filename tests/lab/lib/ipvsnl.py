# IPVS by raw netlink, for helper programs that write and read faster than ipvsadm can be started. Not lvsd's
# code, so that a fault of that is not believed by its test.
#
# A service is named by (family, protocol, address, port), or (family, "fwm", mark); a real server by
# (address, port). Addresses are text.
import errno
import socket
import struct

NEW_SERVICE, SET_SERVICE, DEL_SERVICE, GET_SERVICE, NEW_DEST, SET_DEST, DEL_DEST, GET_DEST = range(1, 9)
NAT, TUNNEL, ROUTE = 0, 2, 3
NETLINK_GENERIC = 16
GENL_ID_CTRL, CTRL_CMD_GETFAMILY, CTRL_ATTR_FAMILY_ID, CTRL_ATTR_FAMILY_NAME = 16, 3, 1, 2
NLM_F_REQUEST, NLM_F_ACK, NLM_F_DUMP = 1, 4, 0x300
NLMSG_ERROR, NLMSG_DONE = 2, 3
PIECE = 32768  # the largest part of a list that the kernel makes
V4, V6 = socket.AF_INET, socket.AF_INET6


def family_of(address):
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def attribute(kind, data):
    return struct.pack("=HH", 4 + len(data), kind) + data + bytes(-len(data) % 4)


def attributes(data):
    """{kind: payload} of the attributes in a row."""
    found, offset = {}, 0
    while offset + 4 <= len(data):
        length, kind = struct.unpack_from("=HH", data, offset)
        found[kind & 0x3FFF] = data[offset + 4:offset + length]
        offset += (length + 3) & ~3
    return found


def service(key, scheduler=None):
    """The attribute that names a service; with a scheduler the whole of it."""
    body = attribute(1, struct.pack("=H", key[0]))
    if key[1] == "fwm":
        body += attribute(5, struct.pack("=I", key[2]))
    else:
        body += attribute(2, struct.pack("=H", key[1])) + attribute(4, struct.pack("!H", key[3]))
        body += attribute(3, socket.inet_pton(key[0], key[2]))
    if scheduler:
        v6 = key[0] == socket.AF_INET6
        body += attribute(6, scheduler.encode() + b"\0") + attribute(7, struct.pack("=II", 0, 0xFFFFFFFF))
        body += attribute(8, struct.pack("=I", 0)) + attribute(9, struct.pack("=I", 128 if v6 else 0xFFFFFFFF))
    return attribute(1, body)


def dest(key, weight=None, forward=ROUTE):
    """The attribute that names a real server; with a weight the whole of it."""
    family = family_of(key[0])
    body = attribute(1, socket.inet_pton(family, key[0])) + attribute(2, struct.pack("!H", key[1]))
    body += attribute(11, struct.pack("=H", family))
    if weight is not None:
        for kind, value in ((3, forward), (4, weight), (5, 0), (6, 0)):
            body += attribute(kind, struct.pack("=I", value))
    return attribute(2, body)


class Ipvs:
    def __init__(self):
        self.socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.bind((0, 0))
        self.seq = 0
        self.family = GENL_ID_CTRL
        name = attribute(CTRL_ATTR_FAMILY_NAME, b"IPVS\0")
        answer = self.transact([(CTRL_CMD_GETFAMILY, name)])[1][0]
        self.family = struct.unpack("=H", attributes(answer)[CTRL_ATTR_FAMILY_ID])[0]

    def message(self, command, body, flags):
        self.seq += 1
        return struct.pack("=IHHIIBBH", 20 + len(body), self.family, NLM_F_REQUEST | flags, self.seq, 0, command, 1, 0) + body

    def receive(self):
        """The messages of one read: (type, sequence number, what follows the netlink header)."""
        data, offset = self.socket.recv(PIECE), 0
        while offset + 16 <= len(data):
            length, kind, _, seq = struct.unpack_from("=IHHI", data, offset)
            yield kind, seq, data[offset + 16:offset + length]
            offset += (length + 3) & ~3

    def transact(self, requests):
        """Sends (command, body) together: ([errno of each, 0 for none], [the bodies of answers])."""
        self.socket.send(b"".join(self.message(command, body, NLM_F_ACK) for command, body in requests))
        first = self.seq - len(requests) + 1
        results, answers = [None] * len(requests), []
        while None in results:
            for kind, seq, data in self.receive():
                if kind == NLMSG_ERROR and seq >= first:
                    results[seq - first] = -struct.unpack_from("=i", data)[0]
                elif seq >= first:
                    answers.append(data[4:])
        return results, answers

    def dump(self, command, body=b""):
        """The bodies of all answers. All is read before anything is looked at."""
        self.socket.send(self.message(command, body, NLM_F_DUMP))
        answers = []
        while True:
            for kind, seq, data in self.receive():
                if seq == self.seq and kind == NLMSG_ERROR:
                    raise OSError(-struct.unpack_from("=i", data)[0], "dump")
                if seq == self.seq and kind == NLMSG_DONE:
                    return answers
                answers.append(data[4:])

    def services(self):
        """{key: scheduler} of what the kernel lists; not a snapshot."""
        return dict(service_of(answer) for answer in self.dump(GET_SERVICE))

    def scheduler(self, key):
        """Of this service; None: the kernel does not have it. Exact."""
        results, answers = self.transact([(GET_SERVICE, service(key))])
        if results[0] == errno.ESRCH:
            return None
        return service_of(answers[0])[1]

    def dests(self, key):
        """{real server: (weight, forwarding method)}"""
        found = {}
        for answer in self.dump(GET_DEST, service(key)):
            a = attributes(attributes(answer)[2])
            family = struct.unpack("=H", a[11])[0]
            address = socket.inet_ntop(family, a[1][:16 if family == socket.AF_INET6 else 4])
            found[address, struct.unpack("!H", a[2])[0]] = (struct.unpack("=I", a[4])[0], struct.unpack("=I", a[3])[0])
        return found

    def holds(self, key):
        """(scheduler, {real server: (weight, forwarding method)}), or None."""
        scheduler = self.scheduler(key)
        return None if scheduler is None else (scheduler, self.dests(key))


def service_of(answer):
    a = attributes(attributes(answer)[1])
    family = struct.unpack("=H", a[1])[0]
    scheduler = a[6].rstrip(b"\0").decode()
    if 5 in a:
        return (family, "fwm", struct.unpack("=I", a[5])[0]), scheduler
    address = socket.inet_ntop(family, a[3][:16 if family == socket.AF_INET6 else 4])
    return (family, struct.unpack("=H", a[2])[0], address, struct.unpack("!H", a[4])[0]), scheduler
