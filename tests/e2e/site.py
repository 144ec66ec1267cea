"""A site of another company: pages of its own origin, under a strict policy."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from beforehand.journey.tests.live import Live

CHAT = "default-src 'none'; script-src {0}; connect-src {0}; base-uri 'none'; require-trusted-types-for 'script'"


class Site:
    """Every page of it is `page`, which may do what `policy` says."""

    def __init__(self) -> None:
        self.page, self.policy = "", ""
        site = self

        class Pages(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Security-Policy", site.policy)
                self.end_headers()
                self.wfile.write(b"" if "favicon" in self.path else site.page.encode())

            def log_message(self, *_words: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def put_chat(self, server: Live, key: str, policy: str = CHAT, nonce: str = "") -> None:
        """Its pages have the chat of this key, and allow nothing else."""
        more = f' nonce="{nonce}"' if nonce else ""
        script = f'<script{more} async src="{server.address}/chat/{key}/widget.js"></script>'
        self.page = f'<!doctype html><html lang="en"><title>Shop</title><h1>Shop</h1>{script}</html>'
        self.policy = policy.format(server.address)
