#!/usr/bin/env python3
"""A web server for tests, with or without TLS: http_server.py PORT_FILE [CERTIFICATE KEY].

/web/login answers a login page, /again/N redirects N times before it, /loop redirects to itself, /slow takes 30 s,
/missing is not there, /elsewhere redirects to a file: address, /soon has a page when it is asked the third time.
"""

import http.server
import os
import ssl
import sys
import time


class Handler(http.server.BaseHTTPRequestHandler):
    early = 2  # answers of /soon that are not yet the page

    def do_GET(self):
        if self.path == "/web/login":
            self.answer(200, '<input name="login" placeholder="Grüezi"/>')
        elif self.path.startswith("/again/"):
            left = int(self.path.rsplit("/", 1)[1])
            self.redirect(f"/again/{left - 1}" if left > 1 else "/web/login")
        elif self.path == "/loop":
            self.redirect("/loop")
        elif self.path == "/elsewhere":
            self.redirect("file:///etc/hostname")
        elif self.path == "/soon":
            Handler.early -= 1
            self.answer(503 if Handler.early >= 0 else 200, "starting")
        elif self.path == "/slow":
            time.sleep(30)
        else:
            self.answer(404, "not here")

    def answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def redirect(self, where):
        self.send_response(303)
        self.send_header("Location", where)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *arguments):
        pass


def main(port_file, certificate=None, key=None):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    with open(port_file + ".new", "w") as file:
        file.write(str(server.server_address[1]))
    os.rename(port_file + ".new", port_file)
    server.serve_forever()


main(*sys.argv[1:])
