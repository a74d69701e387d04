/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SENDER_PROTOCOL_H
#define KHATM_SENDER_PROTOCOL_H

/* What khatmd and khatm-authenticator say to each other, over helper/wire.h: AUTH_READY once, then one
 * AUTH_JOB, one AUTH_REPLY, and so on until the socket closes. docs/helper-protocol.md specifies frames and
 * tags for a second implementation. Numbers of frames and tags are never reused. */

enum auth_frame {
    /* One message. Descriptor: header section, empty line and body, only read. SIZE, BODY_OFFSET, BUDGET;
     * CLIENT, HELO, MAIL_FROM and CLAIMED where there are such. */
    AUTH_JOB = 1,
    AUTH_READY = 64, /* sent once: started, tested, in its sandbox */
    /* SPF_VERDICT, SPF_HELO, SPF_DOMAIN, SPF_DNSSEC, SPF_WHY; MORE; then for each signature SIGNATURE and
     * what belongs to it until the next one. */
    AUTH_REPLY = 65,
};

enum auth_tag {
    AUTH_TAG_SIZE = 1,        /* of the message, bytes */
    AUTH_TAG_BODY_OFFSET = 2, /* of the first byte behind the empty line */
    AUTH_TAG_BUDGET = 3,      /* milliseconds for DNS and hashing */
    AUTH_TAG_CLIENT = 4,      /* address */
    AUTH_TAG_HELO = 5,
    AUTH_TAG_MAIL_FROM = 6, /* without angle brackets; absent or empty: null */
    AUTH_TAG_CLAIMED = 7,   /* domain whose signatures matter; absent: all do */
    AUTH_TAG_SPF_VERDICT = 16,
    AUTH_TAG_SPF_HELO = 17, /* 1: the identity was the HELO name */
    AUTH_TAG_SPF_DOMAIN = 18,
    AUTH_TAG_SPF_DNSSEC = 19,
    AUTH_TAG_SPF_WHY = 20,
    AUTH_TAG_SPF_EVERYBODY = 22, /* 1: the policy lets every client */
    AUTH_TAG_MORE = 21,          /* 1: more signatures than are looked at */
    AUTH_TAG_SIGNATURE = 32,     /* bits of enum auth_signature; begins a signature */
    AUTH_TAG_DOMAIN = 33,
    AUTH_TAG_SELECTOR = 34,
    AUTH_TAG_ALGORITHM = 35,
    AUTH_TAG_BITS = 36,
    AUTH_TAG_COVER = 37, /* two bits a field, from the lowest up, in the order of enum auth_cover */
    AUTH_TAG_SIGNED_AT = 38,
    AUTH_TAG_EXPIRES_AT = 39,
    AUTH_TAG_DNSSEC = 40,
    AUTH_TAG_WHY = 41,
};

enum auth_signature {
    AUTH_SIGNATURE_COUNTS = 1,
    AUTH_SIGNATURE_TRY_LATER = 2,
    AUTH_SIGNATURE_MATCHES = 4,
    AUTH_SIGNATURE_BODY_MATCHES = 8,
    AUTH_SIGNATURE_TEST_KEY = 16,
    AUTH_SIGNATURE_HAS_LENGTH = 32,
};

enum auth_cover {
    AUTH_COVER_FROM,
    AUTH_COVER_CONTENT_TYPE,
    AUTH_COVER_TRANSFER_ENCODING,
    AUTH_COVER_SUBJECT,
    AUTH_COVER_DATE,
    AUTH_COVER_TO,
    AUTH_COVER_REPLY_TO,
    AUTH_COVER_COUNT,
};

enum {
    AUTH_NAME_MAX = 253,
    AUTH_WHY_MAX = 300,
    AUTH_ADDRESS_MAX = 63, /* CLIENT */
    AUTH_PATH_MAX = 1000,  /* MAIL_FROM and HELO: beyond RFC 5321's limits there is none */
    AUTH_BUDGET_MAX_MS = 120 * 1000,
};

#endif
