/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_CONFIG_CONFIG_H
#define KHATM_CONFIG_CONFIG_H

/* khatm.conf and the files it names, read once into plain data and immutable from then on. A reload builds a
 * new one and swaps the pointer; whoever holds the old one keeps it alive by its reference. Every setting has
 * a default, a unit and a line in khatm.conf(5). The only folder that sees libconfuse. Errors: the first
 * wrong line, as "FILE:LINE: what is wrong: what to do" in *problem, RESULT_BAD_INPUT. */

#include "base/ip.h"
#include "base/result.h"
#include "policy/facts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct registry; /* policy/registry.h */
struct rules;    /* policy/rules.h */
struct notices;  /* policy/notices.h */
struct lists;    /* policy/lists.h: consumer domains */
struct source;   /* config/source.h */

enum {
    RESOLVER_SERVERS_MAX = 8,
    TICKET_KEY_ID_ROOM = 17,
    TICKET_KEY_BYTES = 32,
    TICKET_KEYS_MAX = 4,
    DKIM_KEYS_MAX = 16
};

enum run_mode { MODE_OBSERVE, MODE_ENFORCE };

struct attach_settings {
    const char *daemon_name; /* the {daemon_name} macro; "*" is the fallback */
    enum policy_role role;
    int tls_min;                      /* 10, 11, 12 or 13; 0: none demanded */
    const char *const *trusted_hosts; /* addresses from which TLS is not demanded; NULL-terminated */
    const struct ip_network *relays;  /* upstream relays whose Received field is believed */
    size_t n_relays;
};

struct machine_settings { /* a sender without a login */
    const char *name;
    const char *const *clients; /* addresses; NULL-terminated */
    const char *from;
};

struct login_settings { /* a line of the file `logins`: LOGIN: address, address */
    const char *login;
    const char *const *addresses; /* as written; NULL-terminated */
};

struct dkim_key_settings {
    const char *name;   /* of its DNS record: SELECTOR._domainkey.DOMAIN */
    const char *domain; /* A-labels, lower case; within name */
    const char *file;   /* of the private key, which khatm-dkim-signer alone reads */
    uint64_t stamp;     /* of that file's last change; 0: it is not there */
};

struct ticket_key { /* milter/ticket/ticket.h */
    char id[TICKET_KEY_ID_ROOM];
    uint8_t bytes[TICKET_KEY_BYTES];
};

/* Why the registry is believed. */
enum registry_trust {
    REGISTRY_BY_FILE,    /* no authority is pinned: whoever may write the file is believed */
    REGISTRY_UNVERIFIED, /* an authority is pinned, and nobody asked whether it signed: not for decisions */
    REGISTRY_SIGNED,     /* verified */
    REGISTRY_KEPT,       /* the file was refused; the last good issue, verified anew, is in its place */
};

struct signature_times { /* seconds since 1970; 0: not told, or never */
    int64_t created, expires, key_expires;
};

struct config {
    const char *path;     /* as given */
    const char *node;     /* DNS name of this gateway, authserv-id and origin of its journal */
    const char *socket;   /* "unix:/path", "inet:PORT@ADDRESS", "inet6:PORT@ADDRESS" */
    unsigned socket_mode; /* of the unix socket */
    enum run_mode mode;
    bool seals_at_submission;            /* else at egress */
    bool reloads_by_itself;              /* when its files change; else only when told to */
    const char *languages[4];            /* "fr" "ar" "en", NULL-terminated, in the order wanted */
    const char *const *local_domains;    /* A-labels, lower case; NULL-terminated */
    const char *warnings[4];             /* lines about what stops nothing; NULL-terminated */
    const struct login_settings *logins; /* of the file `logins`; empty without one: login = address */
    size_t n_logins;

    const struct attach_settings *attaches;
    size_t n_attaches;
    const struct machine_settings *machines;
    size_t n_machines;

    struct spool_settings {
        const char *directory;
        uint64_t message_limit; /* bytes */
    } spool;
    struct inspector_settings {
        const char *program; /* path of khatm-inspector */
        const char *reader;  /* path of khatm-reader */
        unsigned workers;    /* messages at once */
        int64_t deadline_ms;
        uint64_t memory; /* bytes a worker */
        unsigned depth, parts;
        /* Who meets a message first; what is found is the same. Not a setting: tests compare. */
        enum inspector_order { ORDER_BY_HINT, ORDER_IN_TURN, ORDER_AT_ONCE } order;
        /* The folder `markings`, as policy/marking_pack.h makes it; NULL: nothing is looked for. */
        const void *pack;
        size_t pack_size, n_markings;
        struct ocr_settings {
            const char
                *languages; /* as tesseract takes them: "fra+ara"; NULL: letters in pictures stay unread */
            const char *program; /* path of khatm-ocr */
            const char *data;    /* directory of tesseract's *.traineddata */
            unsigned workers;    /* messages at once */
            int64_t deadline_ms; /* for one message, on top of the inspector's */
            uint64_t memory;     /* bytes a worker */
        } ocr;
    } inspector;
    struct dns_settings {
        const char *const *servers; /* ADDRESS or ADDRESS@PORT; none: those of /etc/resolv.conf */
        size_t n_servers;
        int64_t deadline_ms;       /* for all that one message asks */
        const char *trust_anchors; /* DNSSEC: file of the root's keys; NULL: not validated */
    } resolver;
    struct authenticator_settings {
        const char *program; /* path of khatm-authenticator */
        unsigned processes;  /* messages at once */
        int64_t wait_ms;     /* for a free process */
    } authenticator;
    struct signing_settings {
        const char *homedir; /* where the admin keeps the key that signs; NULL: nothing is signed */
        const char *key;     /* its fingerprint: 40 upper-case digits */
    } signing;
    struct sealing_settings {
        const char *program;        /* path of khatm-sealer */
        const char *gpg;            /* path of gpg */
        const char *homedir;        /* where the admin keeps public keys; read only by us */
        const char *work_directory; /* private; a generated working ring is made in here */
        unsigned slots;
        int64_t wait_ms;     /* for a free slot */
        int64_t deadline_ms; /* for one message */
        unsigned rsa_min_bits;
        bool resident;                          /* gpg stays between messages that nobody signs */
        uint64_t size_limit;                    /* octets of a sealed message; 0: none */
        int64_t refresh_ms;                     /* of the key cache */
        const char *secrets;                    /* home of the secret keys to open with; NULL: to seal with */
        const struct signing_settings *signing; /* of who seals with it; NULL: nothing is signed */
    } sealing;
    struct unsealing_settings {
        const char *homedir; /* where the admin keeps the domain's secret key; NULL: nothing is opened */
        bool takes_unsigned; /* what nobody signed is opened, too */
        unsigned slots;
    } unsealing;
    struct wkd_settings {
        bool fetches;         /* else no server is ever asked for a key */
        const char *program;  /* path of khatm-fetcher */
        const char *ca_file;  /* whose certificates servers have */
        const char *networks; /* not of the Internet, and may be asked: "10.0.0.0/8,192.0.2.7"; "-": none */
        int64_t deadline_ms;  /* for one key */
    } wkd;
    struct journal_settings {
        const char *store; /* "sqlite:/path" */
        int64_t wait_ms;   /* for a locked or busy store */
    } journal;

    struct dkim_settings {
        const char *program; /* path of khatm-dkim-signer */
        unsigned processes;  /* messages at once */
        int64_t wait_ms;     /* for a free process */
        int64_t deadline_ms; /* for one message */
        int64_t lifetime_s;  /* of a signature; 0: for ever */
        bool unsealed;       /* what leaves without a seal is signed, too */
        const char *names;   /* fields that are signed, with colons between */
        const struct dkim_key_settings *keys;
        size_t n_keys; /* 0: nothing is signed */
    } dkim;

    struct registry_settings {
        const char *path, *signature; /* signature: beside it, with .asc */
        const char *authority;        /* fingerprint, 40 upper-case digits; NULL: none is pinned */
        const char *authority_key;    /* path of that public key */
        enum registry_trust trust;
        const char *refused;   /* with REGISTRY_KEPT: what is wrong with the file; else NULL */
        bool serial_unchecked; /* to a guest: an older one may have been taken for good */
        struct signature_times times;
    } registry_file;
    struct tickets_settings {
        const char *path; /* of the keys; NULL: none, no egress role */
        int64_t lifetime_s;
        struct ticket_key *keys; /* the first makes tickets, all read them */
        size_t n_keys;
        bool closed; /* to a guest: there are keys, and they may not be read */
    } tickets;
    const char *state; /* directory: what outlives the daemon, but for the journal */
    const struct registry *registry;
    const struct rules *rules;
    const struct notices *notices;
    const struct lists *lists;
    char digest[65]; /* SHA-256 over the bytes of all files read: the "policy digest" of a record */
};

/* That the registry is the authority's. */
struct registry_claim {
    const struct source *registry, *signature, *key;
    const char *authority;
};

/* Who verifies signatures: config/ starts no programs. seal/check.h has the one there is. */
struct config_trust {
    /* RESULT_OK: it is. Else *problem says what is wrong, file first. */
    enum result (*verify)(const struct config_trust *trust, const struct config *config,
                          const struct registry_claim *claim, struct signature_times *times_out,
                          struct problem *problem);
    const char *work_directory; /* for `verify`; NULL: the one that the configuration names */
    bool falls_back;            /* to the last good registry when the file is refused */
    bool is_guest;              /* a reader who need not be allowed to see what was accepted before */
};

/* Reads everything. Relative names in the file are relative to the file's folder. Reference count 1. A pinned
 * authority is not asked: for readers of other settings. */
enum result config_load(const char *path, const struct config **config_out, struct problem *problem) MUST_USE;
/* The same for whoever decides by it: a registry that is not signed by the pinned authority, or is older than
 * one accepted before, is refused. */
enum result config_load_trusted(const char *path, const struct config_trust *trust,
                                const struct config **config_out, struct problem *problem) MUST_USE;
/* Keeps the registry in force with its signature in the state directory, durably, as the last good one: from
 * then on no older serial is accepted. By the daemon only, before it decides by it. */
enum result config_keep_registry(const struct config *config, struct problem *problem) MUST_USE;

/* Would the same be decided by both, now and later? */
bool config_is_same(const struct config *a, const struct config *b);

/* When the registry in force will be refused at the next look, seconds since 1970: it, its signature or the
 * key that made it ends. 0: never. */
int64_t config_registry_ends(const struct config *config);

/* A registry file by itself, as its author looks at it: read once, all but the signature checked. consumers:
 * the list it must not meet; NULL: none. */
struct registry_draft {
    const struct registry *registry;
    const char *text; /* the bytes that were checked */
    size_t size;
    struct arena *arena;
};
enum result config_read_draft(const char *path, const char *consumers, struct registry_draft *draft_out,
                              struct problem *problem) MUST_USE;
void config_free_draft(struct registry_draft *draft);

/* Thread-safe. */
const struct config *config_ref(const struct config *config);
void config_unref(const struct config *config);

/* Where `make install` puts the helper programs, or, in a build tree, beside the running one. In the arena;
 * NULL: no memory. */
const char *config_find_program(struct arena *arena, const char *name);

/* For tools beside the daemon, which must leave its directories alone: spool and working ring go to
 * `directory` instead. Only before anybody else holds the configuration. RESULT_TRY_LATER: no memory. */
enum result config_use_scratch(const struct config *config, const char *directory) MUST_USE;

/* The attach section for a {daemon_name}; the "*" section, else one that trusts nobody (role inbound). */
const struct attach_settings *config_attach(const struct config *config, const char *daemon_name);

#endif
