# SPDX-License-Identifier: Apache-2.0
"""An HTTPS server on a loopback address, with a certificate by the lab's authority: it hands out a folder, or does whatever
harm a test puts in its way, and remembers what it was asked. And gpg as it sees that server: with the lab's authority
among those of the system, and the server's name where every program looks names up."""

import contextlib
import http.server
import os
import pathlib
import socket
import socketserver
import ssl
import subprocess
import threading
import time


def certificate(folder, name, authority):
    """PEM file of key and certificate for a host; authority: folder with ca.pem and ca.key."""
    folder = pathlib.Path(folder)
    key, request, signed, both = (folder / f"{name}.{kind}" for kind in ("key", "csr", "crt", "pem"))
    extension = folder / f"{name}.ext"
    extension.write_text(f"subjectAltName=DNS:{name}\nbasicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n")
    for words in (["req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                   "-keyout", key, "-out", request],
                  ["x509", "-req", "-in", request, "-CA", authority / "ca.pem", "-CAkey", authority / "ca.key",
                   "-days", "30", "-extfile", extension, "-out", signed]):
        subprocess.run(["openssl", *map(str, words)], check=True, capture_output=True)
    both.write_text(key.read_text() + signed.read_text())
    return both


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments, **how):
        super().__init__(*arguments, directory=str(arguments[2].folder), **how)

    def do_GET(self):
        self.server.asked.append((self.headers["Host"], self.path))
        if self.server.harm is None:
            super().do_GET()
        else:
            self.server.harm(self)

    def reply(self, body, status=200, **fields):
        self.send_response(status)
        for name, value in {"Content-Length": len(body), **fields}.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Web(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """On port 443 of the address. `harm`: called with the handler in place of handing out a file."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address, folder, pem, port=443):
        super().__init__((address, port), Handler)
        self.folder, self.harm, self.asked = folder, None, []
        self.use(pem)
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def use(self, pem):
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(pem)

    def finish_request(self, request, client_address):
        with contextlib.suppress(OSError):
            request.settimeout(60)
            super().finish_request(self.tls.wrap_socket(request, server_side=True), client_address)

    def handle_error(self, *_):
        pass

    @contextlib.contextmanager
    def doing(self, harm):
        self.harm = harm
        try:
            yield
        finally:
            self.harm = None

    def close(self):
        self.shutdown()
        self.server_close()


class Silent:
    """A server that says nothing, and hangs up on the first who came once `until` holds, on the others once as many of
    them wait side by side as ever will: then nobody else comes for a while."""

    def __init__(self, address, side_by_side, until):
        self.listener, self.side_by_side, self.until = socket.create_server((address, 443), backlog=100), side_by_side, until
        self.changed, self.came, self.waiting, self.most, self.last = threading.Condition(), 0, 0, 0, 0
        threading.Thread(target=self.take_all, daemon=True).start()

    def take_all(self):
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                threading.Thread(target=self.keep, args=(connection,), daemon=True).start()

    def keep(self, connection):
        with connection, self.changed:
            self.came, self.waiting = self.came + 1, self.waiting + 1
            self.most, self.last = max(self.most, self.waiting), time.monotonic()
            done = self.until if self.came == 1 else self.nobody_else_comes
            while not done():
                self.changed.wait(0.1)
            self.waiting -= 1

    def nobody_else_comes(self):
        return self.most >= self.side_by_side and time.monotonic() - self.last > 0.5

    def close(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()


def run_among(hosts, authority, command):
    """A program that sees these names ({name: address}) and trusts this authority's file, in a mount namespace."""
    folder = pathlib.Path(authority).parent
    table, trusted = folder / "hosts", folder / "system.pem"
    table.write_text("127.0.0.1 localhost\n" + "".join(f"{address} {name}\n" for name, address in hosts.items()))
    trusted.write_text(pathlib.Path(authority).read_text())
    script = f'mount --bind {table} /etc/hosts && mount --bind {trusted} /etc/ssl/certs/ca-certificates.crt && exec "$@"'
    return subprocess.run(["unshare", "--mount", "sh", "-c", script, "sh", *map(str, command)], capture_output=True,
                          env={**os.environ, "LANG": "C.UTF-8"}, timeout=120)
