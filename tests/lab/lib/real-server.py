# A real server of the lab: answers every HTTP/1.1 request (keep-alive) or every datagram with one line.
#
#   real-server.py tcp|udp ADDRESS PORT TEXT READY_FILE
#
# READY_FILE appears once the socket listens. No module beyond socket and select is imported: under
# user-mode-linux the start of the interpreter is what a scenario waits for.
import select
import socket
import sys

READ_SIZE = 65536
LONGEST_REQUEST = 65536


def listen(kind, address, port):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM if kind == "tcp" else socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if family == socket.AF_INET6:
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    sock.bind((address, port))
    if kind == "tcp":
        sock.listen(128)
    return sock


def answer(head, text):
    close = b"connection: close" in head.lower() or b" HTTP/1.0" in head.split(b"\r\n")[0]
    body = text + b"\n"
    reply = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n%s\r\n%s" % (
        len(body), b"Connection: close\r\n" if close else b"", body)
    return reply, close


def serve_tcp(listener, text):
    clients = {}  # socket -> bytes of a request that is not complete yet
    while True:
        readable, _, _ = select.select([listener, *clients], [], [])
        for sock in readable:
            if sock is listener:
                clients[listener.accept()[0]] = b""
                continue
            try:
                data = sock.recv(READ_SIZE)
                clients[sock] += data
                done = not data or len(clients[sock]) > LONGEST_REQUEST
                while not done and b"\r\n\r\n" in clients[sock]:
                    head, clients[sock] = clients[sock].split(b"\r\n\r\n", 1)
                    reply, done = answer(head, text)
                    sock.sendall(reply)
            except OSError:
                done = True
            if done:
                del clients[sock]
                sock.close()


def serve_udp(sock, text):
    while True:
        _, peer = sock.recvfrom(READ_SIZE)
        sock.sendto(text + b"\n", peer)


def main():
    kind, address, port, text, ready = sys.argv[1:]
    sock = listen(kind, address, int(port))
    with open(ready, "w", encoding="ascii"):
        pass
    (serve_tcp if kind == "tcp" else serve_udp)(sock, text.encode())


main()
