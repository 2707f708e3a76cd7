"""An HTTP server with one file, which can drop connections, stall, or lack ranges."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

CONTENT = bytes(range(256)) * 20_000


class Server:
    """The server's settings, and the requests it received."""

    def __init__(self, content=CONTENT):
        self.content = content
        self.ranges = []
        self.break_after = None
        self.breaks_left = 0
        self.supports_ranges = True
        self.etag = f'"{hashlib.sha256(content).hexdigest()}"'
        self.pause_every = None
        self.pause = 0.0
        self.after_piece = lambda _sent: None
        self.url = ""
        self.gone = ("/gone",)
        self.tokens = []
        self.moved_to = ""  # another server


@contextmanager
def serving(server):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args):
            pass

        def do_HEAD(self):
            self.answer(body=False)

        def do_GET(self):
            self.answer(body=True)

        def answer(self, body):
            server.tokens.append(self.headers.get("Authorization"))
            if self.path.startswith(server.gone):
                self.send_error(404)
                return
            if self.path.startswith("/redirect"):
                self.send_response(302)
                self.send_header("Location", f"{server.moved_to}/file.safetensors")
                self.send_header("X-Linked-Etag", server.etag)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_file(body)

        def send_file(self, body):
            wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            start = int(wanted[1]) if wanted and server.supports_ranges else 0
            if body:
                server.ranges.append(start)
            if start >= len(server.content):
                self.send_error(416)
                return
            rest = server.content[start:]
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(rest)))
            if not server.hidden_etag:
                self.send_header("ETag", server.etag)
            self.end_headers()
            if not body:
                return
            if server.breaks_left:
                server.breaks_left -= 1
                rest = rest[: server.break_after]
                self.close_connection = True
            step = server.pause_every or len(rest)
            for at in range(0, len(rest), step):
                self.wfile.write(rest[at : at + step])
                server.after_piece(start + at + step)
                time.sleep(server.pause)

    server.hidden_etag = getattr(server, "hidden_etag", False)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
        server.url = f"http://127.0.0.1:{http.server_port}"
        yield server
        http.shutdown()
