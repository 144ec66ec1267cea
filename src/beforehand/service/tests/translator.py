"""A server that speaks LibreTranslate's protocol, and does as a test tells it."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

GOOD = {"translatedText": "Where is it?\n\n<b>Soon</b>?", "detectedLanguage": {"confidence": 90, "language": "de"}}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        server = self.server
        server.got.append((self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))
        time.sleep(server.waits)
        body = server.says if isinstance(server.says, bytes) else json.dumps(server.says).encode()
        self.send_response(server.status)
        if server.status == 302:
            self.send_header("Location", "/elsewhere")
        if server.length:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            for start in range(0, len(body), server.piece):
                self.wfile.write(body[start : start + server.piece])
                self.wfile.flush()
                time.sleep(server.between)
        except OSError:
            pass  # whoever asked has left

    def log_message(self, *args):
        pass


@contextmanager
def translator() -> Iterator[ThreadingHTTPServer]:
    """It says `says` with `status` after `waits` seconds, in pieces of `piece` bytes with `between` seconds between."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.says, server.status, server.waits, server.between, server.piece = GOOD, 200, 0, 0, 1 << 20
    server.got, server.length = [], True
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()
