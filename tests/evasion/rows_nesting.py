# SPDX-License-Identifier: Apache-2.0
"""Parts in parts and messages in messages: places where one reader looks and another does not."""

from tricks import AGENT, DOCUMENT, HTML, LETTER, PLAIN, TEXT, Table, b64, bare, file, join, mixed_lines, multipart, parts

T = Table("nesting")
ELSEWHERE = "its content is somewhere else"
DEEP = "nested too deep"
MANY = "too many parts"
INNER = "From: x@y.example\nTo: z@y.example\nSubject: Note\nMIME-Version: 1.0\n"
SHOWN = 'Content-Type: text/html; charset=utf-8\n\n<p>Bonjour</p><img src="cid:a@b">\n'


def deep(levels, core):
    for level in range(levels):
        core = multipart(core, boundary=f"b{level}-")
    return core


def matryoshka(levels, core):
    for _ in range(levels):
        core = join("Content-Type: message/rfc822\n\n", INNER, core)
    return core


# Multiparts.
T.trick("the first of alternatives", multipart(bare(), HTML, kind="alternative"), "seen")
T.trick("the last of alternatives", multipart(TEXT, HTML, bare(), kind="alternative"), "seen")
T.trick("an alternative of text in another language", multipart(TEXT,
        join("Content-Type: text/plain\nContent-Language: ar\nContent-Transfer-Encoding: base64\n\n", mixed_lines(DOCUMENT)),
        kind="alternative"), "seen")
T.trick("related, and nothing refers to it", multipart(HTML, bare(), kind="related"), "seen")
T.trick("related, shown as a picture", multipart(SHOWN,
        join("Content-Type: image/png\nContent-ID: <a@b>\nContent-Transfer-Encoding: base64\n\n", mixed_lines(DOCUMENT)),
        kind="related"), "seen")
T.trick("related, the root is another part", multipart(bare(), HTML, kind="related",
        parameters='; boundary="b"; start="<root@x>"; type="text/html"'), "seen")
T.trick("mixed within related within alternative", multipart(TEXT, multipart(HTML, multipart(TEXT, bare(), boundary="d"),
        kind="related", boundary="c"), kind="alternative"), "seen")
T.trick("appledouble, the data fork", multipart(TEXT,
        multipart(join("Content-Type: application/applefile\nContent-Transfer-Encoding: base64\n\n", b64(b"\0\5\x16\7\0\2\0\0"
        + bytes(40))), bare(), kind="appledouble", boundary="c")), "seen")
T.trick("appledouble, the resource fork", multipart(TEXT,
        multipart(join("Content-Type: application/applefile\nContent-Transfer-Encoding: base64\n\n", b64(b"\0\5\x16\7\0\2\0\0"
        + bytes(16) + b"\0\1\0\0\0\2\0\0\0\x26" + len(DOCUMENT).to_bytes(4, "big") + DOCUMENT)), HTML, kind="appledouble",
        boundary="c")), "ambiguous", "a PDF file stands at its beginning")
T.trick("parallel", multipart(TEXT, bare(), kind="parallel"), "seen")
T.trick("form-data", multipart(TEXT, join('Content-Disposition: form-data; name="f"\n', bare()), kind="form-data"), "seen")
T.trick("byteranges", multipart(TEXT, join("Content-Range: bytes 0-600/601\n", bare()), kind="byteranges"), "seen")
T.trick("x-mixed-replace", multipart(TEXT, bare(), kind="x-mixed-replace"), "seen")
T.trick("a kind of multipart that nobody knows", multipart(TEXT, bare(), kind="x-note"), "seen")
T.trick("report, the document as its third part", multipart(TEXT,
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x.example\n", bare(), kind="report",
        parameters='; boundary="b"; report-type=delivery-status'), "seen")
T.trick("report, base64 in its fields", multipart(TEXT, join("Content-Type: message/delivery-status\n\n",
        "Reporting-MTA: dns; x.example\n\n", "".join(f"X-{n}: {line}\n" for n, line in enumerate(b64(DOCUMENT).split()))),
        kind="report", parameters='; boundary="b"; report-type=delivery-status'), "unread")
T.trick("report, base64 in returned header fields", multipart(TEXT,
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x.example\n",
        join("Content-Type: text/rfc822-headers\n\nSubject: Note\n", "".join(f"X-{n}: {line}\n" for n,
        line in enumerate(b64(DOCUMENT).split()))), kind="report", parameters='; boundary="b"; report-type=delivery-status'),
        "ambiguous")
T.trick("report, a whole message returned", multipart(TEXT,
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x.example\n", join("Content-Type: message/rfc822\n\n",
        INNER, multipart(TEXT, bare(), boundary="c")), kind="report", parameters='; boundary="b"; report-type=delivery-status'),
        "seen")
FOLDED_LETTER = "".join(f" {line}\n" for line in LETTER.split("\n") if line)
T.trick("report, a letter folded into its fields", multipart(TEXT, "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x.example\n"
        "X-Note:\n" + FOLDED_LETTER, kind="report", parameters='; boundary="b"; report-type=delivery-status'), "letter")
T.trick("receipt, a letter folded into its fields", multipart(TEXT, "Content-Type: message/disposition-notification\n\nReporting-UA: x\n"
        "Disposition: manual-action; displayed\nX-Note:\n" + FOLDED_LETTER, kind="report",
        parameters='; boundary="b"; report-type=disposition-notification'), "letter")
T.trick("report, a letter folded into returned header fields", multipart(TEXT, "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n",
        "Content-Type: text/rfc822-headers\n\nSubject: Note\nComments:\n" + FOLDED_LETTER, kind="report",
        parameters='; boundary="b"; report-type=delivery-status'), "letter")
T.trick("report, a letter for people to read", multipart(PLAIN + LETTER, "Content-Type: message/delivery-status\n\nReporting-MTA: dns; x\n",
        kind="report", parameters='; boundary="b"; report-type=delivery-status'), "letter")
T.trick("signed, the document in the place of the signature", multipart(TEXT, bare(kind="application/pgp-signature"),
        kind="signed", parameters='; boundary="b"; protocol="application/pgp-signature"'), "seen")
T.trick("signed, three parts", multipart(TEXT,
        "Content-Type: application/pgp-signature\n\n-----BEGIN PGP SIGNATURE-----\n\n-----END " "PGP SIGNATURE-----\n", bare(),
        kind="signed", parameters='; boundary="b"; protocol="application/pgp-signature"'), "seen")
T.trick("voice message", multipart(TEXT, bare(kind="audio/32kadpcm"), kind="voice-message"), "seen")
T.trick("a multipart of one part", multipart(bare()), "seen")
T.trick("an empty part before it", multipart("\n", bare()), "seen")
T.trick("12 levels of multiparts", deep(12, bare()), "seen")
T.trick("30 levels of multiparts", deep(30, bare()), "unread", DEEP)
T.trick("100 levels of multiparts", deep(100, bare()), "unread", DEEP)
T.trick("900 parts before it", multipart(*["\nx\n"] * 900, bare()), "seen")
T.trick("1,100 parts before it", multipart(*["\nx\n"] * 1100, bare()), "unread", MANY)
# Messages.
T.trick("a message in a message", multipart(TEXT, matryoshka(1, multipart(TEXT, bare(), boundary="c"))), "seen")
T.trick("a message in a message in a message", multipart(TEXT, matryoshka(2, bare())), "seen")
T.trick("a message as the whole content", matryoshka(1, multipart(TEXT, bare())), "seen")
T.trick("a message in base64", multipart(TEXT, join("Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n",
        b64(join(INNER, bare())))), "ambiguous", "nested message with a transfer encoding")
T.trick("a message in quoted-printable", multipart(TEXT,
        join("Content-Type: message/rfc822\nContent-Transfer-Encoding: quoted-printable\n\n", INNER.replace("1.0", "1=2E0"),
        bare())), "ambiguous", "nested message with a transfer encoding")
T.trick("message/global", multipart(TEXT, join("Content-Type: message/global\n\n", INNER, bare())), "seen")
T.trick("message/global in base64", multipart(TEXT, join("Content-Type: message/global\nContent-Transfer-Encoding: base64\n\n",
        b64(join(INNER, bare())))), "ambiguous", "nested message with a transfer encoding")
T.trick("message/news", multipart(TEXT, join("Content-Type: message/news\n\n", INNER, bare())), "seen")
T.trick("a kind of message that nobody knows", multipart(TEXT, join("Content-Type: message/x-note\n\n", INNER, multipart(TEXT,
        file(), boundary="c"))), "document")
T.trick("message/http", multipart(TEXT, join("Content-Type: message/http\n\n",
        b"HTTP/1.1 200 OK\r\nContent-Type: application/pdf\r\n\r\n" + DOCUMENT.replace(b"\n", b"\r\n"))), "ambiguous",
        "a PDF file stands at its beginning")
T.trick("a digest", multipart(join("\n", INNER, bare()), kind="digest"), "seen")
T.trick("a digest with a type for its parts", multipart(join("Content-Type: text/plain\n\n", "Bonjour\n"), join("\n", INNER,
        bare()), kind="digest"), "seen")
T.trick("message/partial, first piece", join('Content-Type: message/partial; id="a@b"; number=1; total=2\n\n', INNER,
        "Content-Type: application/pdf\nContent-Transfer-Encoding: base64\n\n", mixed_lines(DOCUMENT)[:400]), "ambiguous",
        ELSEWHERE)
T.trick("message/partial, last piece", join('Content-Type: message/partial; id="a@b"; number=2; total=2\n\n',
        mixed_lines(DOCUMENT)[400:]), "ambiguous", ELSEWHERE)
T.trick("message/partial within a multipart", multipart(TEXT,
        join('Content-Type: message/partial; id="a@b"; number=1; total=1\n\n', INNER, bare())), "ambiguous", ELSEWHERE)
T.trick("message/external-body, by a link", multipart(TEXT,
        'Content-Type: message/external-body; access-type=URL; URL="https://partage.example/note.pdf"\n'
        '\nContent-Type: application/pdf\n\n'), "ambiguous", ELSEWHERE)
T.trick("message/external-body, with the document in its phantom body", multipart(TEXT,
        join("Content-Type: message/external-body; access-type=local-file; name=a\n\n", bare())), "ambiguous", ELSEWHERE)
T.trick("message/external-body, by FTP",
        join("Content-Type: message/external-body; access-type=anon-ftp; site=ftp.example; name=note.pdf\n"
        "\nContent-Type: application/pdf\n\n"), "ambiguous", ELSEWHERE)
T.trick("a message as a file", multipart(TEXT, file("note.eml", join(INNER, multipart(TEXT, file(), boundary="c")),
        "application/octet-stream")), "seen")
T.trick("a message as text", multipart(TEXT,
        join("Content-Type: text/plain\nContent-Disposition: attachment; filename=note.txt\n\n", INNER, multipart(TEXT, file(),
        boundary="c"))), "seen")
T.trick("a page of MHTML", multipart(TEXT, file("page.mht", join("From: <Saved by Blink>\nMIME-Version: 1.0\n", multipart(HTML,
        bare(), kind="related", boundary="c")), "application/x-mimearchive")), "seen")
T.trick("a mailbox of two messages", multipart(TEXT, file("archive.mbox", join("From x@y Sat Nov 21 10:00:00 2026\n", INNER,
        "\nBonjour\n\nFrom x@y Sat Nov 21 10:01:00 2026\n", INNER, file()), "application/mbox")), "seen")
T.trick("a message in the text of the message", join(PLAIN, "Voici le message :\n\n", INNER, multipart(TEXT, bare(), boundary="c")), "unread")
T.trick("a forwarded message in the text", join(PLAIN, "-----Message d'origine-----\n", INNER, "\n", b64(DOCUMENT)), "unread")

T.honest("text and HTML as alternatives", multipart(TEXT, HTML, kind="alternative"))
T.honest("alternatives with a calendar's text beside", multipart(TEXT, HTML,
        "Content-Type: text/plain; charset=utf-8\nContent-Language: ar\n\nالسلام عليكم\n", kind="alternative"))
T.honest("alternatives within mixed", multipart(multipart(TEXT, HTML, kind="alternative", boundary="c"),
        "Content-Type: text/plain; charset=utf-8\nContent-Disposition: inline\n\n_____\nliste " "des agents\n"))
T.honest("ten levels of multiparts", deep(10, TEXT))
T.honest("a delivery report", multipart(TEXT,
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.interieur.gov.example\n"
        "Arrival-Date: Sat, 21 Nov 2026 10:00:00 +0000\n\nFinal-Recipient: rfc822; x@gmail.com\n"
        "Action: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 5.1.1 no such user\n",
        "Content-Type: text/rfc822-headers\n\nFrom: agent@interieur.gov.example\nTo: x@gmail.com\n"
        "Subject: Bonjour\nMessage-ID: <1@interieur.gov.example>\nDKIM-Signature: v=1; a=rsa-sha256;"
        " d=interieur.gov.example; s=a;\n b=" + b64(bytes(range(256))).replace("\n", "\n\t").rstrip() + "\n", kind="report",
        parameters='; boundary="b"; report-type=delivery-status'))
T.honest("a delivery report that cites a refusal and a sensitive subject", multipart(TEXT,
        "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.interieur.gov.example\n\nFinal-Recipient: rfc822; x@gmail.com\n"
        "Action: failed\nStatus: 5.7.1\nDiagnostic-Code: smtp; 550 5.7.1 Ce document administratif est reserve aux domaines de\n"
        "    l'administration ; x@gmail.com n'en fait pas partie. Reference KH-GX14-56CJ (FORWARD)\n",
        "Content-Type: text/rfc822-headers\n\nFrom: \"Ministère de l'Intérieur\" <agent@interieur.gov.example>\nTo: x@gmail.com\n"
        "Organization: Royaume du Maroc, Ministère de l'Intérieur\nSubject: Note de service confidentielle\nSensitivity: Private\n"
        "X-Priority: 1 (Urgent)\nMessage-ID: <1@interieur.gov.example>\n", kind="report",
        parameters='; boundary="b"; report-type=delivery-status'))
T.honest("a receipt", multipart(TEXT,
        "Content-Type: message/disposition-notification\n\nReporting-UA: mail.interieur.gov.example;"
        " Courrier\nFinal-Recipient: rfc822;agent@interieur.gov.example\nOriginal-Message-ID: "
        "<1@gmail.com>\nDisposition: manual-action/MDN-sent-manually; displayed\n", kind="report",
        parameters='; boundary="b"; report-type=disposition-notification'))
T.honest("a forwarded message as text", join(PLAIN,
        "Pour information.\n\n-------- Message transféré --------\nSujet : Réunion\nDate "
        ": Sat, 21 Nov 2026 10:00:00 +0000\nDe : Ami <ami@gmail.com>\nPour : agent@interieur.gov.example\n"
        "\nBonjour,\n\nà jeudi.\n"))
T.honest("a quoted answer", join(PLAIN, "D'accord.\n\nLe 20/11/2026 à 10:00, Ami a écrit :\n> Bonjour,\n>\n> > à jeudi ?\n> oui\n"))
T.honest("the first lines of a message's source", join(PLAIN,
        "Le serveur dit :\n\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: "
        "quoted-printable\n\nrien d'autre.\n"))
