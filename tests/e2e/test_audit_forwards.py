# SPDX-License-Identifier: Apache-2.0
"""`khatm audit forwards` on a prepared server: Postfix's own configuration, maps of every type, made and asked by the real
postmap, real mlmmj lists, accounts with .forward and Sieve scripts. Each planted forward is found with file and line; none
of its honest neighbours is."""

import os
import pathlib
import shutil
import sqlite3
import subprocess
import tempfile

import pytest
from gateway import BUILD
from prepared import BOTH, CONFIG, FOUND, NOTHING, OWN, PEER, PLANTED, UNREAD, USAGE, Server


@pytest.fixture
def server():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="khatm-audit-"))
    folder.chmod(0o755)  # users must get to their homes
    yield Server(folder / "server")
    shutil.rmtree(folder)


ALIASES = f"""# chef: in.a.comment@gmail.com
postmaster: root
root: agent, adjoint@{PEER}
chef: ex.chef@gmail.com {PLANTED} ex.chef@gmail.com
"le directeur": agent,
   (un commentaire, avec virgule@gmail.com) "Le Directeur" <perso@hotmail.com>, {PLANTED} perso@hotmail.com
# au milieu d'une ligne
   directeur@{PEER}, autre@yahoo.fr {PLANTED} autre@yahoo.fr
archive: /var/mail/archive, agent@localhost, chef@mx.{OWN}
absent: \\agent, "|/usr/bin/vacation absent"
robot: "|/usr/local/bin/traite --pour x@gmail.com" {PLANTED} /usr/local/bin/traite|--pour|x@gmail.com
ruse: "|/usr/bin/vacation a; mail b@gmail.com" {PLANTED} /usr/bin/vacation|a;|mail|b@gmail.com
tous: :include:%INCLUDED%
route: perso%gmail.com@{OWN} {PLANTED} perso%gmail.com@{OWN}
ambigu: agent@inter1eur.gov.example {PLANTED} agent@inter1eur.gov.example
liste: "|/usr/bin/mlmmj-receive -L %LIST%/"
"""

INCLUDED = f"""# tous@gmail.com
agent
fournisseur@example.org {PLANTED} fournisseur@example.org
adjoint@{PEER}, :include:%INNER%
"""


def spaced(targets):
    """A target with blanks is written with | in the expectation."""
    return sorted((file, line, target.replace("|", " ")) for file, line, target in targets)


def plant_aliases(server, kind):
    """Aliases of one type of map, with all that aliases(5) knows."""
    inner = server.file(server.etc / "inner", f"agent@{OWN}\nloin@gmail.com {PLANTED} loin@gmail.com\n")
    included = server.file(server.etc / "included", INCLUDED.replace("%INNER%", str(inner)))
    plain = server.folder / "elsewhere" / "membres"
    make_list(server, plain, f"agent@{OWN}", "membre@gmail.com")
    server.expected.append((str(plain / "subscribers.d" / "m"), 1, "membre@gmail.com"))
    path = server.file(server.etc / "aliases", ALIASES.replace("%INCLUDED%", str(included)).replace("%LIST%", str(plain)))
    server.set("alias_maps", f"{kind}:{path}")
    return f"{kind}:{path}"


def make_list(server, path, *members):
    """mlmmj's folders; members by the real mlmmj-sub."""
    for folder in ("subscribers.d", "digesters.d", "nomailsubs.d", "control", "text", "queue", "queue/discarded", "incoming", "subconf",
                   "unsubconf", "requeue", "bounce", "archive", "moderation"):
        (path / folder).mkdir(parents=True, exist_ok=True)
    (path / "control" / "listaddress").write_text(f"{path.name}@{OWN}\n")
    (path / "control" / "owner").write_text(f"agent@{OWN}\n")
    for member in members:
        subprocess.run(["/usr/bin/mlmmj-sub", "-L", path, "-a", member, "-f", "-q", "-s"], check=True, capture_output=True)


@pytest.mark.parametrize("kind", ["hash", "btree", "lmdb"])
def test_aliases(server, kind):
    table = plant_aliases(server, kind)
    server.finish().postmap(table)
    found = server.found()
    assert found == spaced(server.expected)
    classes = {one["target"]: (one["source"], one["class"], one["key"]) for one in server.answer["forwards"]}
    assert classes["ex.chef@gmail.com"] == ("alias", "consumer", "chef")
    assert classes["loin@gmail.com"] == ("include", "consumer", "tous")
    assert classes["fournisseur@example.org"][1] == "other"
    assert classes["agent@inter1eur.gov.example"][1] == "lookalike"
    assert classes[f"perso%gmail.com@{OWN}"][1] == "malformed"
    assert classes["membre@gmail.com"] == ("list", "consumer", f"membres@{OWN}")
    assert classes["/usr/local/bin/traite --pour x@gmail.com"][1] == "unknown"


VIRTUAL = f"""# virtual
secretariat@{OWN}  perso@gmail.com {PLANTED} perso@gmail.com
accueil@{OWN}      agent@{OWN}, adjoint@{PEER}
@ancien.{OWN}      @{OWN}
@autre.{OWN}       @gmail.com {PLANTED} @gmail.com
deux@{OWN}         agent x@yahoo.fr {PLANTED} x@yahoo.fr
suite@{OWN}
    agent@{OWN},
    plus.loin@hotmail.com {PLANTED} plus.loin@hotmail.com
"""


@pytest.mark.parametrize("kind", ["hash", "btree", "lmdb", "texthash"])
def test_virtual(server, kind):
    path = server.file(server.etc / "virtual", VIRTUAL)
    server.set("virtual_alias_maps", f"{kind}:{path}")
    server.finish()
    if kind != "texthash":
        server.postmap(f"{kind}:{path}")
    assert server.found() == spaced(server.expected)


PATTERNS = f"""/^commentaire@/ agent@{OWN}
if /@{OWN}$/
/^vieux-(.*)@{OWN}$/i   $1@gmail.com {PLANTED} $1@gmail.com
/^([^+]+)\\+.*@(interieur\\.gov\\.example)$/  ${{1}}@$2
endif
/^(.*)@(finances\\.gov\\.example|gmail\\.com)$/  x@$2 {PLANTED} x@$2
!/^(.*)@(.*)$/  agent
/^(.+)$/  $1 {PLANTED} $1
/^(.*)@(.*)\\.vieux$/  $1@$2 {PLANTED} $1@$2
"""


@pytest.mark.parametrize("kind", ["regexp", "pcre"])
def test_patterns(server, kind):
    path = server.file(server.etc / "patterns", PATTERNS)
    server.set("virtual_alias_maps", f"{kind}:{path}")
    assert server.finish().found() == spaced(server.expected)
    classes = {one["target"]: one["class"] for one in server.answer["forwards"]}
    assert classes == {"$1@gmail.com": "consumer", "x@$2": "consumer", "$1": "unknown", "$1@$2": "unknown"}


def test_tables_in_the_setting(server):
    server.set("virtual_alias_maps", f"inline:{{ a@{OWN}=agent, {{ b@{OWN} = x@gmail.com, agent }} }}, {PLANTED} x@gmail.com")
    server.set("recipient_canonical_maps", f"static:{{a@yahoo.fr}} {PLANTED} a@yahoo.fr")
    union = server.file(server.etc / "union", f"c@{OWN} y@hotmail.com {PLANTED} y@hotmail.com\n")
    server.set("canonical_maps", f"proxy:unionmap:{{ texthash:{union}, static:agent@{OWN} }}")
    first = server.file(server.etc / "first", f"d@{OWN} z@gmail.com\n")
    server.set("lmtp_generic_maps", f"pipemap:{{ texthash:{first}, inline:{{ z@gmail.com=agent }} }}")
    server.finish()
    assert server.found() == spaced(server.expected)


def test_copies_and_catch_alls(server):
    server.set("always_bcc", f"archives@gmail.com {PLANTED} archives@gmail.com")
    server.set("luser_relay", f"$user@yahoo.fr {PLANTED} $user@yahoo.fr")
    server.set("bounce_notice_recipient", f"admin@hotmail.com {PLANTED} admin@hotmail.com")
    server.set("error_notice_recipient", f"postmaster@{PEER}")
    server.set("sender_canonical_maps", f"inline:{{agent=agent@gmail.com, x=agent@{OWN}}} {PLANTED} agent@gmail.com")
    for name in ("recipient_bcc_maps", "sender_bcc_maps"):
        path = server.file(server.etc / name, f"agent@{OWN} copie@gmail.com {PLANTED} copie@gmail.com\nadjoint@{OWN} agent\n")
        server.set(name, f"hash:{path}")
    server.finish().postmap(*(f"hash:{server.etc / name}" for name in ("recipient_bcc_maps", "sender_bcc_maps")))
    assert server.found() == spaced(server.expected)


def test_actions(server):
    access = server.file(server.etc / "access",
                         f"spam@{OWN} REDIRECT poubelle@gmail.com {PLANTED} poubelle@gmail.com\nagent@{OWN} OK\n"
                         f"chef@{OWN} BCC copie@yahoo.fr {PLANTED} copie@yahoo.fr\nx@{OWN} REDIRECT agent@{OWN}\n"
                         f"y@{OWN} REJECT write to y@gmail.com\n")
    checks = server.file(server.etc / "checks",
                         f"/^Subject: *facture/ REDIRECT compta@gmail.com {PLANTED} compta@gmail.com\n/^X-Spam/ REDIRECT agent@{OWN}\n"
                         "/^X-A/ WARN a@gmail.com\n")
    server.set("facture", f"check_recipient_access texthash:{access}")
    server.set("smtpd_restriction_classes", "facture")
    server.set("smtpd_recipient_restrictions", "facture, reject_unauth_destination")
    server.set("header_checks", f"regexp:{checks}")
    assert server.finish().found() == spaced(server.expected)


def test_services_of_their_own(server):
    server.master(f"smtp inet n - n - - smtpd\n  -o cleanup_service_name=other\nother unix n - n - 0 cleanup\n"
                  f"  -o syslog_name=other\n  -o always_bcc=copie@gmail.com {PLANTED} copie@gmail.com\n"
                  f"third unix n - n - 0 cleanup\n  -o always_bcc=agent@{OWN}\n")
    assert server.finish().found() == spaced(server.expected)


def test_forward_files(server):
    server.theirs("renvoi", ".forward", f"# perso@gmail.com\n\\renvoi\nperso@hotmail.com {PLANTED} perso@hotmail.com\n")
    server.theirs("extension", ".forward+vacances", f"agent, ailleurs@gmail.com {PLANTED} ailleurs@gmail.com\n")
    server.theirs("commande", ".forward",
                  f'"|IFS=\' \' && exec /usr/bin/procmail" {PLANTED} IFS=\'|\'|&&|exec|/usr/bin/procmail\n')
    server.theirs("honnete", ".forward", f"agent@{OWN}, honnete, /dev/null, \"|/usr/lib/dovecot/dovecot-lda -f x\"\n")
    server.theirs("honnete", "forward", "pas.un.forward@gmail.com\n")
    server.user("rien")
    assert server.finish().found() == spaced(server.expected)
    assert {one["key"] for one in server.answer["forwards"]} == {"renvoi", "extension", "commande"}


def test_forward_path(server):
    server.set("forward_path", f"{server.folder}/forwards/${{user}}, $home/.other")
    server.file(server.folder / "forwards" / "un", f"x@gmail.com {PLANTED} x@gmail.com\n")
    server.theirs("un", ".other", f"y@gmail.com {PLANTED} y@gmail.com\n")
    server.theirs("un", ".forward", "z@gmail.com\n")
    assert server.finish().found() == spaced(server.expected)


PROCMAIL = f"""# ! commentaire@gmail.com
SHELL=/bin/sh
:0 c
* ^Subject: ! objet@gmail.com
! copie@gmail.com {PLANTED} copie@gmail.com
:0:
dossier/x@gmail.com
:0
* ^From.*chef
{{
  :0
  ! -oi perso@hotmail.com, agent@{OWN} {PLANTED} perso@hotmail.com
}}
:0 w
| /usr/lib/dovecot/dovecot-lda -d agent
:0
| /usr/local/bin/traite y@gmail.com {PLANTED} /usr/local/bin/traite|y@gmail.com
DEST=`cat /var/lib/dest` {PLANTED} `cat|/var/lib/dest`
TRAP="/usr/local/bin/fin" {PLANTED} /usr/local/bin/fin
:0
! $DEST {PLANTED} $DEST
:0
! $LOGNAME@gmail.com $LOGNAME@{OWN} {PLANTED} $LOGNAME@gmail.com
:0
X=| formail -x {PLANTED} |formail|-x
:0
! adjoint@{PEER} \\
  agent@{OWN}
LOG="! journal@gmail.com"
INCLUDERC=$HOME/.procmail/plus
INCLUDERC=/nonexistent
"""


def test_procmail(server):
    server.set("mailbox_command", "/usr/bin/procmail -a \"$EXTENSION\"")
    server.theirs("trieur", ".procmailrc", PROCMAIL)
    server.theirs("trieur", ".procmail/plus", f":0\n! inclus@yahoo.fr {PLANTED} inclus@yahoo.fr\n")
    server.theirs("autre", ".forward", "\"|/usr/bin/procmail\"\n")
    server.theirs("autre", ".procmailrc", f":0\n* ^TO_x\nboite\n:0\n! agent@{OWN}\n")
    found = [(file, line, target) for file, line, target in server.finish().found()]
    assert found == sorted((file, line, target.replace("|", " ").replace(" formail", "| formail")) for file, line, target in server.expected)
    assert {one["source"] for one in server.answer["forwards"]} == {"procmail"}
    assert server.answer["unread"] == []


def test_procmail_of_everybody(server):
    """/etc/procmailrc, and a command that names another file than what is read."""
    server.system = server.folder / "system"
    server.file(server.system / "procmailrc", f"INCLUDERC=$HOME/$X\n:0 c\n! archives@gmail.com {PLANTED} archives@gmail.com\n")
    server.file(server.system / "procmailrcs" / "lists", f":0\n! listes@gmail.com {PLANTED} listes@gmail.com\n")
    server.set("mailbox_command", f"/usr/bin/procmail -m /srv/rc {PLANTED} /usr/bin/procmail|-m|/srv/rc")
    found = server.finish().found(code=BOTH)
    assert [one for one in found if not one[0].startswith("/etc/")] == spaced([one for one in server.expected if "/system/" not in one[0]])
    assert [one for one in found if one[0].startswith("/etc/")] == [
        ("/etc/procmailrc", 3, "archives@gmail.com"), ("/etc/procmailrcs/lists", 2, "listes@gmail.com")]
    assert [one["what"] for one in server.answer["unread"]] == ["/etc/procmailrc"]


def dovecot(server, plugin, more=""):
    """Its configuration, as doveconf reads it."""
    path = server.folder / "dovecot.conf"
    path.write_text(f"protocols =\nmail_home = {server.folder}/vmail/%d/%n\n{more}plugin {{\n{plugin}}}\n")
    return path


def test_scripts_that_dovecot_names(server):
    """Of everybody, of virtual users, and of IMAP folders."""
    place, virtual = server.folder / "dovecot", server.folder / "vmail" / OWN / "agent"
    server.file(place / "before.d" / "copie.sieve", f'redirect :copy "avant@gmail.com"; {PLANTED} avant@gmail.com\n')
    server.file(place / "before2.sieve", f'redirect "avant2@gmail.com"; {PLANTED} avant2@gmail.com\n')
    server.file(place / "default.sieve", f'redirect "adjoint@{PEER}";\n')
    server.file(place / "after.sieve", f'redirect "apres@yahoo.fr"; {PLANTED} apres@yahoo.fr\n')
    server.file(place / "spam.sieve", f'redirect "spam@gmail.com"; {PLANTED} spam@gmail.com\n')
    server.file(place / "rien.sieve", 'redirect "rien@gmail.com";\n')
    server.file(virtual / ".dovecot.sieve", f'redirect "virtuel@gmail.com"; {PLANTED} virtuel@gmail.com\n')
    server.file(virtual / "sieve" / "vacances.sieve", f'redirect "vacances@gmail.com"; {PLANTED} vacances@gmail.com\n')
    conf = dovecot(server, f"""  sieve = file:~/sieve;active=~/.dovecot.sieve
  sieve_before = {place}/before.d
  sieve_before2 = file:{place}/before2.sieve;name=deux
  sieve_default = {place}/default.sieve
  sieve_after = {place}/after.sieve
  sieve_user_log = {place}/rien.sieve
  imapsieve_mailbox1_before = file:{place}/spam.sieve
""")
    found = [(file, line, target.strip()) for file, line, target in server.finish().found("--dovecot", conf)]
    assert found == spaced(server.expected)


def test_homes_of_a_user_database(server):
    server.file(server.folder / "home2" / OWN / "chef" / ".dovecot.sieve", f'redirect "chef@gmail.com"; {PLANTED} chef@gmail.com\n')
    conf = server.folder / "dovecot.conf"
    conf.write_text("protocols =\nuserdb {\n  driver = static\n"
                    f"  args = uid=vmail gid=vmail home={server.folder}/home2/%Ld/%n\n}}\nplugin {{\n  sieve = ~/.dovecot.sieve\n}}\n")
    assert server.finish().found("--dovecot", conf) == spaced(server.expected)


@pytest.mark.parametrize("text, said", [("plugin {\n  sieve = ldap:/etc/x;bindn=y\n}\n", "directory or database"),
                                        ("nonsense here\n", "dovecot.conf")])
def test_dovecot_that_cannot_be_read(server, text, said):
    conf = server.folder / "dovecot.conf"
    conf.write_text(f"protocols =\n{text}")
    assert server.finish().found("--dovecot", conf, code=UNREAD) == []
    assert [one["what"] for one in server.answer["unread"]] == [str(conf)] and said in str(server.answer["unread"])


SIEVE = f"""require ["fileinto", "copy", "variables", "enotify", "vnd.dovecot.pipe"];
# redirect "commentaire@gmail.com";
/* redirect "autre@gmail.com";
   redirect "encore@gmail.com"; */
if header :contains "subject" ["redirect \\"x@gmail.com\\";", "b"] {{
    redirect :copy "copie@gmail.com"; {PLANTED} copie@gmail.com
    fileinto "redirect a@gmail.com";
}} elsif allof (address :is "from" "chef@gmail.com", not exists "x-a") {{
    redirect
        "loin@yahoo.fr" {PLANTED} loin@yahoo.fr
        ;
}}
redirect "agent@{OWN}"; redirect "Adjoint <adjoint@{PEER}>";
vacation :days 7 :addresses ["perso@gmail.com"] :from "agent@{OWN}" text:
redirect "dans.le.texte@gmail.com";
..
.
;
notify :message "x@gmail.com" "mailto:alerte@gmail.com?subject=x&cc=second%40yahoo.fr"; {PLANTED} alerte@gmail.com second@yahoo.fr
notify "mailto:garde@{OWN}";
notify :method "mailto" :options ["ancien@hotmail.com", "agent@{OWN}"] :message "m"; {PLANTED} ancien@hotmail.com
set "qui" "cible@gmail.com";
redirect "${{qui}}"; {PLANTED} ${{qui}}
redirect "${{qui}}@gmail.com"; {PLANTED} ${{qui}}@gmail.com
redirect "${{qui}}@{OWN}";
redirect text:
multi@gmail.com {PLANTED} multi@gmail.com
.
;
pipe :copy "exporte"; {PLANTED} exporte
keep;
"""


def test_sieve(server):
    server.theirs("filtre", ".dovecot.sieve", SIEVE)
    server.theirs("autre", "sieve/absence.sieve", f'redirect "second@gmail.com"; {PLANTED} second@gmail.com\n')
    server.theirs("autre", "sieve/note.txt", 'redirect "texte@gmail.com";\n')
    server.file(server.folder / "scripts" / OWN / "virtuel" / "filtres.sieve", f'redirect "v@gmail.com"; {PLANTED} v@gmail.com\n')
    found = [(file, line, target.strip()) for file, line, target in server.finish().found()]
    assert found == spaced(server.expected)


def test_lists(server):
    make_list(server, server.folder / "lists" / "annonces", f"agent@{OWN}", f"directeur@{PEER}", "ancien@gmail.com")
    owner = server.folder / "lists" / "annonces" / "control" / "owner"
    owner.write_text(f"agent@{OWN}\nproprietaire@yahoo.fr\n")
    server.expected = [(str(owner), 2, "proprietaire@yahoo.fr"), (str(owner.parent.parent / "subscribers.d" / "a"), 2, "ancien@gmail.com")]
    found = server.finish().found()
    assert [(file, target) for file, _, target in found] == sorted((file, target) for file, _, target in server.expected)
    for file, line, target in found:
        assert pathlib.Path(file).read_text().splitlines()[line - 1] == target


def sql(server, rows):
    database = server.folder / "mail.db"
    with sqlite3.connect(database) as connection:
        connection.execute("create table forwards(name text, target text)")
        connection.executemany("insert into forwards values(?, ?)", rows)
    path = server.etc / "sql.cf"
    path.write_text(f"dbpath = {database}\nquery = select target from forwards where name = '%s'\n")
    server.set("virtual_alias_maps", f"sqlite:{path}")
    return str(path)


def test_sql(server):
    """A table that only answers: the accounts are asked for, and with a list of addresses that is all."""
    path = sql(server, [(f"agent@{OWN}", "perso@gmail.com"), (f"service@{OWN}", "loin@yahoo.fr"), (f"autre@{OWN}", f"agent@{OWN}")])
    server.user("agent")
    server.finish()
    assert server.found(code=BOTH) == [(path, 0, "perso@gmail.com")]
    assert [one["what"] for one in server.answer["unread"]] == [f"sqlite:{path}"]
    addresses = server.folder / "addresses"
    addresses.write_text(f"agent@{OWN}\nservice@{OWN}\nautre@{OWN}\n")
    assert server.found("--addresses", addresses) == [(path, 0, "loin@yahoo.fr"), (path, 0, "perso@gmail.com")]
    addresses.write_text(f"autre@{OWN}\nagent@{OWN}\n")
    assert server.found("--addresses", addresses) == [(path, 0, "perso@gmail.com")]


def test_what_is_in_force(server):
    """A compiled map and its text differ: what either has is found, and what both have once."""
    path = server.file(server.etc / "virtual", f"a@{OWN} x@gmail.com\nb@{OWN} y@gmail.com\n")
    server.set("virtual_alias_maps", f"hash:{path}")
    server.finish().postmap(f"hash:{path}")
    assert server.found() == [(str(path), 1, "x@gmail.com"), (str(path), 2, "y@gmail.com")]
    path.write_text(f"b@{OWN} y@gmail.com\nc@{OWN} z@gmail.com\n")
    assert server.found() == [(str(path), 0, "x@gmail.com"), (str(path), 1, "y@gmail.com"), (str(path), 2, "z@gmail.com")]
    path.unlink()
    assert server.found() == [(str(path), 0, "x@gmail.com"), (str(path), 0, "y@gmail.com")]


def test_an_honest_server(server):
    """Everything there is, and nothing that leaves."""
    aliases = server.file(server.etc / "aliases", f"root: agent\nchef: agent@{OWN}, adjoint@{PEER}\n")
    server.set("alias_maps", f"hash:{aliases}")
    virtual = server.file(server.etc / "virtual", f"@{OWN} agent\nancien.example anything\nx@ancien.example agent\n")
    server.set("virtual_alias_maps", f"hash:{virtual}")
    server.set("always_bcc", "x@ancien.example")
    server.set("mailbox_command", "/usr/lib/dovecot/dovecot-lda -f \"$SENDER\" -a \"$RECIPIENT\"")
    server.theirs("agent", ".forward", f"\\agent, adjoint@{PEER}\n")
    server.theirs("agent", ".dovecot.sieve", f'redirect "adjoint@{PEER}";\n')
    make_list(server, server.folder / "lists" / "annonces", f"agent@{OWN}")
    server.finish().postmap(f"hash:{aliases}", f"hash:{virtual}")
    assert server.found(code=NOTHING) == []
    assert server.answer["files"] >= 7 and server.answer["accounts"] > 1 and server.answer["unread"] == []
    assert server.khatm().stdout.startswith("0 leave, 0 not read; ")


@pytest.mark.parametrize("rest", [False, True])
def test_what_cannot_be_read(server, rest):
    """It is said, and the exit status tells; with something found or without."""
    server.theirs("a", ".dovecot.sieve", 'keep; redirect "x\n')
    (server.user("b") / ".forward").mkdir()
    server.set("virtual_alias_maps", "texthash:/nonexistent/map")
    server.set("canonical_maps", "nosuchtype:x")
    if rest:
        server.set("always_bcc", f"x@gmail.com {PLANTED} x@gmail.com")
    server.finish()
    assert server.found(code=BOTH if rest else UNREAD) == spaced(server.expected)
    assert {one["what"] for one in server.answer["unread"]} == {
        str(server.home / "a" / ".dovecot.sieve"), str(server.home / "b" / ".forward"), "/nonexistent/map", "nosuchtype:x"}


def test_an_admin_who_may_not_read(server):
    """Run by somebody who may not see users' files: not a clean answer."""
    path = server.theirs("renvoi", ".forward", "perso@hotmail.com\n")
    done = server.finish().khatm(user=65534)
    assert done.returncode == UNREAD and f"{path}: not read: Permission denied" in done.stdout, done


def test_a_link_does_not_show_what_the_user_may_not_read(server):
    secret = server.file(server.folder / "secret", "motdepasse@gmail.com\n")
    secret.chmod(0o600)
    home = server.user("curieux")
    os.symlink(secret, home / ".forward")
    os.symlink(secret, home / ".dovecot.sieve")
    assert server.finish().found(code=UNREAD) == []


def test_hostile_names_are_shown_harmlessly(server):
    server.theirs("x", ".forward", "\x1b[31mrouge@gmail.com\n")
    done = server.finish().khatm()
    assert done.returncode == FOUND and "\x1b" not in done.stdout


@pytest.mark.parametrize("words, code, said", [
    ([], USAGE, "of what?"), (["forward"], USAGE, "there is no 'forward'"), (["forwards", "x"], USAGE, "one word too many"),
    (["forwards", "--config", "/nonexistent"], CONFIG, "/nonexistent"),
])
def test_usage(words, code, said):
    done = subprocess.run([BUILD / "khatm", "audit", *words], capture_output=True, text=True)
    assert done.returncode == code and said in done.stderr and not done.stdout


def test_postfix_that_postconf_refuses(server):
    server.finish()
    done = server.khatm("--postfix", server.folder / "nothing")
    assert done.returncode == CONFIG and "main.cf" in done.stderr
