# SPDX-License-Identifier: Apache-2.0
"""khatm.conf and the registry of both gateways, in the syntax of khatm.conf(5) and government.domains(5)."""

import datetime

from . import keys, names
from .errors import LabError

SECTIONS = ("spool", "inspector", "ocr", "resolver", "authenticator", "sealing", "dkim", "wkd", "journal", "tickets")
TITLED = ("attach", "machine", "dkim-key")


def write(gateway, socket, fingerprints, authority, server, options):
    """The ministry under test. `fingerprints`: of the peer's key, and of its own that signs, if any; `server`: ADDRESS@PORT
    of the DNS it asks; options: mode, set, single_hop."""
    settings = _settings(gateway, socket, names.OWN, options.mode, authority, server)
    settings["attach.khatm-submission"] = {"role": "submission"}
    if not options.single_hop:
        settings[""]["seal-at"] = "egress"
        settings["attach.khatm-egress"] = {"role": "egress"}
        settings["tickets"] = {"keys": f'"{gateway.ticket_keys()}"'}
    if fingerprints[1]:
        settings["sealing"].update({"sign-homedir": f'"{gateway.folder}/signing"', "signing-key": f'"{fingerprints[1]}"'})
    for override in options.set:
        _apply(settings, override)
    gateway.config.write_text(_text(settings))
    _registry(gateway, *fingerprints, authority)


def write_peer(gateway, socket, fingerprints, authority, server):
    """The other ministry only watches."""
    gateway.config.write_text(_text(_settings(gateway, socket, names.PEER, "observe", authority, server)))
    _registry(gateway, *fingerprints, authority)


def write_opening_peer(gateway, socket, fingerprints, authority, server, unsigned):
    """The other ministry opens what is sealed for it. Mail from the first comes over loopback: who handed it in there is
    the client that SPF is asked of. `fingerprints`: of the peer's key and of the key that signs for the first."""
    settings = _settings(gateway, socket, names.PEER, "enforce", authority, server)
    settings["attach.khatm-inbound"]["relays"] = '{ "127.0.0.0/8" }'
    settings["attach.khatm-submission"] = {"role": "submission"}
    settings["unsealing"] = {"homedir": f'"{gateway.folder}/unsealing"', "unsigned": unsigned}
    settings[""]["languages"] = '{ "en" }'
    gateway.config.write_text(_text(settings))
    _registry(gateway, *fingerprints, authority)


def _settings(gateway, socket, domain, mode, authority, server):
    """Values as they are written, quoted where the syntax wants it."""
    programs = gateway.bin
    return {
        "": {
            "node": f'"{gateway.node}"',
            "socket": f'"{socket}"',
            "mode": mode,
            "seal-at": "submission",
            "local-domains": f'{{ "{domain}" }}',
            "registry": '"government.domains"',
            "authority": f'"{authority}"',
            "state": f'"{gateway.folder}/state"',
            "rules": '"khatm.rules"',
            "lists": '"lists"',
            "markings": '"markings"',
            "replies": '"notices"',
        },
        "attach.khatm-inbound": {"role": "inbound"},
        "attach.khatm-local": {"role": "local"},
        "attach.*": {"role": "inbound"},
        "spool": {"directory": f'"{gateway.folder}/spool"'},
        "inspector": {"program": f'"{programs}/khatm-inspector"'},
        # Unsigned as it is, the lab's little Internet does not fit the keys of the real root.
        "resolver": {"servers": f'{{ "{server}" }}', "dnssec": "off"},
        "authenticator": {"program": f'"{programs}/khatm-authenticator"'},
        "sealing": {
            "program": f'"{programs}/khatm-sealer"',
            "gpg": f'"{programs}/gpg"',
            "homedir": f'"{gateway.folder}/gnupg"',
            "work-directory": f'"{gateway.folder}/work"',
        },
        "journal": {"store": f'"sqlite:{gateway.journal()}"'},
    }


def _apply(settings, override):
    """`mode=observe`, `sealing.slots=1`, `machine.scanner.from="a@b"`: the value is written as given, since only the
    caller knows whether it wants quotes."""
    option, equals, value = override.partition("=")
    section, _, name = option.rpartition(".")
    kind, _, title = section.partition(".")
    known = section in ("", *SECTIONS) or (kind in TITLED and title)
    if not equals or not name or not known:
        raise LabError(f"--set {override}: write OPTION=VALUE, SECTION.OPTION=VALUE or SECTION.TITLE.OPTION=VALUE; "
                       f"sections: {', '.join(SECTIONS + TITLED)}", status=64)
    settings.setdefault(section, {})[name] = value


def _text(settings):
    lines = []
    for section, options in settings.items():
        kind, dot, title = section.partition(".")
        lines += [f'{kind} "{title}" {{' if dot else f"{kind} {{"] if section else []
        lines += [("\t" if section else "") + f"{name} = {value}" for name, value in options.items()]
        lines += ["}"] if section else []
    return "\n".join(lines) + "\n"


def _registry(gateway, fingerprint, signer, authority):
    """Three ministries; finances has a key to seal with, the first may have one that signs.
    Signed by the lab's authority, whose key lies beside it."""
    today = datetime.datetime.now(datetime.timezone.utc).date()
    lines = [f"serial  = {today:%Y%m%d}01", f'issued  = "{today}"', 'expires = "2099-12-31"']
    entries = ((names.OWN, "Ministère de l'Intérieur", "signing-key", signer),
               (names.PEER, "Ministère des Finances", "key", fingerprint), (names.KEYLESS, "Ministère de la Justice", "key", None))
    for domain, title, use, key in entries:
        lines += [f'domain "{domain}" {{', f'\tname-fr   = "{title}"', "\tproof     = either", "\tmust-seal = no",
                  f'\tcontact   = "rssi@{domain}"']
        lines += [f'\t{use:<9} = "{key}"'] if key else []
        lines.append("}")
    registry, home = gateway.etc / "government.domains", gateway.layout.path("authority", "gnupg")
    registry.write_text("\n".join(lines) + "\n")
    keys.sign(home, authority, registry)
    (gateway.etc / "authority.asc").write_bytes(keys.export(home, authority))
