#!/usr/bin/env python3
"""An agent for Parlance: the smallest that shows every part of the contract in docs/agent.md.

It repeats what the person said, word by word. Put your own thinking into `answer`. Nothing but the standard library is
needed:

    AGENT_KEY=some-secret python3 agent.py 8090
"""

import hmac
import json
import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = os.environ.get("AGENT_KEY", "")
# A conversation is longer than this only by mistake.
LONGEST = 16 * 1024 * 1024


def answer(messages):
    """Yields the events of one answer. `messages` is the conversation, oldest first."""
    asked = messages[-1]["content"]
    yield {"type": "start", "model": "parrot-1"}
    yield {"type": "thinking", "text": f"{len(messages)} messages, the last has {len(asked)} characters. "}
    yield {"type": "tool", "name": "repeat"}
    words = asked.split()
    for word in words:
        yield {"type": "text", "text": word + " "}
    yield {"type": "usage", "prompt_tokens": len(words), "completion_tokens": len(words)}
    yield {"type": "done", "reason": "stop"}


class Agent(BaseHTTPRequestHandler):
    """One question a request."""

    def do_POST(self):
        if self.path != "/ask":
            return self.refuse(404, "not_found_error", "ask at /ask")
        given = self.headers.get("Authorization", "")
        if KEY and not hmac.compare_digest(given.encode(), f"Bearer {KEY}".encode()):
            return self.refuse(401, "authentication_error", "the key is wrong")
        length = int(self.headers.get("Content-Length", 0))
        if length > LONGEST:
            return self.refuse(413, "request_too_large", "that is too long")
        try:
            messages = json.loads(self.rfile.read(length))["messages"]
            events = answer([message for message in messages if message["content"]])
            first = next(events)
        except (ValueError, KeyError, IndexError, TypeError):
            return self.refuse(400, "invalid_request_error", "that is no question")
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Cache-Control", "no-cache")
        self.end_headers()
        try:
            self.say(first)
            for event in events:
                self.say(event)
        except (BrokenPipeError, ConnectionResetError):
            # The person pressed "stop": there is nobody left to answer.
            pass

    def say(self, event):
        self.wfile.write(f"data: {json.dumps(event)}\n\n".encode())
        self.wfile.flush()

    def refuse(self, status, kind, message):
        body = json.dumps({"error": {"type": kind, "message": message}}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Says nothing: conversations do not belong into logs."""


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    server = ThreadingHTTPServer(("127.0.0.1", port), Agent)
    server.daemon_threads = True
    print(f"http://127.0.0.1:{server.server_port}/ask", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
