"""A server that the mock calls."""

from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import parse_qsl, urlsplit


@dataclass
class Call:
    method: str
    query: dict
    content_type: str
    body: str


@contextmanager
def receiving(answer):
    """Answer every call with the text that `answer` makes of it. Yields the address."""

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self):
            length = int(self.headers.get("content-length", 0))
            call = Call(
                self.command,
                dict(parse_qsl(urlsplit(self.path).query)),
                self.headers.get("content-type", ""),
                self.rfile.read(length).decode(),
            )
            text = answer(call).encode()
            self.send_response(200)
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = handle_any

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/told"
    finally:
        server.shutdown()
        server.server_close()
