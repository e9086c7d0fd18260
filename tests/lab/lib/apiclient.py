# HTTP over the daemon's unix socket, for helper programs.
import http.client
import json
import socket


class Client(http.client.HTTPConnection):
    def __init__(self, path, patience=10):
        super().__init__("localhost", timeout=patience)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)

    def ask(self, method, path, body=None):
        """(status, JSON). The status counts as received even when the body is cut off."""
        headers = {"Content-Type": "application/json"} if body is not None else {}
        self.request(method, path, None if body is None else json.dumps(body), headers)
        answer = self.getresponse()
        try:
            text = answer.read()
        except (OSError, http.client.HTTPException):
            return answer.status, None
        try:
            return answer.status, json.loads(text) if text else None
        except ValueError:
            return answer.status, text  # as of /livez
