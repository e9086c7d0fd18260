# Sends datagrams from one socket, so all from one source port, and prints each answer.
#
#   udp-client.py ADDRESS PORT COUNT
import socket
import sys

address, port, count = sys.argv[1:]
sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
sock.settimeout(2)
sock.connect((address, int(port)))
for number in range(int(count)):
    try:
        sock.send(b"datagram %d\n" % number)
        print(sock.recv(65536).decode(), end="")
    except OSError as error:
        print(error, file=sys.stderr)
