/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEALER_ENVELOPE_H
#define KHATM_SEALER_ENVELOPE_H

/* Is a message sealed, that is: multipart/encrypted as RFC 3156, 4 has it, two parts and nothing beside them?
 * Everything else is not opened, whatever it holds: ciphertext among clear parts is how EFAIL makes a reader
 * hand out what he deciphered. The preamble, which no reader shows, may say what it likes. Plain linear code
 * over the message in memory; only a part that a relay encoded anew is copied. One thread. */

#include "sealer/span.h"

#include <stdbool.h>

struct envelope {
    enum envelope_form {
        ENVELOPE_NONE,   /* no multipart/encrypted of OpenPGP on top */
        ENVELOPE_GOOD,   /* armour is the second part's content */
        ENVELOPE_BROKEN, /* it says it is one, and is not: why */
    } form;
    const char *why;
    struct span armour;
    uint8_t *decoded; /* owns the bytes of armour when they had to be decoded; NULL */
};

/* message: header section, empty line, body. False: no memory. */
bool envelope_read(struct span message, struct envelope *envelope_out);
void envelope_free(struct envelope *envelope);
/* An entity that is multipart/signed by OpenPGP (RFC 3156, 5) as a whole: the octets that are signed, and the
 * content of its second part. False: it is not, or something else stands beside them. */
bool envelope_signed(struct span entity, struct span *text_out, struct span *signature_out);
/* Of a message of another form with ciphertext for us in it: one phrase for what that is. */
const char *envelope_blame(struct span message);

#endif
