/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_DNS_ANSWER_H
#define KHATM_DNS_ANSWER_H

/* What DNS said to one question, as plain data. Whatever could not be learnt is DNS_TRY_LATER, which is never
 * "there is no such record"; what is larger than any honest record is DNS_UNUSABLE. Everything lies in the
 * arena of the message. Reads the answer section of a packet that libunbound wrote anew from what it accepted
 * (RFC 1035, 4.1). */

#include "base/arena.h"
#include "sender/proofs.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum dns_type { DNS_A = 1, DNS_PTR = 12, DNS_MX = 15, DNS_TXT = 16, DNS_AAAA = 28 };

enum dns_status {
    DNS_TRY_LATER, /* no answer, a broken one, or DNSSEC says it is forged */
    DNS_FOUND,
    DNS_VOID,     /* no such name, or no record of this type (RFC 7208 calls both void) */
    DNS_UNUSABLE, /* an answer beyond our limits */
};

enum { DNS_RECORDS_MAX = 100, DNS_ANSWER_BYTES_MAX = 32 * 1024, DNS_NAME_MAX = 253 };

struct dns_record {
    /* A: 4 octets, AAAA: 16; TXT: its strings joined; MX, PTR: the name, as text without the last dot. One
     * NUL more behind them. */
    const uint8_t *bytes;
    size_t size;
    uint16_t preference; /* of an MX */
};

struct dns_answer {
    enum dns_status status;
    enum proof_dnssec dnssec;
    const char *why; /* of TRY_LATER and UNUSABLE; never NULL */
    const struct dns_record *records;
    size_t n_records;
};

/* Fills records and status from a packet. RESULT_TRY_LATER: no memory. RESULT_BAD_INPUT: not a packet. */
enum result answer_read(const void *packet, size_t size, enum dns_type type, struct arena *arena,
                        struct dns_answer *answer_out) MUST_USE;

#endif
