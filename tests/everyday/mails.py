# SPDX-License-Identifier: Apache-2.0
"""Ordinary mail, as much as one wants, the same on every run but for signatures: make(n) yields (what, raw) for n
messages from an agent to somebody outside. tests/everyday/show prints one."""

import base64
import pathlib
import random
import sys
from dataclasses import dataclass

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "corpus" / "documents")]
import carriers  # noqa: E402
import programs  # noqa: E402
from phrases import CHARSETS, CLOSINGS, GREETINGS, LANGUAGES, PARAGRAPHS, SIGNATURES, SUBJECTS  # noqa: E402
from texts import read_all  # noqa: E402

AGENT, CITIZEN = "agent@interieur.gov.example", "personne@gmail.com"
MIX = ((carriers.PLAIN, 36), (carriers.HTML, 22), (carriers.LOGO, 10), (carriers.LIST, 6), (programs.CALENDAR, 6), (programs.CARD, 4),
       (programs.SIGNED, 6), (programs.REPORT, 4), (programs.CODE, 6))


@dataclass
class Letter:
    language: str
    subject: str
    greeting: str
    closing: str
    text: str
    charset: str


def fits(text, charset):
    try:
        text.encode(charset)
        return True
    except UnicodeEncodeError:
        return False


def quoted(text, chance, language):
    """What a reply keeps of what it answers."""
    heads = {"fr": ("Le sam. 21 nov. 2026 à 10:02, Salma <salma@gmail.com> a écrit :", "Le 21/11/2026 10:02, Salma a écrit :"),
             "ar": ("في السبت، 21 نوفمبر 2026 في 10:02 ص كتب Salma <salma@gmail.com>:",),
             "en": ("On Sat, Nov 21, 2026 at 10:02 AM Salma <salma@gmail.com> wrote:",)}
    tops = {"fr": "-----Message d'origine-----\nDe : Salma\nEnvoyé : samedi 21 novembre 2026 10:02\nÀ : Karim\nObjet : nouvelles\n",
            "ar": "من: سلمى\nتاريخ الإرسال: السبت 21 نوفمبر 2026\nإلى: كريم\nالموضوع: أخبار\n",
            "en": "---------- Forwarded message ---------\nFrom: Salma <salma@gmail.com>\nDate: Sat, Nov 21, 2026\nSubject: news\nTo: Karim\n"}
    language = language if language in heads else "en"
    if chance.random() < 0.4:
        return f"\n{tops[language]}\n{text}"
    return "\n" + chance.choice(heads[language]) + "\n\n" + "".join(f"> {line}".rstrip() + "\n" for line in text.split("\n"))


def write_letter(chance, papers):
    language = chance.choice(LANGUAGES)
    greeting, closing = chance.choice(GREETINGS[language]), chance.choice(CLOSINGS[language])
    if chance.random() < 0.2:
        middle = chance.choice(papers)
    else:
        middle = "\n\n".join(chance.sample(PARAGRAPHS[language], min(len(PARAGRAPHS[language]), chance.randrange(1, 5)))) + "\n"
    text = f"{greeting}\n\n{middle}\n{closing}\n{chance.choice(SIGNATURES[language])}\n"
    for _ in range(chance.choice((0, 0, 0, 1, 1, 2))):
        before = "\n\n".join(chance.sample(PARAGRAPHS[language], 1))
        text += quoted(f"{chance.choice(GREETINGS[language])}\n\n{before}\n\n{chance.choice(SIGNATURES[language])}\n", chance, language)
    wanted = [charset for charset in CHARSETS[language] if fits(text, charset)]
    charset = chance.choice(wanted) if wanted and chance.random() < 0.4 else "utf-8"
    return Letter(language, chance.choice(SUBJECTS[language]), greeting, closing, text, charset)


def encoded_word(text, charset, chance):
    if text.isascii():
        return text
    charset = charset if fits(text, charset) and charset != "us-ascii" else "utf-8"
    words, out = [text[at:at + 12] for at in range(0, len(text), 12)], []
    for word in words:
        raw = word.encode(charset)
        if chance.random() < 0.5:
            out.append(f"=?{charset}?B?{base64.b64encode(raw).decode()}?=")
        else:
            safe = "".join(chr(byte) if chr(byte).isalnum() and byte < 128 else "_" if byte == 32 else f"={byte:02X}" for byte in raw)
            out.append(f"=?{charset}?Q?{safe}?=")
    return "\r\n ".join(out)


def token(chance, size):
    return base64.b64encode(chance.randbytes(size)).decode()


def fields(letter, chance, number):
    """The header section above the carrier's own fields."""
    name = chance.choice(("", "Karim Alami ", '"Alami, Karim" ', encoded_word("Karim Élalami", "utf-8", chance) + " ",
                          encoded_word("كريم العلمي", "utf-8", chance) + " "))
    out = [f"From: {name}<{AGENT}>", f"To: {chance.choice(('', 'Salma '))}<{CITIZEN}>", "Date: Sat, 21 Nov 2026 10:00:00 +0000",
           f"Message-ID: <{number}.{chance.randrange(1 << 40):x}@interieur.gov.example>"]
    if chance.random() < 0.97:
        out.append(f"Subject: {encoded_word(letter.subject, letter.charset, chance)}")
    for some, odds in ((f"User-Agent: Mozilla Thunderbird {chance.randrange(100, 140)}", 0.3), ("X-Mailer: Apple Mail (2.3445.104.11)", 0.1),
                       ("Content-Language: fr", 0.2), (f"In-Reply-To: <{number}@gmail.com>", 0.3),
                       (f"References: <{number}@gmail.com>\r\n <x{number}@gmail.com>", 0.3),
                       (f"Reply-To: <{AGENT}>", 0.05), ("X-Priority: 1 (Highest)\r\nImportance: high", 0.05),
                       ("Auto-Submitted: auto-replied\r\nPrecedence: bulk", 0.05),
                       (f"Thread-Index: {token(chance, 22)}", 0.1), (f"Disposition-Notification-To: <{AGENT}>", 0.03),
                       (f"Cc: <autre{number}@gmail.com>, Hind <{AGENT}>", 0.1),
                       (f"Autocrypt: addr={AGENT}; keydata=" + "\r\n ".join(token(chance, 45) for _ in range(9)), 0.05),
                       ("List-Id: <jardin.liste.example>\r\nList-Unsubscribe: <mailto:jardin-leave@liste.example>", 0.1),
                       (f"DKIM-Signature: v=1; a=rsa-sha256; d=interieur.gov.example; s=s1;\r\n h=from:to;"
                        f" bh={token(chance, 32)};\r\n b={token(chance, 200)}", 0.1),
                       ("X-Spam-Status: No, score=-1.9", 0.1), (f"X-Face: {token(chance, 120)}", 0.02)):
        if chance.random() < odds:
            out.append(some)
    chance.shuffle(out)
    return "\r\n".join(out).encode() + b"\r\n"


def make(count):
    papers = [text.plain for text in read_all().values() if text.mail == "conversation"]
    ways = [way for group, weight in MIX for way in group for _ in range(max(1, weight * 3 // len(group)))]
    for number in range(count):
        chance = random.Random(number)
        letter = write_letter(chance, papers)
        way = ways[number % len(ways)]
        own, body = way(letter, chance)
        mime = b"MIME-Version: 1.0\r\n" if own else b""
        yield f"{number} {way.__name__} {letter.language} {letter.charset}", fields(letter, chance, number) + mime + own + b"\r\n" + body


if __name__ == "__main__":
    wanted = int(sys.argv[1])
    sys.stdout.buffer.write(list(make(wanted + 1))[wanted][1])
