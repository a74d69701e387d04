# SPDX-License-Identifier: Apache-2.0
"""A private Postfix instance: its two files, its start and its end.

It runs in a mount namespace of its own where /etc/resolv.conf names the lab's DNS and /etc/passwd has the lab's users
(local(8) wants a real account for `.forward`), so MX look-ups, aliases and local delivery are the real ones.
"""

import grp
import os
import pwd
import shutil
import subprocess
import time
from pathlib import Path

from . import names
from .errors import LabError
from .processes import wait_gone

# Settings that every instance shares. What slows tests down or guards against strangers is off.
COMMON = {
    "compatibility_level": "3.6",
    "command_directory": "/usr/sbin",
    "daemon_directory": "/usr/lib/postfix/sbin",
    "shlib_directory": "/usr/lib/postfix",
    "mail_owner": "postfix",
    "setgid_group": "postdrop",
    "default_privs": "nobody",
    "maillog_file_prefixes": "/run, /tmp, /var",
    "mynetworks": "",
    "biff": "no",
    "message_size_limit": str(names.MESSAGE_LIMIT),
    "mailbox_size_limit": "0",
    "virtual_mailbox_limit": "0",
    "smtpd_peername_lookup": "no",
    "smtpd_client_connection_count_limit": "0",
    "smtpd_client_event_limit_exceptions": "static:all",
    "smtpd_error_sleep_time": "0",
    "smtpd_soft_error_limit": "1000",
    "smtpd_hard_error_limit": "2000",
    "smtpd_junk_command_limit": "10000",
    "in_flow_delay": "0",
    "local_header_rewrite_clients": "",
    "smtpd_recipient_restrictions": "",
    # A line over 998 octets would be folded on the way out, and a comparison of bytes would blame the wrong program.
    "smtp_line_length_limit": "0",
    "lmtp_line_length_limit": "0",
    "smtp_host_lookup": "dns",
    # Deferred mail comes back while a test still waits for it.
    "queue_run_delay": "5s",
    "minimal_backoff_time": "5s",
    "maximal_backoff_time": "10s",
    "milter_protocol": "6",
    "milter_default_action": "tempfail",
    "milter_connect_timeout": "10s",
    "milter_command_timeout": "30s",
    "milter_content_timeout": "180s",
}

# Of the service where the Internet comes in: there, whoever is on this machine may be any client of it, and after that client
# another one, whom Postfix then asks for the permission. Where it knows no IPv6 it takes no such client.
INBOUND = (" -o milter_macro_daemon_name=khatm-inbound -o inet_protocols=all"
           " -o smtpd_authorized_xclient_hosts=static:all")

SERVICES = """
pickup    unix  n - n 1 1 pickup
cleanup   unix  n - n - 0 cleanup -o milter_macro_daemon_name=khatm-local
qmgr      unix  n - n 300 1 qmgr
tlsmgr    unix  - - n 1000? 1 tlsmgr
rewrite   unix  - - n - - trivial-rewrite
bounce    unix  - - n - 0 bounce
defer     unix  - - n - 0 bounce
trace     unix  - - n - 0 bounce
verify    unix  - - n - 1 verify
flush     unix  n - n 1000? 0 flush
proxymap  unix  - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp      unix  - - n - - smtp
relay     unix  - - n - - smtp
showq     unix  n - n - - showq
error     unix  - - n - - error
retry     unix  - - n - - error
discard   unix  - - n - - discard
local     unix  - n n - - local
virtual   unix  - n n - - virtual
lmtp      unix  - - n - - lmtp
anvil     unix  - - n - 1 anvil
scache    unix  - - n - 1 scache
postlog   unix-dgram n - n - 1 postlogd
"""

# What Debian's chroot has (its init script makes it for every service with `y` in master.cf).
CHROOT_FILES = ("/etc/hosts", "/etc/host.conf", "/etc/nsswitch.conf", "/etc/services", "/etc/localtime")


class Mta:
    """`folder` holds etc/, queue/ and data/; `host` is the last number of its address."""

    def __init__(self, layout, name, folder, host):
        self.layout, self.name, self.host = layout, name, host
        self.folder = layout.path(folder)
        self.etc, self.queue = self.folder / "etc", self.folder / "queue"
        self.maillog = layout.log(f"{name}.maillog")

    def write(self, settings, listeners):
        """`listeners`: lines of master.cf for smtpd. Makes the folders; `milter_path` may be used after this."""
        for folder in (self.etc, self.queue, self.folder / "data"):
            folder.mkdir(parents=True)
        os.chown(self.folder / "data", pwd.getpwnam("postfix").pw_uid, 0)
        (self.folder / "data").chmod(0o700)
        for file in ("dynamicmaps.cf", "postfix-files"):
            shutil.copy(Path("/etc/postfix", file), self.etc / file)
        main = {
            **COMMON,
            "queue_directory": self.queue,
            "data_directory": self.folder / "data",
            "meta_directory": self.etc,
            "syslog_name": self.name,
            "maillog_file": self.layout.path("log", self.maillog.name),
            # Postfix knows only addresses that an interface carries, and of 127.0.0.0/8 that is the first alone.
            "inet_interfaces": "127.0.0.1",
            "proxy_interfaces": self.layout.address(self.host),
            "inet_protocols": "ipv4",
            "smtp_bind_address": self.layout.address(self.host),
            **settings,
        }
        (self.etc / "main.cf").write_text("".join(f"{key} = {value}\n" for key, value in main.items()))
        (self.etc / "master.cf").write_text("\n".join(listeners) + SERVICES)

    def milter_folder(self, uid):
        """Makes it inside the queue, and names the socket relative to that: inside and outside of a chroot the same."""
        folder = self.queue / "khatm"
        folder.mkdir(exist_ok=True)
        os.chown(folder, uid, grp.getgrnam("postfix").gr_gid)
        folder.chmod(0o2750)
        return "unix:khatm/milter.sock"

    def fill_chroot(self):
        for file in CHROOT_FILES:
            if Path(file).exists():
                self._copy_into_chroot(file)
        target = self.queue / "etc" / "resolv.conf"
        target.parent.mkdir(exist_ok=True)
        shutil.copy(self.layout.path("dns", "resolv.conf"), target)
        for library in Path("/lib").glob("*-linux-gnu/libnss_*.so*"):
            self._copy_into_chroot(str(library))

    def start(self, mounts):
        """`mounts`: {file the daemons should see: the path where they look for it}."""
        for name in ("main.cf", "master.cf"):  # each daemon reads again and again, for a second or two, what changed just now
            os.utime(self.etc / name, (0, 0))
        command = self.beside(mounts, ["postfix", "-c", self.etc, "start"])
        with open(self.layout.log(f"{self.name}.start"), "wb") as output:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True)
        if done.returncode:
            raise LabError(f"{self.name}: Postfix did not start", self.layout.log(f"{self.name}.start"))
        self.layout.processes.record(self.name, self._master_pid())

    def beside(self, mounts, command):
        """The command that runs another one with what the daemons see."""
        script = "".join(f"mount --bind '{source}' '{target}' && " for target, source in mounts.items())
        return ["unshare", "--mount", *propagation(), "sh", "-c", script + 'exec "$@"', "sh", *map(str, command)]

    def stop(self):
        pid = self.layout.processes.pid(self.name)
        if pid is None:
            return
        subprocess.run(["postfix", "-c", self.etc, "stop"], check=False, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        if not wait_gone(pid, 8.0):
            self.layout.processes.stop(self.name)

    def _copy_into_chroot(self, file):
        target = self.queue / file.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)

    def _master_pid(self):
        end = time.monotonic() + 90
        while time.monotonic() < end:
            try:
                return int((self.queue / "pid" / "master.pid").read_text())
            except (OSError, ValueError):
                time.sleep(0.02)
        raise LabError(f"{self.name}: Postfix wrote no pid", self.maillog)


def propagation():
    """In a chroot whose root is no mount point the kernel refuses to change how mounts spread; then leave it."""
    if subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
        return []
    return ["--propagation", "unchanged"]
