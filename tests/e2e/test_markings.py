# SPDX-License-Identifier: Apache-2.0
"""What a document says about itself, seen from outside: levels that this channel does not carry are refused wherever they
stand, a text that is marked or written as a letter is a document, and people's talk of secrets goes its way."""

import json

import pytest
from letters import AGENT, CHAT, FINANCES, GMAIL, mail
from messages import pdf

LETTERHEAD = ("Pour info.\r\n\r\nROYAUME DU MAROC\r\nMINISTÈRE DE L'INTÉRIEUR\r\nSECRÉTARIAT GÉNÉRAL\r\n\r\n"
              "N° 154/DGCL/DFL\r\n\r\nObjet : mouvement des chefs de division\r\n\r\nMonsieur le Wali,\r\n")
PERSONS = "CIN :\r\nAB123456\r\nK45678\r\nBE845123\r\nX112233\r\nCD998877\r\n"
NOTE = [("note.pdf", pdf(seed=3))]


def text_file(text, name="note.txt"):
    return [(name, text.encode(), "text/plain")]


# name, what is sent, level, one of its markings
TOO_HIGH = [
    ("stamp in the text", {"text": "*** S E C R E T ***\r\n\r\nVoir ci-joint.\r\n"}, 4, "SECRET (text)"),
    ("stamp in Arabic", {"text": "ســـري للغايـة\r\n\r\nالسيد الوالي\r\n"}, 5, "سري للغاية (text)"),
    ("stamp with look-alikes", {"text": "ЅЕСRЕТ\r\n\r\nBonjour\r\n"}, 4, "SECRET (text)"),
    ("tag of the subject", {"subject": "Re: [Secret] réunion", "documents": NOTE}, 4, "SECRET (subject)"),
    ("marking of the subject", {"subject": "Note [SEC=TOP-SECRET]", "documents": NOTE}, 5, "TOP SECRET (subject)"),
    ("attached text", {"documents": text_file("TRÈS SECRET\r\n\r\nNote au ministre\r\n")}, 5, "TRÈS SECRET (text)"),
    ("file name", {"documents": [("rapport_SECRET_v2.pdf", pdf(seed=4))]}, 4, "SECRET (file name)"),
    ("label", {"documents": NOTE, "headers": [("X-Protective-Marking", "VER=1.0, NS=gov.ma, SEC=SECRET")]}, 4,
     "SECRET (X-Protective-Marking)"),
    ("label of another kind", {"documents": NOTE, "headers": [("SIO-Label", 'marking="TOP SECRET"; type=":ess"')]}, 5,
     "TOP SECRET (SIO-Label)"),
]


@pytest.mark.parametrize("sent, level, marking", [row[1:] for row in TOO_HIGH], ids=[row[0] for row in TOO_HIGH])
def test_secret_is_refused_to_everybody(lab, tmp_path, sent, level, marking):
    message = mail(to=FINANCES, **sent)
    with lab.nothing_leaves():
        reply = lab.send(message, FINANCES)
    assert (reply.code, reply.stage) == (550, "data"), reply
    explained = json.loads(lab.khatm("explain", "--json", "--reference", reply.reference).stdout)
    assert (explained["reason"], explained["level"]) == ("LEVEL", level)
    file = tmp_path / "message.eml"
    file.write_bytes(message.raw)
    told = json.loads(lab.khatm("explain", "--json", "--role", "submission", "--login", AGENT, "--tls-version", "TLSv1.3",
                                "--from", AGENT, "--rcpt", FINANCES, str(file)).stdout)
    assert (told["reason"], told["level"]) == ("LEVEL", level)
    assert marking in {one for document in told["documents"] for one in document["markings"]}


# A text that would be talk without what stands in it, and a tag that opens nothing.
NO_TALK = [
    ("stamp", {"text": "CONFIDENTIEL\r\n\r\nBonjour Monsieur le Wali,\r\n"}),
    ("stamp in a quote", {"text": "Vu.\r\n\r\n> CONFIDENTIEL\r\n>\r\n> Monsieur le Wali,\r\n"}),
    ("letter", {"text": LETTERHEAD}),
    ("list of persons", {"text": PERSONS}),
    ("tag of the subject", {"subject": "[CONFIDENTIEL] réunion", "text": CHAT}),
    ("label", {"text": CHAT, "headers": [("Sensitivity", "Company-Confidential")]}),
    ("tag for the public", {"subject": "[PUBLIC] avis", "documents": [("avis.pdf", pdf(seed="public", size=2000))]}),
    ("stamp for the public", {"documents": text_file("DIFFUSION PUBLIQUE\r\n\r\nAvis\r\n")}),
]


@pytest.mark.parametrize("sent", [row[1] for row in NO_TALK], ids=[row[0] for row in NO_TALK])
def test_marked_text_is_a_document(lab, sent):
    with lab.nothing_leaves():
        reply = lab.send(mail(to=GMAIL, **sent), GMAIL)
    assert (reply.code, reply.stage) == (550, "data"), reply
    explained = json.loads(lab.khatm("explain", "--json", "--reference", reply.reference).stdout)
    assert explained["reason"] == "CONSUMER"


TALK = [
    ("talk of secrets", {"text": "Tu le gardes pour toi, c'est secret.\r\nSecret ?\r\nOui, top secret !\r\n"}),
    ("a film", {"subject": "Ciné (Top Secret)", "text": "À voir :\r\n- Top Secret\r\n- Confidentiel\r\n"}),
    ("talk in Arabic", {"text": "هذا الأمر سري بيننا، لا تخبر أحدا.\r\n"}),
    ("a disclaimer", {"text": CHAT + "\r\nCONFIDENTIAL\r\nThis e-mail is intended only for its recipient.\r\n"}),
    ("an official's signature", {"text": "Bonne soirée\r\n\r\nK. Alami\r\nRoyaume du Maroc\r\nMinistère de l'Intérieur\r\n"}),
    ("a citizen's letter", {"subject": "demande", "text": "Objet : demande d'extrait\r\n\r\nMonsieur, ma CIN est AB123456.\r\n"}),
    ("urgent", {"subject": "[URGENT] déjeuner", "text": "URGENT\r\n\r\nOn mange où ?\r\n"}),
    ("a label for everything", {"text": CHAT, "headers": [("msip_labels", "MSIP_Label_1_Enabled=True; MSIP_Label_1_Name=General;")]}),
    ("a personal label", {"text": CHAT, "headers": [("Sensitivity", "Personal")]}),
    ("a tag of a list", {"subject": "[interne] pot de départ", "text": CHAT}),
]


@pytest.mark.parametrize("sent", [row[1] for row in TALK], ids=[row[0] for row in TALK])
def test_talk_goes_its_way(lab, sent):
    message = mail(to=GMAIL, **sent)
    reply = lab.send(message, GMAIL)
    assert reply.code == 250, reply
    assert lab.arrived("gmail.com", message)


PAPER = "MINISTÈRE DE L'INTÉRIEUR\r\nNOTE DE SERVICE\r\n\r\nN° {}\r\n\r\nVu la loi n° 31-13 et votre facture n° 2024/77.\r\n"
SPELLINGS = ["{0}-{1}/A", "n° {0} – {1} / a", "A/{1}/{0}", "رقم {0}/{1}/A"]


def test_paper_is_found_by_its_number(lab):
    numbers = ("881715", "1232")
    sent = mail(to=FINANCES, documents=text_file(PAPER.format("881715-1232/A")))
    assert lab.send(sent, FINANCES).code == 250
    for spelling in SPELLINGS:
        traced = lab.khatm("trace", spelling.format(*numbers))
        assert traced.returncode == 0 and sent.message_id.strip("<>").encode() in traced.stdout, (spelling, traced)
    for other in ("31-13", "2024/77", "881715", "1232/A"):
        assert lab.khatm("trace", other).returncode == 1, other
