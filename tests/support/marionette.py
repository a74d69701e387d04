# SPDX-License-Identifier: Apache-2.0
"""Talks to Thunderbird as its own tests do: Marionette, protocol 3, on loopback. Scripts run with all the rights of the program's
windows."""

import json
import socket
import time

PATIENCE = 120  # seconds


class Marionette:
    def __init__(self, port):
        end = time.monotonic() + PATIENCE
        while True:
            try:
                self.socket = socket.create_connection(("127.0.0.1", port), 5)
                break
            except OSError:
                assert time.monotonic() < end, f"nobody listens on port {port}"
                time.sleep(0.3)
        self.socket.settimeout(PATIENCE)
        self.reader, self.number = self.socket.makefile("rb"), 0
        assert self._read()["marionetteProtocol"] == 3
        self.ask("WebDriver:NewSession", capabilities={"alwaysMatch": {"timeouts": {"script": PATIENCE * 1000}}})
        self.ask("Marionette:SetContext", value="chrome")

    def _read(self):
        size = b""
        while not size.endswith(b":"):
            octet = self.reader.read(1)
            assert octet, "Thunderbird has gone"
            size += octet
        return json.loads(self.reader.read(int(size[:-1])))

    def ask(self, command, **parameters):
        self.number += 1
        raw = json.dumps([0, self.number, command, parameters]).encode()
        self.socket.sendall(b"%d:%s" % (len(raw), raw))
        _kind, number, error, answer = self._read()
        assert number == self.number and not error, error
        return answer

    def run(self, script, *arguments):
        """The script is the body of an async function; `args` are the arguments."""
        body = f"const done = arguments[arguments.length - 1], args = arguments; (async () => {{{script}}})().then(done, e => done('' + e));"
        return self.ask("WebDriver:ExecuteAsyncScript", script=body, args=list(arguments), newSandbox=True, sandbox="system")["value"]

    def close(self):
        self.reader.close()
        self.socket.close()
