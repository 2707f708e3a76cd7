"""An HTTP server that receives webhooks, and can refuse, redirect, trickle, or say nothing."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network

LOOPBACK = [ip_network("127.0.0.0/8"), ip_network("::1/128")]


class Receiver:
    """The answers of the server, and the requests it received."""

    def __init__(self):
        self.status = 204
        self.location = ""
        self.trickles = False
        self.received = []
        self.url = ""
        self.port = 0
        self.is_over = threading.Event()


class Handler(BaseHTTPRequestHandler):
    receiver: Receiver

    def log_message(self, *args):
        pass

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.receiver.received.append((self.path, dict(self.headers.items()), body))
        if self.receiver.trickles:
            self.trickle()
            return
        self.send_response(self.receiver.status)
        if self.receiver.location:
            self.send_header("Location", self.receiver.location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def trickle(self):
        """Send a byte of a header now and then, for ever."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not self.receiver.is_over.wait(0.02):
            try:
                self.wfile.write(b"a")
            except OSError:
                return


@contextmanager
def receiving():
    receiver = Receiver()
    handler = type("OwnHandler", (Handler,), {"receiver": receiver})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
        receiver.port = http.server_port
        receiver.url = f"http://127.0.0.1:{http.server_port}/hook"
        yield receiver
        receiver.is_over.set()
        http.shutdown()
