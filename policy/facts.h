/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_POLICY_FACTS_H
#define KHATM_POLICY_FACTS_H

/* Everything a decision may look at, as plain data. Gathered before, borrowed while deciding, never changed
 * by policy. What could not be learnt is a value (UNKNOWN), never an absence, and unknown never matches a
 * permission. All text is UTF-8, borrowed from the caller. Class names follow docs/policy.md. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum policy_role { ROLE_SUBMISSION, ROLE_INBOUND, ROLE_EGRESS, ROLE_LOCAL };
enum { ROLE_COUNT = ROLE_LOCAL + 1 };

enum fact { FACT_UNKNOWN, FACT_NO, FACT_YES };

enum sender_class {
    SENDER_NULL,       /* envelope sender <> */
    SENDER_OUTSIDER,   /* no registry domain claimed */
    SENDER_CLAIMED,    /* a registry domain claimed, without the proof its entry demands */
    SENDER_GOVERNMENT, /* registry domain, proof passed */
    SENDER_SERVICE,    /* a machine named in the configuration */
    SENDER_STAFF,      /* login, protected connection, envelope and From belong to the login */
};
enum { SENDER_CLASS_COUNT = SENDER_STAFF + 1 };

/* What keeps a sender from being staff (submission) or government (inbound). The reply, the journal and the
 * rules' condition `lacks` speak of it. */
enum sender_lack {
    LACK_NOTHING,
    LACK_LOGIN,      /* no SASL login */
    LACK_TLS,        /* the connection is not protected as the service demands */
    LACK_FROM,       /* no From mailbox, several, or one that can be read in two ways */
    LACK_AUTHOR,     /* From does not belong to the login */
    LACK_ENVELOPE,   /* the envelope sender does not belong to the login, or not to the From's entry */
    LACK_ENTRY,      /* a domain of ours that no entry of the registry says how to prove */
    LACK_DKIM,       /* no signature passes */
    LACK_DKIM_UNFIT, /* one passes its hashes, but may not count: l=, weak, a test, From not signed … */
    LACK_DKIM_OTHER, /* one counts, but it is somebody else's */
    LACK_SPF,        /* the client is not one that the envelope's domain named */
    LACK_SPF_ERROR,  /* the domain's SPF record cannot be understood, or not be trusted */
    LACK_PROOFS,     /* more than one proof was asked for, or would have done, and none passes */
    LACK_TICKET,     /* at egress: no ticket says that somebody of ours sent this very message */
};
enum { SENDER_LACK_COUNT = LACK_TICKET + 1 };

enum rcpt_class {
    RCPT_LOCAL,
    RCPT_GOVERNMENT,
    RCPT_PARTNER,
    RCPT_CONSUMER,
    RCPT_LOOKALIKE,
    RCPT_OTHER,
    RCPT_MALFORMED,
};
enum { RCPT_CLASS_COUNT = RCPT_MALFORMED + 1 };

/* What is in the message, as a set. Empty: conversation only. */
enum content_flag {
    CONTENT_DOCUMENT = 1,  /* a document that is neither opaque nor sealed: it would travel in clear */
    CONTENT_OPAQUE = 2,    /* somebody else's encryption */
    CONTENT_SEALED = 4,    /* sealed by a gateway of the registry */
    CONTENT_AMBIGUOUS = 8, /* two readers could read it in two ways */
};

/* What opening mail that is sealed for us has shown. */
enum seal_state {
    SEAL_NONE,     /* nothing of it is sealed for us, or it was not to be opened */
    SEAL_VERIFIED, /* opened; signed by the key that the registry pins for the proven sender */
    SEAL_UNSIGNED, /* opened; nobody signed, and the configuration takes that */
    SEAL_BROKEN,   /* sealed for us, and not to be taken for it: seal_why */
};
enum { SEAL_STATE_COUNT = SEAL_BROKEN + 1 };

enum {
    LEVEL_MAX = 5
}; /* 0 PUBLIC, 1 INTERNE, 2 DIFFUSION RESTREINTE, 3 CONFIDENTIEL, 4 SECRET, 5 TRES SECRET */

enum caveat_flag {
    CAVEAT_ENQUETE = 1,
    CAVEAT_DCP = 2,
    CAVEAT_PERSONNEL = 4,
    CAVEAT_URGENT = 8,
    CAVEAT_EMBARGO = 16,
};

/* Can we encrypt to this recipient, and if not, why. Everything but USABLE refuses or defers. */
enum key_state {
    KEY_UNKNOWN, /* the look-up itself failed: try later */
    KEY_USABLE,
    KEY_MISSING, /* the registry names none, or the ring does not hold it */
    KEY_EXPIRED, /* key_time: since when, seconds since 1970 */
    KEY_REVOKED,
    KEY_DISABLED,
    KEY_SIGN_ONLY, /* no subkey may encrypt */
    KEY_WEAK,      /* algorithm or length below what the configuration demands */
    KEY_BROKEN,    /* key_why: gpg could not encrypt to it when that was tried */
};
enum { KEY_STATE_COUNT = KEY_BROKEN + 1 };

struct sender_facts {
    enum sender_class class;
    enum sender_lack lacks; /* LACK_NOTHING for staff, a service, government, and who claims nothing */
    /* With SENDER_CLAIMED: a proof could not be looked for (DNS, helper), so it may be SENDER_GOVERNMENT. */
    bool proof_unknown;
    enum fact must_seal; /* the sender's entry says that its documents come sealed; UNKNOWN without entry */
    enum fact
        delivers_broken; /* the entry lets its broken seals be delivered as they came; UNKNOWN without */
    enum fact proven;  /* of mail from outside: SPF or DKIM shows that From's domain sent it for this From */
    const char *why;   /* one phrase: why this class and not a better one */
    const char *login; /* NULL without SASL login */
    const char *envelope_from; /* without <>; "" for the null sender */
    const char *from;          /* the one From mailbox; NULL when there is none or more than one */
};

struct rcpt_facts {
    const char *address; /* where it goes, without <> */
    const char *typed;   /* what it was before aliases and forwards; NULL: the same, or not said */
    const char *domain;  /* IDNA A-labels, lower case, no trailing dot; NULL when malformed */
    enum rcpt_class class;
    const char *why;        /* one phrase: what made it this class ("registry entry justice.gov.example") */
    const char *suggestion; /* a domain that was probably meant; NULL */
    int max_level;          /* of the registry entry, 0 to LEVEL_MAX; -1 when it has none */
    enum fact in_circle;    /* message's level and caveats are within the recipient's circle */
    enum key_state key;
    const char *key_fingerprint; /* NULL when the registry names none */
    bool key_personal;           /* it is, or would have to be, the recipient's own and not his domain's */
    int64_t key_time;            /* when it expired or was revoked, seconds since 1970; 0 unknown */
    const char *key_why;         /* with KEY_BROKEN, one phrase; else NULL */
    enum fact in_headers;        /* NO: blind copy */
    enum fact ticket;            /* at egress: a valid ticket decided this recipient */
    enum fact sealed_for;        /* all that is sealed in it we sealed for this recipient */
    enum fact returns;           /* every document is one that this address, proven, once sent us */
};

/* How the journal recognised a document: by its bytes, by its very words, by a sketch of its text. */
enum known_by { KNOWN_BY_NOTHING, KNOWN_BY_BYTES, KNOWN_BY_TEXT, KNOWN_BY_SKETCH };

struct document_facts {
    const char *path; /* "2", "2.1", "2!inner/name" within an archive */
    const char *name; /* as the sender called it; NULL */
    const char *kind; /* media type by content */
    const char *why;  /* one phrase: what made it a document, unread …; NULL */
    int level;
    unsigned caveats; /* caveat_flag */
    bool unread, opaque, sealed, ambiguous;
    uint64_t size_bytes;
    const char *sha256;            /* of the decoded bytes, 64 hexadecimal digits; NULL when not computed */
    const char *const *markings;   /* as the shipped lists write them; NULL-terminated; NULL: none */
    const char *const *references; /* reference numbers in its text; the same */
    enum fact known;               /* the journal knows it, or its text, as an administrative document */
    enum known_by known_by;        /* how it was recognised */
    unsigned share;                /* percent of that document's text that it has; known or not; 0: none */
    const char *resembles;         /* reference of the record that has that document; NULL: none */
};

/* What shows that somebody else's mail is sent on, as a set. */
enum forward_flag {
    FORWARD_RESENT = 1,    /* Resent-From and its like (RFC 5322 3.6.6) */
    FORWARD_AUTOMATIC = 2, /* a field that forwarding servers and filters write */
    FORWARD_DELIVERED = 4, /* it was in a mailbox before: Delivered-To and its like */
    FORWARD_NESTED = 8,    /* a message within the message */
};
enum { FORWARD_FLAG_COUNT = 4 };

struct policy_facts {
    enum policy_role role;
    struct sender_facts sender;
    const struct rcpt_facts *rcpts;
    size_t n_rcpts;
    const struct document_facts *documents;
    size_t n_documents;
    unsigned content; /* content_flag; the union over documents */
    int level;        /* the highest of the documents; 0 without content */
    unsigned caveats;
    unsigned forward;            /* forward_flag */
    const char *forward_why;     /* the field or part that shows it; NULL: none */
    enum fact reply_to_consumer; /* Reply-To, Errors-To, Disposition-Notification-To … at a consumer domain */
    enum fact seals_here;        /* this role is where the configuration seals */
    enum seal_state seal;        /* with SEAL_VERIFIED and SEAL_UNSIGNED, documents are those inside */
    const char *seal_why;        /* one phrase: what is wrong with the seal, or why it stays closed; NULL */
    enum fact known;             /* the journal knows one of the documents as an administrative one */
};

#endif
