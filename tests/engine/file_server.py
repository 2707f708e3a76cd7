"""An HTTP server with one file, which can drop connections, stall, or lack ranges."""

from __future__ import annotations

import hashlib
import re
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from huggingface_hub import constants

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
        self.hidden_etag = False
        self.has_head = True
        self.length = None  # which is stated instead of the true one
        self.tokens = []
        self.moved_to = ""  # another server


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    settings: Server

    def log_message(self, *args):
        pass

    def do_HEAD(self):
        self.answer(body=False)

    def do_GET(self):
        self.answer(body=True)

    def answer(self, body):
        self.settings.tokens.append(self.headers.get("Authorization"))
        if self.path.startswith(self.settings.gone):
            self.send_error(404)
        elif not (body or self.settings.has_head):
            self.send_error(405)
        elif self.path.startswith("/redirect"):
            self.redirect()
        else:
            self.send_file(body)

    def redirect(self):
        self.send_response(302)
        self.send_header("Location", f"{self.settings.moved_to}/file.safetensors")
        self.send_header("X-Linked-Etag", self.settings.etag)
        self.send_header("X-Linked-Size", str(len(self.settings.content)))
        self.send_header("X-Repo-Commit", "0" * 40)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def send_file(self, body):
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        start = int(wanted[1]) if wanted and self.settings.supports_ranges else 0
        if body:
            self.settings.ranges.append(start)
        if start >= len(self.settings.content):
            self.send_error(416)
            return
        self.send_response(206 if start else 200)
        length = self.settings.length or len(self.settings.content) - start
        self.send_header("Content-Length", str(length))
        self.close_connection = self.settings.length is not None
        if not self.settings.hidden_etag:
            self.send_header("ETag", self.settings.etag)
        self.send_header("X-Repo-Commit", "0" * 40)
        self.end_headers()
        if body:
            self.send_pieces(start)

    def send_pieces(self, start):
        rest = self.settings.content[start:]
        if self.settings.breaks_left:
            self.settings.breaks_left -= 1
            rest = rest[: self.settings.break_after]
            self.close_connection = True
        step = self.settings.pause_every or len(rest)
        for at in range(0, len(rest), step):
            self.wfile.write(rest[at : at + step])
            self.settings.after_piece(start + at + step)
            time.sleep(self.settings.pause)


@contextmanager
def serving(server):
    handler = type("OwnHandler", (Handler,), {"settings": server})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as http:
        threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True).start()
        server.url = f"http://127.0.0.1:{http.server_port}"
        yield server
        http.shutdown()


def use_as_hub(monkeypatch, url, cache):
    """Point the hub's library at a server and an empty cache."""
    path = "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", url + path)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(cache))
