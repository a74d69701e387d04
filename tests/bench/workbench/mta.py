# SPDX-License-Identifier: Apache-2.0
"""A private Postfix on loopback ports: one smtpd without us (the no-op milter attached) and one with khatmd, all else
shared, so that both are measured by the same processes. Everything accepted is relayed to smtp-sink, which throws it away;
what is sent to PROBE's local part goes to a second sink that keeps it. No DNS, no chroot, no local delivery."""

import dataclasses
import glob
import os
import pwd
import re
import subprocess
import time

from .errors import CannotMeasure
from .processes import answers_tcp, free_ports

PROBE = "sonde"  # the local part of a recipient whose copy is kept
DRAIN_S = 120.0


class Postfix:
    def __init__(self, work, processes):
        self.root, self.caught = work / "postfix", work / "caught"
        self.etc, self.queue, self.maillog = self.root / "etc", self.root / "queue", self.root / "log" / "maillog"
        self.processes = processes
        self.sink, self.catcher = free_ports(2)
        self.ports, self.read = {}, 0

    # --- life ---------------------------------------------------------------------------------------------------
    def start(self, milters, probe_domains):
        """milters: name -> (socket path, {daemon_name}); each gets an smtpd of its own."""
        self._folders()
        self.ports = dict(zip(milters, free_ports(len(milters))))
        self._write_main(probe_domains)
        self._write_master(milters)
        self._start_sinks()
        self._postfix("check")
        self._postfix("start")
        end = time.monotonic() + 15
        while not all(answers_tcp(port) for port in self.ports.values()):
            if time.monotonic() > end:
                raise CannotMeasure("the private Postfix does not answer", self.maillog)
            time.sleep(0.05)

    def stop(self):
        if (self.queue / "pid" / "master.pid").exists():
            self._postfix("stop", check=False)

    def _postfix(self, command, check=True):
        run = subprocess.run(["postfix", "-c", self.etc, command], capture_output=True, text=True, timeout=60)
        if check and run.returncode != 0:
            raise CannotMeasure(f"postfix {command}: {run.stderr.strip()}", self.maillog)

    def _folders(self):
        for folder in (self.root, self.etc, self.queue, self.root / "log"):
            folder.mkdir(mode=0o755)
        data, owner = self.root / "data", pwd.getpwnam("postfix")
        data.mkdir(mode=0o700)
        os.chown(data, owner.pw_uid, owner.pw_gid)
        self.caught.mkdir()
        os.chown(self.caught, pwd.getpwnam("nobody").pw_uid, -1)

    def _start_sinks(self):
        for name, port, options in (("sink", self.sink, []), ("catcher", self.catcher, ["-d", f"{self.caught}/m."])):
            child = self.processes.start(name, ["smtp-sink", "-u", "nobody", *options, f"127.0.0.1:{port}", "1000"])
            self.processes.wait_for(name, child, lambda port=port: answers_tcp(port))

    def _write_main(self, probe_domains):
        probes = " ".join(f"{{ {PROBE}@{domain} = smtp:[127.0.0.1]:{self.catcher} }}" for domain in probe_domains)
        settings = {
            "compatibility_level": "3.6",
            "queue_directory": self.queue,
            "data_directory": self.root / "data",
            "command_directory": "/usr/sbin",
            "daemon_directory": "/usr/lib/postfix/sbin",
            "shlib_directory": "/usr/lib/postfix",
            "meta_directory": "/etc/postfix",
            "mail_owner": "postfix",
            "setgid_group": "postdrop",
            "default_privs": "nobody",
            "syslog_name": "khatm-bench",
            "maillog_file": self.maillog,
            "maillog_file_prefixes": self.root,
            "myhostname": "mx.interieur.gov.example",
            "mydomain": "interieur.gov.example",
            "inet_interfaces": "127.0.0.1",
            "inet_protocols": "ipv4",
            "mynetworks": "127.0.0.0/8",
            "mydestination": "",
            "alias_maps": "",
            "alias_database": "",
            "local_recipient_maps": "",
            "local_transport": "error:nothing is local here",
            "relayhost": f"[127.0.0.1]:{self.sink}",
            "transport_maps": f"inline:{{ {probes} }}",
            "smtpd_relay_restrictions": "permit_mynetworks, reject",
            "smtpd_recipient_restrictions": "",
            "disable_dns_lookups": "yes",
            "smtp_dns_support_level": "disabled",
            "smtp_host_lookup": "native",
            "smtp_line_length_limit": "0",
            "smtpd_peername_lookup": "no",
            "biff": "no",
            "message_size_limit": str(100 * 1024 * 1024),
            "default_process_limit": "100",
            "smtpd_client_connection_count_limit": "0",
            "smtpd_client_connection_rate_limit": "0",
            "smtpd_client_message_rate_limit": "0",
            "milter_default_action": "tempfail",
            "milter_content_timeout": "300s",
        }
        (self.etc / "main.cf").write_text("".join(f"{name} = {value}\n" for name, value in settings.items()))

    def _write_master(self, milters):
        lines = [f"127.0.0.1:{self.ports[name]} inet n - n - 100 smtpd -o smtpd_milters=unix:{path}"
                 f" -o milter_macro_daemon_name={daemon_name}" for name, (path, daemon_name) in milters.items()]
        lines += ["pickup unix n - n 60 1 pickup", "qmgr unix n - n 300 1 qmgr", "postlog unix-dgram n - n - 1 postlogd",
                  "cleanup unix n - n - 0 cleanup", "rewrite unix - - n - - trivial-rewrite", "smtp unix - - n - - smtp",
                  "relay unix - - n - - smtp", "proxymap unix - - n - - proxymap", "anvil unix - - n - 1 anvil",
                  "scache unix - - n - 1 scache", "showq unix n - n - - showq", "error unix - - n - - error",
                  "retry unix - - n - - error", "flush unix n - n 1000? 0 flush", "verify unix - - n - 1 verify"]
        lines += [f"{name} unix - - n - 0 bounce" for name in ("bounce", "defer", "trace")]
        (self.etc / "master.cf").write_text("\n".join(lines) + "\n")

    # --- load ---------------------------------------------------------------------------------------------------
    def send(self, name, letter, count, sessions):
        """`count` messages through one smtpd; the seconds until the last was accepted. Returns once all were relayed."""
        command = ["smtp-source", "-s", sessions, "-m", count, "-F", letter.file, "-f", letter.sender, "-t", letter.rcpt,
                   f"127.0.0.1:{self.ports[name]}"]
        began = time.monotonic()
        run = subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=600)
        took = time.monotonic() - began
        if run.returncode != 0:
            raise CannotMeasure(f"{letter.file.name} through {name}: refused: {run.stderr.strip()}", self.maillog)
        self.drain(name, letter.file, count)
        return took

    def drain(self, name, file, count):
        """Returns when every message was relayed; none was smaller than what was sent."""
        end, sent, sizes = time.monotonic() + DRAIN_S, 0, []
        floor = file.stat().st_size
        while sent < count:
            text = self._new_log()
            sent += len(re.findall(r"\bstatus=sent\b", text))
            sizes += [int(size) for size in re.findall(r"qmgr\[\d+\]: \w+: from=<.*?>, size=(\d+),", text)]
            bad = re.search(r".*\bstatus=(?:deferred|bounced|expired)\b.*|.*\bmilter-(?:reject|discard|hold)\b.*", text)
            if bad:
                raise CannotMeasure(f"{file.name} through {name}: {bad.group(0)}", self.maillog)
            if time.monotonic() > end:
                raise CannotMeasure(f"{file.name} through {name}: {sent} of {count} relayed in {DRAIN_S:g} s", self.maillog)
            time.sleep(0.01)
        if sent != count or len(sizes) != count or min(sizes) < floor:
            raise CannotMeasure(f"{file.name} through {name}: {sent} relayed, {len(sizes)} queued, {count} sent; the smallest "
                                f"had {min(sizes, default=0)} bytes of {floor}", self.maillog)

    def _new_log(self):
        with open(self.maillog, "rb") as log:
            log.seek(self.read)
            text = log.read()
        whole = text[:text.rfind(b"\n") + 1]
        self.read += len(whole)
        return whole.decode("utf-8", "replace")

    def catch(self, name, letter):
        """One message to the probe of that domain, as the far end received it: LF line ends, the sink's notes taken off."""
        for old in glob.glob(f"{self.caught}/m.*"):
            os.unlink(old)
        self.send(name, dataclasses.replace(letter, rcpt=f"{PROBE}@{letter.rcpt.partition('@')[2]}"), 1, 1)
        found = glob.glob(f"{self.caught}/m.*")
        if len(found) != 1:
            raise CannotMeasure(f"{letter.file.name} through {name}: {len(found)} copies at the far end", self.maillog)
        with open(found[0], "rb") as file_caught:
            raw = file_caught.read().replace(b"\r\n", b"\n")
        return re.sub(rb"\A(?:X-[A-Za-z-]+: [^\n]*\n)+", b"", raw)
