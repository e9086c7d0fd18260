# A server whose bytes can be checked: the client asks by one line, of which the rest follows.
#
#   streamserver.py READY_FILE PORT...
#
#   once SEED LENGTH     so many bytes of the pattern of this seed, then the end
#   stream SEED          1,400 bytes of it every 20 ms, until the client sends anything more
#
# READY_FILE appears once all ports listen.
import hashlib
import select
import socket
import sys
import threading

PIECE = 1400
PAUSE = 0.02
PERIOD = 8191  # a prime number, so that nothing that is lost or moved goes unseen


def pattern(seed):
    return hashlib.shake_128(seed.encode()).digest(PERIOD)


def part(block, start, length):
    """Bytes `start` to `start + length` of the endless pattern."""
    start %= PERIOD
    return (block * ((start + length) // PERIOD + 1))[start:start + length]


def serve(sock):
    with sock:
        try:
            line = b""
            while not line.endswith(b"\n"):
                more = sock.recv(64)
                if not more:
                    return
                line += more
            words = line.decode().split()
            block = pattern(words[1])
            if words[0] == "once":
                sock.sendall(part(block, 0, int(words[2])))
                return
            sent = 0
            while not select.select([sock], [], [], PAUSE)[0]:
                sock.sendall(part(block, sent, PIECE))
                sent += PIECE
            sock.recv(64)  # left unread it would make the end a reset
        except OSError:
            pass  # it is the client that counts


def main():
    listeners = []
    for port in sys.argv[2:]:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("0.0.0.0", int(port)))
        listener.listen(128)
        listeners.append(listener)
    with open(sys.argv[1], "w", encoding="ascii"):
        pass
    while True:
        for listener in select.select(listeners, [], [])[0]:
            threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()


if __name__ == "__main__":
    main()
