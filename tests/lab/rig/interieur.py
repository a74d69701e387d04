# SPDX-License-Identifier: Apache-2.0
"""The ministry under test: Postfix for interieur.gov.example with submission, inbound and local users.

Postfix itself refuses no sender and no recipient that it could relay: what is refused here, Khatm refused.
"""

import os
import pwd
import secrets
import subprocess

from pathlib import Path

from . import delivery, names, tls
from .errors import LabError
from .layout import own_folder
from .mta import INBOUND, Mta

SUBMISSION_PORT = 587
LIST_PORT = 2525
EGRESS_PORT = 2603
WIRING = Path(__file__).resolve().parents[3] / "contrib" / "postfix"


def write(layout, milter, options):
    """Everything on disk for instance A. `milter`: a function from the Mta to Postfix's name of the socket, or None.
    options: chroot, ipv6, single_hop, postconf."""
    chroot, ipv6 = options.chroot, options.ipv6
    mta = Mta(layout, "interieur", "postfix", names.OWN_HOST)
    own, jail = layout.address(names.OWN_HOST), "y" if chroot else "n"
    certificate = tls.write(layout, own)
    ports6 = layout.ports6()[:2] if ipv6 else ()
    listeners = _listeners(own, jail, ports6, with_list=not options.single_hop)
    mta.write(_settings(layout, certificate, ipv6), listeners)
    name = milter(mta)
    if name and not options.single_hop:
        _wire(mta, own, name)
    elif name:
        with open(mta.etc / "main.cf", "a") as main:
            main.write(f"smtpd_milters = {name}\nnon_smtpd_milters = {name}\n")
    for setting in options.postconf:
        subprocess.run(["postconf", "-c", mta.etc, "-e", setting], check=True)
    if name and name.startswith("inet:["):  # inet_protocols rules the connections to milters too
        subprocess.run(["postconf", "-c", mta.etc, "-e", "inet_protocols=all"], check=True)
    _maps(mta)
    password = _login(mta, chroot)
    if chroot:
        mta.fill_chroot()
    users(layout)
    return mta, password, ports6


def _wire(mta, own, milter):
    """With the script that administrators have."""
    command = [WIRING / "khatm-postfix", "--apply", "-c", mta.etc, "--milter", milter, "--egress", f"{own}:{EGRESS_PORT}",
               "--bounces", WIRING / "bounce.cf", "--inbound", f"{own}:25/inet", "--submission", f"{own}:{SUBMISSION_PORT}/inet"]
    # postconf waits for the disk at each step.
    done = subprocess.run(command, check=False, capture_output=True, text=True, env={**os.environ, "TMPDIR": "/dev/shm"})
    if done.returncode:
        raise LabError(f"khatm-postfix: {done.stderr.strip()}")


def start(layout, mta):
    mounts = {
        "/etc/resolv.conf": layout.path("dns", "resolv.conf"),
        "/etc/passwd": layout.path("etc", "passwd"),
        # Sieve and cron call sendmail(1) without -C; an unprivileged caller could not name another folder anyway.
        "/etc/postfix": mta.etc,
    }
    mta.start(mounts)
    delivery.start(layout, lambda command: mta.beside(mounts, command))


def _listeners(own, jail, ports6, with_list):
    inbound = INBOUND + " -o smtpd_sasl_auth_enable=no"
    submission = (" -o milter_macro_daemon_name=khatm-submission"
                  " -o smtpd_relay_restrictions=permit_sasl_authenticated,reject_unauth_destination")
    lists = (" -o milter_macro_daemon_name=khatm-local -o smtpd_milters= -o smtpd_sasl_auth_enable=no -o mynetworks=127.0.0.0/8"
             " -o smtpd_relay_restrictions=permit_mynetworks,reject")
    places = [(f"{own}:25", inbound), (f"{own}:{SUBMISSION_PORT}", submission)]
    places += [(f"{own}:{LIST_PORT}", lists)] if with_list else []
    places += list(zip((f"[::1]:{port}" for port in ports6), (inbound, submission)))
    return [f"{place} inet n - {jail} - 100 smtpd{options}" for place, options in places]


def _settings(layout, certificate, ipv6):
    return {
        "myhostname": names.NODE,
        "mydomain": names.OWN,
        "myorigin": names.OWN,
        "mydestination": names.OWN,
        "inet_interfaces": "loopback-only",
        "inet_protocols": "all" if ipv6 else "ipv4",
        "smtp_address_preference": "ipv4",
        "alias_maps": "texthash:" + str(layout.path("postfix", "etc", "aliases")),
        "alias_database": "$alias_maps",
        "recipient_delimiter": "+",
        "virtual_alias_maps": "texthash:" + str(layout.path("postfix", "etc", "virtual")),
        "mail_spool_directory": f"{layout.path('mailbox')}/",
        "mailbox_command_maps": "texthash:" + str(layout.path("postfix", "etc", "mailbox_commands")),
        "mailbox_transport_maps": "texthash:" + str(layout.path("postfix", "etc", "mailbox_transports")),
        "smtpd_relay_restrictions": "reject_unauth_destination",
        "smtpd_tls_security_level": "may",
        "smtpd_tls_chain_files": f"{certificate}",
        "smtpd_sasl_auth_enable": "yes",
        "smtpd_sasl_path": "smtpd",
        "smtpd_sasl_local_domain": names.OWN,
        "cyrus_sasl_config_path": layout.path("postfix", "etc", "sasl"),
    }


def _maps(mta):
    layout = mta.layout
    lda = f"/usr/lib/dovecot/dovecot-lda -c {layout.path('etc', 'dovecot.conf')}"
    tables = {
        "aliases": {**names.ALIASES, names.LIST: f'"|/usr/bin/mlmmj-receive -L {layout.path("liste")}"'},
        "virtual": names.VIRTUAL_ALIASES,
        "mailbox_commands": {user: lda for user in names.SIEVE_REDIRECTS if user not in names.LMTP_USERS},
        "mailbox_transports": {user: f"lmtp:unix:{delivery.socket_of(layout)}" for user in names.LMTP_USERS},
    }
    # texthash: hash: is the same table behind an fsync, which takes seconds on a busy disk.
    for name, rows in tables.items():
        (mta.etc / name).write_text("".join(f"{source} {target}\n" for source, target in rows.items()))
    _list(layout)
    delivery.write(layout)
    write_dovecot(layout)


def write_dovecot(layout):
    """Its delivery program alone: Maildirs and Sieve."""
    layout.path("etc", "dovecot.conf").write_text(f"""protocols =
base_dir = {layout.path('run')}
log_path = /dev/stderr
stats_writer_socket_path =
mail_location = maildir:{layout.path('mailbox')}/%u
postmaster_address = postmaster@{names.OWN}
hostname = {names.NODE}
sendmail_path = /usr/sbin/sendmail
protocol lda {{
  mail_plugins = sieve
}}
plugin {{
  sieve = file:~/.dovecot.sieve
}}
""")


def _list(layout):
    """As mlmmj-make-ml lays it out. It sends by SMTP to a service of its own, where no milter refuses one member's copy:
    mlmmj would then hold back all the others."""
    home, nobody = layout.path("liste"), pwd.getpwnam("nobody").pw_uid
    for part in ("", "incoming", "queue", "queue/discarded", "archive", "text", "subconf", "unsubconf", "bounce", "control",
                 "moderation", "subscribers.d", "digesters.d", "requeue", "nomailsubs.d"):
        own_folder(home / part, nobody, mode=0o755)
    for name, text in {"control/listaddress": f"{names.LIST}@{names.OWN}", "control/owner": f"postmaster@{names.OWN}",
                       "control/relayhost": layout.address(names.OWN_HOST), "control/smtpport": str(LIST_PORT), "index": "0",
                       **{f"subscribers.d/{one[0]}": one for one in names.LIST_MEMBERS}}.items():
        _owned_file(home / name, text + "\n", nobody)


def _login(mta, chroot):
    """One account in a private sasldb. A chrooted smtpd opens it only once it is inside, hence its place and two names."""
    database = mta.queue / "etc" / "sasldb2" if chroot else mta.etc / "sasldb2"
    database.parent.mkdir(exist_ok=True)
    password = make_login(database, pwd.getpwnam("postfix").pw_gid)
    write_sasl(mta.etc / "sasl" / "smtpd.conf", "/etc/sasldb2" if chroot else database)
    return password


def make_login(database, group):
    password = secrets.token_urlsafe(12)
    user, _, realm = names.LOGIN.partition("@")
    subprocess.run(["saslpasswd2", "-p", "-c", "-f", database, "-u", realm, user], input=password.encode(), check=True)
    os.chown(database, 0, group)
    database.chmod(0o640 if group else 0o600)
    return password


def write_sasl(path, database):
    """What Cyrus SASL reads for a service of that name."""
    path.parent.mkdir()
    path.write_text(f"pwcheck_method: auxprop\nauxprop_plugin: sasldb\nmech_list: PLAIN LOGIN\nsasldb_path: {database}\n")


def users(layout):
    """Accounts that only the namespace of this Postfix knows, each with a home, a Maildir and what forwards its mail."""
    with open("/etc/passwd") as file:
        lines = [file.read().rstrip("\n")]
    layout.path("mailbox").mkdir()
    layout.path("home").mkdir()
    for number, user in enumerate(names.MAILBOXES):
        uid = names.FIRST_USER_UID + number
        home = own_folder(layout.path("home", user), uid, mode=0o755)
        lines.append(f"{user}:x:{uid}:{uid}:{user}:{home}:/usr/sbin/nologin")
        for part in ("", "tmp", "new", "cur"):
            own_folder(layout.path("mailbox", user, part), uid)
        if user in names.FORWARDS:
            _owned_file(home / ".forward", names.FORWARDS[user] + "\n", uid)
        if user in names.SIEVE_REDIRECTS:
            _owned_file(home / ".dovecot.sieve", f'redirect "{names.SIEVE_REDIRECTS[user]}";\n', uid)
    layout.path("etc", "passwd").write_text("\n".join(lines) + "\n")


def _owned_file(path, text, uid):
    path.write_text(text)
    os.chown(path, uid, uid)
    path.chmod(0o644)


def users_missing():
    """Names of the lab that the machine already uses, which its own passwd would win."""
    known = {entry.pw_name for entry in pwd.getpwall()}
    return sorted(known.intersection(names.MAILBOXES))
