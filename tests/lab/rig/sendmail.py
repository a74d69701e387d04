# SPDX-License-Identifier: Apache-2.0
"""The ministry under test with Sendmail instead of Postfix: the same ports, users and forwards. Two instances, wired by
contrib/sendmail/khatm-sendmail: one takes mail in and delivers here, the other is the hop that all remote mail passes."""

import os
import shutil
import subprocess
from pathlib import Path

from . import interieur, names, sendmail_package as package, tls
from .errors import LabError
from .layout import own_folder
from .mta import propagation

SUBMISSION_PORT, EGRESS_PORT, LOCAL_PORT = interieur.SUBMISSION_PORT, interieur.EGRESS_PORT, 2526
WIRING = Path(__file__).resolve().parents[3] / "contrib" / "sendmail"
INSTANCES = {"sendmail": "sendmail.cf", "sendmail-egress": "khatm-egress.cf"}
FOLDERS = {"mqueue": 0o700, "mqueue-khatm": 0o700, "clientmqueue": 0o770}

# What the administrator of this site has before Khatm comes. On a busy machine Sendmail would only queue. Local mail goes
# into Maildirs by Dovecot, which knows Sieve.
SITE = """include(`{cf}/m4/cf.m4')dnl
VERSIONID(`the lab')dnl
OSTYPE(`linux')dnl
define(`MAIL_SETTINGS_DIR', `{etc}/')dnl
define(`confDOMAIN_NAME', `{node}')dnl
define(`confSERVICE_SWITCH_FILE', `{etc}/service.switch')dnl
define(`confDONT_PROBE_INTERFACES', `True')dnl
define(`QUEUE_DIR', `{folder}/mqueue')dnl
define(`confPID_FILE', `{folder}/sendmail.pid')dnl
undefine(`STATUS_FILE')dnl
undefine(`HELP_FILE')dnl
define(`ALIAS_FILE', `{etc}/aliases')dnl
FEATURE(`use_cw_file')dnl
define(`confLOG_LEVEL', `9')dnl
define(`confMAX_MESSAGE_SIZE', `{limit}')dnl
define(`confDELIVERY_MODE', `background')dnl
define(`confTO_IDENT', `0')dnl
define(`confMIN_QUEUE_AGE', `0')dnl
define(`confMAX_DAEMON_CHILDREN', `0')dnl
define(`confCONNECTION_RATE_THROTTLE', `0')dnl
define(`confQUEUE_LA', `9999')dnl
define(`confREFUSE_LA', `9999')dnl
define(`confFORWARD_PATH', `$z/.forward')dnl
define(`confERROR_MODE', `m')dnl
define(`confAUTH_MECHANISMS', `PLAIN LOGIN')dnl
define(`confAUTH_REALM', `{own}')dnl
define(`confAUTH_OPTIONS', `A p')dnl
TRUST_AUTH_MECH(`PLAIN LOGIN')dnl
define(`confCACERT', `{tls}/ca.pem')dnl
define(`confCACERT_PATH', `{tls}')dnl
define(`confSERVER_CERT', `{tls}/server.crt')dnl
define(`confSERVER_KEY', `{tls}/server.key')dnl
define(`LOCAL_MAILER_PATH', `{etc}/deliver')dnl
define(`LOCAL_MAILER_ARGS', `deliver $g $u')dnl
define(`LOCAL_MAILER_FLAGS', `Pn9o')dnl
FEATURE(`smrsh', `{smrsh}')dnl
FEATURE(`virtusertable', `hash -o {etc}/virtusertable')dnl
FEATURE(`accept_unresolvable_domains')dnl
DAEMON_OPTIONS(`Name=MTA, Family=inet, Port=smtp')dnl
MAILER(`local')dnl
MAILER(`smtp')dnl
"""

SUBMIT = """include(`{cf}/m4/cf.m4')dnl
VERSIONID(`the lab')dnl
define(`confCF_VERSION', `Submit')dnl
define(`__OSTYPE__', `')dnl
define(`confTIME_ZONE', `USE_TZ')dnl
define(`confDOMAIN_NAME', `{node}')dnl
define(`confDONT_INIT_GROUPS', `True')dnl
define(`MSP_QUEUE_DIR', `{folder}/clientmqueue')dnl
define(`confRUN_AS_USER', `smmsp')dnl
define(`confSERVICE_SWITCH_FILE', `{etc}/service.switch')dnl
define(`confQUEUE_LA', `9999')dnl
FEATURE(`msp', `[{address}]')dnl
"""


class Sendmail:
    """Both instances; what Mta is for Postfix."""

    def __init__(self, layout):
        self.layout, self.folder = layout, layout.path("sendmail")
        self.etc = self.folder / "etc"

    def milter_folder(self, uid):
        """Sendmail takes no socket in a folder that others may write to."""
        return f"unix:{own_folder(self.folder / 'khatm', uid, mode=0o755) / 'milter.sock'}"


def write(layout, milter, options):
    """As interieur.write; options beyond these are Postfix's: chroot, ipv6, postconf."""
    if options.chroot or options.ipv6 or options.postconf or options.single_hop:
        raise LabError("--sendmail goes with neither --chroot, --ipv6, --postconf nor --single-hop", status=64)
    package.unpack()
    mta = Sendmail(layout)
    mta.etc.mkdir(parents=True)
    tls.write(layout, layout.address(names.OWN_HOST))
    layout.path("tls", "server.key").chmod(0o600)
    words = {"cf": package.CF, "etc": mta.etc, "folder": mta.folder, "node": names.NODE, "own": names.OWN, "smrsh": mta.folder / "smrsh",
             "limit": names.MESSAGE_LIMIT, "tls": layout.path("tls"), "address": layout.address(names.OWN_HOST)}
    (mta.etc / "sendmail.mc").write_text(SITE.format(**words))
    (mta.etc / "submit.mc").write_text(SUBMIT.format(**words))
    (mta.etc / "local-host-names").write_text(f"{names.OWN}\n{names.NODE}\n")
    (mta.etc / "service.switch").write_text("hosts dns files\naliases files\npasswd files\n")
    name = milter(mta)
    _wire(mta, name)
    password = interieur.make_login(mta.etc / "sasldb2", 0)
    interieur.write_sasl(mta.etc / "sasl" / "Sendmail.conf", mta.etc / "sasldb2")
    interieur.users(layout)
    _program(mta)
    _maps(mta)
    return mta, password, ()


def _wire(mta, milter):
    """With the script that administrators have."""
    own = mta.layout.address(names.OWN_HOST)
    command = [WIRING / "khatm-sendmail", "--apply", "-c", mta.etc, "--cf", package.CF, "--milter", milter,
               "--inbound", f"Family=inet, Addr={own}, Port=25", "--submission", f"Family=inet, Addr={own}, Port={SUBMISSION_PORT}",
               "--local", f"{own}:{LOCAL_PORT}", "--egress", f"{own}:{EGRESS_PORT}", "--queue", mta.folder / "mqueue-khatm",
               "--pid", mta.folder / "egress.pid"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise LabError(f"khatm-sendmail: {done.stderr.strip()}")


def start(layout, mta):
    """In a namespace of its own, as Postfix: with its DNS, users and sendmail(1), and with its own /etc/mail and /etc/sasl2, since
    sendmail(1) gives up its rights when it is told another place. With a host name, too: Sendmail waits a minute for one
    that has a domain."""
    below = layout.path("sendmail", "etc-below")
    script = " && ".join([f"hostname {names.NODE}", f"mount --bind /etc '{below}'", f"mount --bind '{_etc(layout, mta, below)}' /etc",
                          f"mount --bind '{mta.etc}/sendmail' /usr/sbin/sendmail", f"exec '{mta.folder}/sendmail' "])
    inside = ["unshare", "--mount", *propagation(), "--uts", "sh", "-c"]
    log = layout.log("sendmail.start")
    with open(log, "wb") as output:
        if subprocess.run([*inside, script + "-bi"], check=False, stdin=subprocess.DEVNULL, stdout=output, stderr=output).returncode:
            raise LabError("sendmail -bi: failed", log)
    for name, config in INSTANCES.items():
        run = f"-bD -q2s -C /etc/mail/{config} -X '{layout.log(f'{name}.maillog')}'"
        layout.processes.start(name, [*inside, script + run], log)
    again = script.replace("exec '", "while sleep 2; do '") + "-Ac -q; done"
    layout.processes.start("sendmail-clientmqueue", [*inside, again], log)


def _etc(layout, mta, below):
    """The machine's, name by name, but for what is the lab's."""
    folder = layout.path("sendmail", "etc-seen")
    for one in (folder, below):
        one.mkdir()
    ours = {"resolv.conf": layout.path("dns", "resolv.conf"), "passwd": layout.path("etc", "passwd"), "mail": mta.etc,
            "sasl2": mta.etc / "sasl"}
    for name in os.listdir("/etc"):
        if name not in ours:
            os.symlink(below / name, folder / name)
    for name, source in ours.items():
        os.symlink(source, folder / name)
    return folder


def _program(mta):
    """One copy is setgid, as the package installs it, for the queue of mail handed in."""
    for source in (package.PROGRAM, package.SMRSH):
        shutil.copy(source, mta.folder)
        (mta.folder / source.name).chmod(0o755)
    shutil.copy(package.PROGRAM, mta.folder / "submit")
    os.chown(mta.folder / "submit", 0, names.SMMSP_UID)
    (mta.folder / "submit").chmod(0o2755)
    for name, mode in FOLDERS.items():
        uid = names.SMMSP_UID if mode == 0o770 else 0
        own_folder(mta.folder / name, uid, mode=mode)
    with open(mta.layout.path("etc", "passwd"), "a") as file:
        file.write(f"smmsp:x:{names.SMMSP_UID}:{names.SMMSP_UID}::/nonexistent:/usr/sbin/nologin\n")
    _script(mta.etc / "sendmail", f'exec {mta.folder}/submit "$@"')
    _script(mta.etc / "deliver", f'export HOME={mta.layout.path("home")}/"$2" USER="$2"\n'
            f'exec /usr/lib/dovecot/dovecot-lda -c {mta.layout.path("etc", "dovecot.conf")} -f "$1"')


def _script(path, text):
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def _maps(mta):
    members = ", ".join(names.LIST_MEMBERS)
    aliases = {**names.ALIASES, names.LIST: members, f"owner-{names.LIST}": "postmaster"}
    (mta.etc / "aliases").write_text("".join(f"{source}: {target}\n" for source, target in aliases.items()))
    rows = "".join(f"{source}\t{target}\n" for source, target in names.VIRTUAL_ALIASES.items())
    subprocess.run([package.MAKEMAP, "-C", mta.etc / "sendmail.cf", "hash", mta.etc / "virtusertable"], input=rows.encode(), check=True)
    interieur.write_dovecot(mta.layout)

