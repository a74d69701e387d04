/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_WKD_PROTOCOL_H
#define KHATM_WKD_PROTOCOL_H

/* What `khatm keys fetch` and khatm-fetcher say to each other, over helper/wire.h: READY, then for each GET
 * any number of BYTES and one REPLY. docs/helper-protocol.md specifies it for a second implementation. */

enum fetch_frame {
    FETCH_READY = 1, /* to khatm; once, no field: from now on it can open no file */
    FETCH_GET = 2,   /* LOCAL, DOMAIN, BUDGET */
    FETCH_BYTES = 64,
    FETCH_REPLY = 65, /* OUTCOME, HOST; WHY unless it was found */
};

enum fetch_tag {
    FETCH_TAG_LOCAL = 1,
    FETCH_TAG_DOMAIN = 2, /* A-labels, lower case */
    FETCH_TAG_BUDGET = 3, /* milliseconds for DNS and server together */
    FETCH_TAG_BYTES = 4,
    FETCH_TAG_OUTCOME = 5, /* enum fetch_outcome */
    FETCH_TAG_WHY = 6,     /* one phrase, printable ASCII */
    FETCH_TAG_HOST = 7,    /* which was asked, or would have been */
};

enum fetch_outcome {
    FETCH_FOUND = 1,         /* the BYTES are what it handed out */
    FETCH_NOT_PUBLISHED = 2, /* it said that there is none, or there is no such server */
    FETCH_FAILED = 3,        /* nobody answered, or the server had trouble of its own */
    FETCH_REFUSED = 4,       /* what it did is not what a server of keys does */
};

enum {
    FETCH_KEY_MAX = 256 * 1024, /* bytes of one answer */
    FETCH_PIECE_MAX = 60 * 1024,
    FETCH_WHY_MAX = 250,
    FETCH_HOST_MAX = 253,
    FETCH_BUDGET_MAX_MS = 10 * 60 * 1000,
};

#endif
