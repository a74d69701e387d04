# SPDX-License-Identifier: Apache-2.0
"""Start a lab, part by part, and write DIR/env once everything answers."""

import os
import shlex
import shutil
import socket
import time
from pathlib import Path

from . import (clock, config, down, finances, gateway, interieur, keys, layout as layouts, names, sendmail, sinks,
               zone)
from .errors import LabError
from .gateway import Gateway

ANSWER_S = 90.0


def run(options):
    """Returns the line to print. Whatever fails, nothing that was started stays."""
    began = time.monotonic()
    strangers = interieur.users_missing()
    if strangers:
        raise LabError(f"this machine has accounts the lab needs for itself: {' '.join(strangers)}")
    layout = layouts.create(options.directory)
    try:
        variables = _start(layout, options)
    except BaseException as error:
        down.stop(layout)
        if isinstance(error, (LabError, KeyboardInterrupt)):
            raise
        raise LabError(f"{type(error).__name__}: {error}") from error
    _write_env(layout, variables)
    return f"lab up in {time.monotonic() - began:.1f} s: {layout.block}.*, variables in {layout.directory / 'env'}"


def restart_khatmd(directory):
    layout, state = layouts.load(directory)
    if "milter" not in state:
        raise LabError("this lab runs without khatmd")
    layout.processes.stop("khatmd")
    own = own_gateway(layout)
    own.wait(own.start(_build()), state["milter"])
    return f"khatmd restarted, pid {layout.processes.pid('khatmd')}"


def own_gateway(layout):
    return Gateway(layout, "khatmd", "khatm", names.NODE, names.KHATM_UID)


def peer_gateway(layout):
    return Gateway(layout, "khatmd-peer", "peer/khatm", names.PEER_NODE, names.PEER_KHATM_UID)


def _start(layout, options):
    with_khatmd = not options.no_khatmd
    if with_khatmd and not (_build() / "khatmd").exists():
        raise LabError(f"{_build() / 'khatmd'} is missing; run make, or give --no-khatmd")
    layout.path("peer").mkdir()
    os.symlink(keys.GPG, layout.path("bin", "gpg"))
    zone.start(layout, options.zone)
    sinks.start(layout, with_peer=options.sink_peer, own_mail_peer=not options.sink_peer)
    fingerprint = keys.generate(layout.path("peer", "gnupg"), names.GATEWAY_KEY)
    authority = keys.generate(layout.path("authority", "gnupg"), names.AUTHORITY_KEY, who="Authority", encrypts=False)

    own = sendmail if options.sendmail else interieur
    spec = _milter_spec(layout, options) if with_khatmd else None
    mta, password, ports6 = own.write(
        layout, lambda it: _attach(it, names.KHATM_UID, spec), options)
    peer = None
    if not options.sink_peer:
        peer_spec = f"unix:{layout.path('peer', 'postfix', 'queue', 'khatm', 'milter.sock')}" if with_khatmd else None
        peer = finances.write(layout, lambda it: _attach(it, names.PEER_KHATM_UID, peer_spec))
    _wait("DNS", lambda: zone.answers(layout), layout.log("nsd.log"))
    if with_khatmd:
        _start_khatmds(layout, options, fingerprint, authority, spec, peer and peer_spec)
    own.start(layout, mta)
    if peer:
        finances.start(layout, peer)
    _wait_for_mail(layout, options, ports6)
    layout.save(milter=spec) if spec else layout.save()
    return _variables(layout, options, password, ports6, fingerprint, authority, spec)


def _start_khatmds(layout, options, fingerprint, authority, spec, peer_spec):
    key = keys.export(layout.path("peer", "gnupg"), fingerprint)
    signer = keys.generate(layout.path("peer", "gnupg-interieur"), names.OWN_GATEWAY_KEY, encrypts=False)
    # Who reads at the far end can verify.
    keys.take(layout.path("peer", "gnupg"), keys.export(layout.path("peer", "gnupg-interieur"), signer))
    own = own_gateway(layout)
    own.prepare(options.spool_size)
    keys.import_for(own.folder / "gnupg", own.uid, key)
    if not options.single_hop:
        own.make_ticket_keys(_build(), options.ticket_keys)
    if not options.unsigned:
        keys.copy_secret(layout.path("peer", "gnupg-interieur"), own.folder / "signing", own.uid)
    config.write(own, spec, (fingerprint, None if options.unsigned else signer), authority, _dns(layout, options), options)
    if options.clock:
        clock.make(own)
    waiting = [(own, own.start(_build()), spec)]
    if peer_spec:
        peer = peer_gateway(layout)
        peer.prepare(options.spool_size)
        if options.peer_unseal:
            _let_open(layout, peer, peer_spec, (fingerprint, signer), authority, options.peer_unseal)
        else:
            keys.import_for(peer.folder / "gnupg", peer.uid, key)
            config.write_peer(peer, peer_spec, (fingerprint, signer), authority, _dns(layout))
        waiting.append((peer, peer.start(_build()), peer_spec))
    for one, child, place in waiting:
        one.wait(child, place)


def _let_open(layout, peer, spec, fingerprints, authority, unsigned):
    """The peer gets its secret key, and the public one that signs for the other side."""
    fingerprint, signer = fingerprints
    both = keys.export(layout.path("peer", "gnupg"), fingerprint) + keys.export(layout.path("peer", "gnupg-interieur"), signer)
    keys.import_for(peer.folder / "gnupg", peer.uid, both)
    keys.copy_secret(layout.path("peer", "gnupg"), peer.folder / "unsealing", peer.uid)
    config.write_opening_peer(peer, spec, fingerprints, authority, _dns(layout), unsigned)


def _dns(layout, options=None):
    """The server that a khatmd asks: the lab's own, or for ours the one the caller names."""
    return options and options.dns or f"{layout.address(names.DNS_HOST)}@53"


def _build():
    return Path(os.environ.get("KHATM_BUILD") or gateway.CHECKOUT / "build").resolve()


def _milter_spec(layout, options):
    """As khatm.conf names the socket. An inet port is on an address of our block, so any fixed port is free."""
    kind = options.milter
    if kind == "unix" and options.sendmail:
        return f"unix:{layout.path('sendmail', 'khatm', 'milter.sock')}"
    if kind == "unix":
        return f"unix:{layout.path('postfix', 'queue', 'khatm', 'milter.sock')}"
    if kind == "inet":
        return f"inet:8899@{layout.address(names.OWN_HOST)}"
    return f"inet6:{layout.ports6()[2]}@::1"


def _attach(mta, uid, spec):
    """As the MTA names the same socket."""
    if spec is None:
        return None
    kind, _, place = spec.partition(":")
    if kind == "unix":
        return mta.milter_folder(uid)
    if isinstance(mta, sendmail.Sendmail):
        return spec
    port, _, host = place.partition("@")
    return f"inet:[{host}]:{port}" if kind == "inet6" else f"inet:{host}:{port}"


def _wait_for_mail(layout, options, ports6):
    own = layout.address(names.OWN_HOST)
    places = [(own, 25), (own, interieur.SUBMISSION_PORT)] + [("::1", port) for port in ports6]
    places += [] if options.single_hop or options.no_khatmd else [(own, interieur.EGRESS_PORT)]
    for place in places:
        _wait(f"interieur on {place[0]} port {place[1]}", lambda place=place: _greets(place),
              layout.log("interieur.maillog"))
    for address in sinks.addresses(layout, options.sink_peer):
        _wait(f"sink on {address}", lambda address=address: _greets((address, 25)), layout.log("sinks.log"))
    if not options.sink_peer:
        _wait("finances", lambda: _greets((layout.address(names.PEER_HOST), 25)), layout.log("finances.maillog"))


def _greets(place):
    try:
        with socket.create_connection(place, timeout=2) as talk:
            return talk.recv(4) == b"220 "
    except OSError:
        return False


def _wait(what, answers, log):
    end = time.monotonic() + ANSWER_S
    while not answers():
        if time.monotonic() > end:
            raise LabError(f"{what} does not answer after {ANSWER_S:g} s", log)
        time.sleep(0.02)


def _variables(layout, options, password, ports6, fingerprint, authority, spec):
    own, peer = own_gateway(layout), peer_gateway(layout)
    inside, outside = layout.directory, layout.outside
    address = layout.address(names.OWN_HOST)
    variables = {
        "SUBMISSION": f"{address}:{interieur.SUBMISSION_PORT}",
        "INBOUND": f"{address}:25",
        "PEER_INBOUND": f"{layout.address(names.PEER_HOST)}:25",
        "LOGIN": names.LOGIN,
        "PASSWORD": password,
        "CA": inside / "tls" / "ca.pem",
        "CONF": inside / "etc" / "khatm.conf",
        "SINK": inside / "sink",
        "MAILBOX": inside / "mailbox",
        "PEER_MAILBOX": inside / "peer" / "mailbox",
        "GNUPGHOME_PEER": layout.path("peer", "gnupg"),
        "MILTER": spec or "",
        "PIDFILE": outside(own.pidfile),
        "JOURNAL": outside(own.journal()),
        "DNS": _dns(layout, options),
        # Beyond the contract.
        "LAB": inside,
        "LAB_BLOCK": layout.block,
        "LAB_ROOT": layout.root,
        "LOGS": inside / "log",
        "MAILLOG": inside / "log" / ("sendmail.maillog" if options.sendmail else "interieur.maillog"),
        "KHATMD_LOG": own.log,
        "BIN": inside / "bin",
        "GPG": inside / "bin" / "gpg",
        "SPOOL": own.folder / "spool",
        "SEALING_HOME": outside(own.folder / "gnupg"),
        "CLOCK": outside(own.folder / clock.NAME),
        "SEALING_WORK": outside(own.folder / "work"),
        "SIGNING_HOME": outside(own.folder / "signing"),
        "REGISTRY": inside / "etc" / "government.domains",
        "AUTHORITY": authority,
        "AUTHORITY_HOME": layout.path("authority", "gnupg"),
        "STATE": outside(own.folder / "state"),
        "KHATM_UID": names.KHATM_UID,
        "PEER_FINGERPRINT": fingerprint,
        "GNUPGHOME_OWN": layout.path("peer", "gnupg-interieur"),
        "PEER_UNSEALING": outside(peer.folder / "unsealing"),
        "PEER_LOG": peer.log,
        "PEER_CONF": outside(peer.config),
        "PEER_MILTER": f"unix:{layout.path('peer', 'postfix', 'queue', 'khatm', 'milter.sock')}",
        "PEER_PIDFILE": outside(peer.pidfile),
        "PEER_JOURNAL": outside(peer.journal()),
        "POSTFIX_ETC": layout.path("postfix", "etc"),
        "POSTFIX_QUEUE": layout.path("postfix", "queue"),
        "PEER_POSTFIX_ETC": layout.path("peer", "postfix", "etc"),
    }
    if not options.single_hop:
        variables.update(EGRESS=f"{address}:{interieur.EGRESS_PORT}", TICKET_KEYS=outside(own.ticket_keys()))
    if options.sendmail:
        variables.update(SENDMAIL=layout.path("sendmail"), SENDMAIL_PID=layout.processes.pid("sendmail"),
                         SENDMAIL_EGRESS_PID=layout.processes.pid("sendmail-egress"))
    if ports6:
        variables.update(INBOUND6=f"[::1]:{ports6[0]}", SUBMISSION6=f"[::1]:{ports6[1]}")
    return variables


def _write_env(layout, variables):
    text = "".join(f"{name}={shlex.quote(str(value))}\n" for name, value in variables.items())
    draft = layout.directory / "run" / "env.new"
    draft.write_text(text)
    shutil.move(draft, layout.directory / "env")
