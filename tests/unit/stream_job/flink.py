"""A server that answers as Flink's REST API does, with what a test tells it to."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Flink:
    """What the API answers, by path; an answer that is a list is given one after the other, the last stays.

    `asked` holds every request, method and path, in order.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.answers: dict[str, Any] = {}
        self.asked: list[str] = []
        self._changed = threading.Condition()

    def has_jobs(self, **states: str) -> None:
        """Say which jobs there are and how they are, the oldest first."""
        self.answers["/jobs/overview"] = {
            "jobs": [
                {"jid": job_id, "name": "candlewick", "state": state, "start-time": number}
                for number, (job_id, state) in enumerate(states.items())
            ]
        }

    def wait_until_asked(self, request: str) -> None:
        """Wait until a request has come."""
        with self._changed:
            assert self._changed.wait_for(lambda: request in self.asked, timeout=60), self.asked

    def answer(self, request: str, path: str) -> tuple[int, Any]:
        """What a request is answered with; 404 where nothing was told."""
        with self._changed:
            self.asked.append(request)
            self._changed.notify_all()
            found = self.answers.get(path)
            if isinstance(found, list):
                found = found.pop(0) if len(found) > 1 else found[0]
        return (404, {"errors": ["Not found."]}) if found is None else (200, found)


@contextmanager
def flink_server() -> Iterator[Flink]:
    """The server, on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        def _respond(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, answer = flink.answer(f"{self.command} {self.path}", self.path.partition("?")[0])
            body = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PATCH = _respond  # noqa: N815  # The names that http.server looks for.

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        flink = Flink(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield flink
        server.shutdown()
        thread.join()
