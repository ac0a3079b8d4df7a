"""One HTTP/1.1 connection that stays open, with as little Python between a request and its answer as possible.

A load generator must not be what it measures: `http.client` takes a third of a millisecond for a request, this a tenth.
"""
import json
import socket
import time

# The server lets go of connections that are idle for five seconds.
FRESH_S = 3


class Refused(Exception):
    """An answer of 400 or more."""

    def __init__(self, asked, status, body):
        super().__init__(f"{asked}: {status} {body.decode(errors='replace')[:600]}")
        self.status = status


class Wire:
    def __init__(self, port, limit_s=120):
        self.address = ("127.0.0.1", port)
        self.limit_s = limit_s
        self.socket = None
        self.used = 0.0

    def close(self):
        if self.socket:
            self.socket.close()
            self.socket = None

    def _open(self):
        self.socket = socket.create_connection(self.address, self.limit_s)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.stream = self.socket.makefile("rb")

    def raw(self, method, path, body=b"", kind=b"application/json"):
        """Status, headers in lower case, and body."""
        now = time.monotonic()
        if self.socket and now > self.used + FRESH_S:
            self.close()
        try:
            if not self.socket:
                self._open()
            head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n".encode()
            self.socket.sendall(head + b"Content-Type: " + kind + b"\r\n\r\n" + body)
            answer = self._answer()
        except BaseException:
            # Half an answer may be under way: nobody shall take it for that of the next request.
            self.close()
            raise
        self.used = time.monotonic()
        return answer

    def _answer(self):
        first = self.stream.readline()
        if not first:
            raise ConnectionError("the server closed the connection")
        status, headers = int(first.split()[1]), {}
        while (line := self.stream.readline()) not in (b"\r\n", b""):
            name, _, value = line.partition(b":")
            headers[name.decode().lower()] = value.decode().strip()
        if headers.get("transfer-encoding", "") == "chunked":
            body = b""
            while size := int(self.stream.readline(), 16):
                body += self.stream.read(size)
                self.stream.readline()
            self.stream.readline()
        else:
            body = self.stream.read(int(headers.get("content-length", 0)))
        return status, headers, body

    def ask(self, method, path, body=None, kind=b"application/json"):
        """What the answer says, and where it says to look; raises Refused."""
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        try:
            status, headers, text = self.raw(method, path, data, kind)
            busy = status == 408
        except (ConnectionResetError, BrokenPipeError):
            busy = True
        # A busy server takes a connection for idle, or a request for slow, while it is on its way.
        # What changes nothing may be asked again.
        if busy and method == "GET":
            self.close()
            status, headers, text = self.raw(method, path, data, kind)
        elif busy:
            raise ConnectionError(f"{method} {path}: the server let go of the connection")
        if status >= 400:
            raise Refused(f"{method} {path}", status, text)
        return (json.loads(text) if text else None), headers.get("location")
