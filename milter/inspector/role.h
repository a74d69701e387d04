/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_ROLE_H
#define KHATM_INSPECTOR_ROLE_H

/* What a part could be by its place and its labels, before a byte of its content is read. A role is only a
 * claim: what looks like conversation here must still prove itself by content (examine.c). Pure. */

#include "inspector/mime.h"
#include "inspector/structure.h"

enum role {
    ROLE_BODY,        /* the text that a person reads when he opens the message */
    ROLE_SIGNATURE,   /* the last part of multipart/signed */
    ROLE_REPORT,      /* the machine's part of a delivery report or read receipt */
    ROLE_PGP_VERSION, /* "Version: 1" of RFC 3156 */
    ROLE_PGP_MESSAGE,
    ROLE_CMS,        /* S/MIME */
    ROLE_PICTURE,    /* of a format that a logo may have */
    ROLE_CONTACT,    /* a business card */
    ROLE_CALENDAR,   /* an invitation */
    ROLE_TNEF,       /* winmail.dat */
    ROLE_KEYS,       /* the sender's public key */
    ROLE_TEXT,       /* some other text: a document that can be read */
    ROLE_MAYBE_TEXT, /* application/octet-stream and no type at all */
    ROLE_ELSEWHERE,  /* message/partial, message/external-body: the content is not here */
    ROLE_DOCUMENT,
};

enum { ROLE_PATH_ROOM = 1024 };

/* mime: NULL while nobody has read the names; a body may then turn out to be a file. */
enum role role_of(const struct structure *structure, const struct mime *mime, size_t entity);
/* "2.1"; "0" for a multipart that has no number of its own. Numbers count siblings from 1, as IMAP does. */
void role_path(const struct structure *structure, size_t entity, char path[ROLE_PATH_ROOM]);

#endif
