# SPDX-License-Identifier: Apache-2.0
"""Dovecot's LMTP server for some of the users, with Sieve; it runs where Postfix runs, since a redirect calls sendmail."""

import socket
import time

from . import names
from .errors import LabError
from .layout import own_folder

START_S = 90.0


def socket_of(layout):
    return layout.path("dovecot", "lmtp")


def write(layout):
    own_folder(layout.path("dovecot"), 0, mode=0o755)
    layout.path("etc", "dovecot-users").write_text("".join(
        f"{user}:{{PLAIN}}:{uid}:{uid}::{layout.path('home', user)}\n"
        for user, uid in ((user, names.FIRST_USER_UID + names.MAILBOXES.index(user)) for user in names.LMTP_USERS)))
    layout.path("etc", "dovecot-lmtp.conf").write_text(f"""protocols = lmtp
base_dir = {layout.path('dovecot')}
log_path = {layout.path('log', 'dovecot.log')}
ssl = no
mail_location = maildir:{layout.path('mailbox')}/%n
first_valid_uid = {names.FIRST_USER_UID}
postmaster_address = postmaster@{names.OWN}
hostname = {names.NODE}
recipient_delimiter = +
sendmail_path = /usr/sbin/sendmail
auth_username_format = %Ln
passdb {{
  driver = passwd-file
  args = {layout.path('etc', 'dovecot-users')}
}}
userdb {{
  driver = passwd-file
  args = {layout.path('etc', 'dovecot-users')}
}}
service lmtp {{
  chroot =
  unix_listener lmtp {{
    mode = 0666
  }}
}}
protocol lmtp {{
  mail_plugins = sieve
}}
plugin {{
  sieve = file:~/.dovecot.sieve
}}
""")


def start(layout, wrapped):
    """`wrapped`: a function that lets a command run where Postfix runs. Returns once the socket answers."""
    log = layout.log("dovecot.start")
    layout.processes.start("dovecot", wrapped(["/usr/sbin/dovecot", "-F", "-c", layout.path("etc", "dovecot-lmtp.conf")]), log)
    end = time.monotonic() + START_S
    while not _answers(socket_of(layout)):
        if time.monotonic() > end:
            raise LabError(f"Dovecot does not answer after {START_S:g} s", log)
        time.sleep(0.02)


def _answers(place):
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(str(place))
            return probe.recv(4) == b"220 "
    except OSError:
        return False
