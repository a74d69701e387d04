/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SENDER_RECEIVED_H
#define KHATM_SENDER_RECEIVED_H

/* From whom a relay of ours says, in its own Received field (RFC 5321 4.4), that it got a message. To be
 * asked of fields that a relay of ours wrote and of no other: anybody can write one. Even those hold words of
 * a stranger (HELO, ident, names in certificates), so that only the place where the relay itself puts the
 * address counts, and what does not look exactly as one of these is not understood:
 *
 *   from HELO (rdns [192.0.2.1])             Postfix, Sendmail, OpenSMTPD, Haraka, Google and most others;
 *                                            "ident@" before rdns, "(may be forged)" behind the address
 *   from HELO (192.0.2.1)                    Exchange
 *   from rdns ([192.0.2.1] helo=HELO)        Exim; ":PORT", "ident=" and no helo= at all are possible
 *   from [192.0.2.1] (helo=HELO)             Exim, no rdns
 *   from rdns (HELO name) (192.0.2.1)        qmail, with brackets IronPort; "ident@" before the address
 *   (qmail 123 invoked from network)         qmail's first line: the next field is its own, too
 *
 * IPv6 with or without "IPv6:". Pure, linear, thread-safe; allocates nothing. */

#include "base/ip.h"

enum { RECEIVED_HELO_ROOM = 256 };

enum received_kind {
    RECEIVED_STRANGE, /* not understood, or by no network: from whom is unknown */
    RECEIVED_FROM,    /* *ip and helo are those of the client */
    RECEIVED_SAME,    /* says nothing of a client; the next field is of the same relay */
};

/* `value` is what follows the colon; folds may be there. helo is "" when it is not told or too long. */
enum received_kind received_read(const char *value, struct ip *ip_out, char helo_out[RECEIVED_HELO_ROOM]);

#endif
