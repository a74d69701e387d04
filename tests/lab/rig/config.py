# SPDX-License-Identifier: Apache-2.0
"""khatm.conf and the registry of both gateways, in the syntax of khatm.conf(5) and government.domains(5)."""

import datetime

from . import names
from .errors import LabError

# What is written, and in this order; `--set` may add to a section what it does not have here.
SECTIONS = ("spool", "inspector", "sealing", "journal")


def write(gateway, socket, fingerprint, mode, overrides):
    """The ministry under test."""
    settings = _settings(gateway, socket, names.OWN, mode)
    for override in overrides:
        _apply(settings, override)
    attaches = ("khatm-submission", "submission"), ("khatm-inbound", "inbound"), ("khatm-local", "local"), ("*", "inbound")
    gateway.config.write_text(_text(settings, attaches))
    _registry(gateway, fingerprint)


def write_peer(gateway, socket, fingerprint):
    """The other ministry only watches: it has nothing to unseal with yet."""
    settings = _settings(gateway, socket, names.PEER, "observe")
    gateway.config.write_text(_text(settings, (("khatm-inbound", "inbound"), ("khatm-local", "local"), ("*", "inbound"))))
    _registry(gateway, fingerprint)


def _settings(gateway, socket, domain, mode):
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
            "rules": '"khatm.rules"',
            "lists": '"lists"',
            "replies": '"notices"',
        },
        "spool": {"directory": f'"{gateway.folder}/spool"'},
        "inspector": {"program": f'"{programs}/khatm-inspector"'},
        "sealing": {
            "program": f'"{programs}/khatm-sealer"',
            "gpg": f'"{programs}/gpg"',
            "homedir": f'"{gateway.folder}/gnupg"',
            "work-directory": f'"{gateway.folder}/work"',
        },
        "journal": {"store": f'"sqlite:{gateway.journal()}"'},
    }


def _apply(settings, override):
    """`sealing.slots=1`, `mode=observe`: the value is written as given, since only the caller knows if it wants quotes."""
    option, equals, value = override.partition("=")
    section, _, name = option.rpartition(".")
    if not equals or not name or section not in settings:
        raise LabError(f"--set {override}: write OPTION=VALUE or SECTION.OPTION=VALUE; sections: {', '.join(SECTIONS)}", status=64)
    settings[section][name] = value


def _text(settings, attaches):
    lines = [f"{name} = {value}" for name, value in settings[""].items()]
    lines += [f'attach "{daemon}" {{ role = {role} }}' for daemon, role in attaches]
    for section in SECTIONS:
        lines += [f"{section} {{", *(f"\t{name} = {value}" for name, value in settings[section].items()), "}"]
    return "\n".join(lines) + "\n"


def _registry(gateway, fingerprint):
    """Three ministries; only finances has a key to seal with."""
    today = datetime.date.today()
    lines = [f"serial  = {today:%Y%m%d}01", f'issued  = "{today}"', 'expires = "2099-12-31"']
    entries = ((names.OWN, "Ministère de l'Intérieur", None), (names.PEER, "Ministère des Finances", fingerprint),
               (names.KEYLESS, "Ministère de la Justice", None))
    for domain, title, key in entries:
        lines += [f'domain "{domain}" {{', f'\tname-fr   = "{title}"', "\tproof     = either", "\tmust-seal = no",
                  f'\tcontact   = "rssi@{domain}"']
        lines += [f'\tkey       = "{key}"'] if key else []
        lines.append("}")
    (gateway.etc / "government.domains").write_text("\n".join(lines) + "\n")
