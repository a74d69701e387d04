# SPDX-License-Identifier: Apache-2.0
"""The command line of the lab: reads the arguments, starts the parts in order, and on any failure takes them down."""

import argparse
import os
import re
import shutil
import signal
import sys

from . import down, names, up
from .errors import LabError, tail

EX_USAGE, EX_UNAVAILABLE = 64, 69
STOPS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

ABOUT = f"""\
Starts, as root and on loopback addresses only, everything that mail between two ministries needs:
DNS, Postfix for {names.OWN} (submission with STARTTLS and AUTH, inbound), a second
gateway for {names.PEER} with its own khatmd and keys, and sinks for the consumer world. All remote
mail of {names.OWN} passes an egress hop, wired by contrib/postfix/khatm-postfix.

  agent, adjoint, bureau.ordre   mailboxes          chef          alias to ex.chef@gmail.com
  secretariat                    virtual alias to perso@gmail.com
  filtre, tri                    Sieve redirect to perso@yahoo.fr (through sendmail: role local), delivered by
                                 Dovecot's delivery agent and by its LMTP server
  renvoi                         .forward to perso@hotmail.com
  tuyau                          .forward to a program, which Postfix does not run
  liste                          a list of mlmmj with adjoint and membre@gmail.com

DIR/env holds shell assignments: SUBMISSION INBOUND PEER_INBOUND LOGIN PASSWORD CA CONF SINK MAILBOX PEER_MAILBOX
GNUPGHOME_PEER MILTER PIDFILE JOURNAL DNS EGRESS TICKET_KEYS, and more. PEER_MAILBOX, like MAILBOX, has a Maildir a user, whoever the user is.
The programs come from KHATM_BUILD, else build/ of this checkout. Several labs may run side by side.
"""

# Program: the Debian package that has it.
NEEDED = {
    "postfix": "postfix", "nsd": "nsd", "saslpasswd2": "sasl2-bin", "gpg": "gnupg", "openssl": "openssl",
    "/usr/bin/mlmmj-receive": "mlmmj", "setpriv": "util-linux",
    "unshare": "util-linux", "mount": "mount", "/usr/lib/dovecot/dovecot-lda": "dovecot-core", "/usr/lib/dovecot/lmtp": "dovecot-lmtpd",
    "/usr/lib/dovecot/modules/lib90_sieve_plugin.so": "dovecot-sieve",
    "/usr/lib/x86_64-linux-gnu/sasl2/libsasldb.so": "libsasl2-modules-db",
}


def main(words):
    os.environ["PATH"] = "/usr/sbin:/usr/bin:/sbin:/bin"
    os.umask(0o022)
    try:
        options = _parser().parse_args(words)
        _refuse_early(options)
        options.run(options)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        if error.log:
            print(tail(error.log), file=sys.stderr)
        return error.status
    return 0


def _parser():
    parser = argparse.ArgumentParser(prog="lab", description=ABOUT, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True, metavar="up|down|restart-khatmd", dest="command")
    starting = commands.add_parser("up", help="start it; returns when everything answers")
    hops = starting.add_mutually_exclusive_group()
    hops.add_argument("--single-hop", action="store_true", help="seal at submission, no egress hop")
    hops.add_argument("--egress", action="store_true", help="all remote mail passes an egress hop, which seals (the default)")
    starting.add_argument("--ticket-keys", metavar="FILE", help="take the keys of tickets from another lab")
    starting.add_argument("--postconf", metavar="SETTING=VALUE", action="append", default=[],
                          help="of the main.cf of the ministry under test")
    starting.add_argument("--sendmail", action="store_true", help="Sendmail instead of Postfix for the ministry under test")
    starting.add_argument("--sink-peer", action="store_true", help="a sink instead of the second gateway")
    starting.add_argument("--unsigned", action="store_true", help="what is sealed is not signed")
    starting.add_argument("--peer-unseal", choices=("refuse", "open"),
                          help="the second gateway enforces, and opens what is sealed for it; what to do with what is unsigned")
    starting.add_argument("--dns", metavar="ADDR@PORT",
                          help="the server khatmd asks, instead of the lab's own; Postfix always asks the latter")
    starting.add_argument("--zone", metavar="NAME=FILE", action="append", default=[],
                          help="a zone file that the lab's DNS serves too; .=FILE adds records to the root")
    starting.add_argument("--milter", choices=("unix", "inet", "inet6"), default="unix", help="kind of khatmd's socket")
    starting.add_argument("--chroot", action="store_true", help="smtpd runs chrooted, as Debian lays it out")
    starting.add_argument("--ipv6", action="store_true", help="smtpd also on ::1 (INBOUND6, SUBMISSION6)")
    starting.add_argument("--mode", choices=("enforce", "observe"), default="enforce", help="of khatmd (enforce)")
    starting.add_argument("--set", metavar="OPTION=VALUE", action="append", default=[],
                          help="as written in khatm.conf: sealing.slots=1, attach.khatm-submission.tls-min=none")
    starting.add_argument("--spool-size", metavar="SIZE", default="1G", help="of khatmd's spool in memory (1G)")
    starting.add_argument("--clock", action="store_true", help="khatmd and its gpg follow the clock in CLOCK (libfaketime)")
    starting.add_argument("--no-khatmd", action="store_true", help="no milter: the lab by itself")
    starting.set_defaults(run=_up)
    stopping = commands.add_parser("down", help="stop it; logs and mail stay")
    stopping.add_argument("--purge", action="store_true", help="remove what the lab wrote into DIR")
    stopping.set_defaults(run=_down)
    again = commands.add_parser("restart-khatmd", help="stop khatmd and start what the build holds now")
    again.set_defaults(run=_restart)
    for command in (starting, stopping, again):
        command.add_argument("directory", metavar="DIR")
    return parser


def _refuse_early(options):
    if os.geteuid() != 0:
        raise LabError("needs root: it opens port 25 on loopback addresses and mounts a private resolv.conf", status=77)
    if options.command == "up" and options.dns and not re.fullmatch(r"[0-9a-fA-F.:]+@[0-9]+", options.dns):
        raise LabError(f"--dns {options.dns}: write ADDRESS@PORT", status=EX_USAGE)
    absent = sorted({package for program, package in NEEDED.items() if not shutil.which(program)
                     and not os.path.exists(program)})
    if absent:
        raise LabError(f"missing: apt-get install -y --no-install-recommends {' '.join(absent)}", status=EX_UNAVAILABLE)


def _up(options):
    for number in STOPS:
        signal.signal(number, _interrupted)
    print(up.run(options))


def _down(options):
    _never_interrupted()
    down.run(options.directory, options.purge)


def _restart(options):
    print(up.restart_khatmd(options.directory))


def _never_interrupted():
    for number in STOPS:
        signal.signal(number, signal.SIG_IGN)


def _interrupted(number, _frame):
    _never_interrupted()  # what was started is taken down in peace
    raise LabError(f"interrupted by {signal.Signals(number).name}", status=128 + number)
