/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_CONFIG_CONFIG_H
#define KHATM_CONFIG_CONFIG_H

/* khatm.conf and the files it names, read once into plain data and immutable from then on. A reload builds a
 * new one and swaps the pointer; whoever holds the old one keeps it alive by its reference. Every setting has
 * a default, a unit and a line in khatm.conf(5). The only folder that sees libconfuse. Errors: the first
 * wrong line, as "FILE:LINE: what is wrong: what to do" in *problem, RESULT_BAD_INPUT. */

#include "base/result.h"
#include "policy/facts.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct registry; /* policy/registry.h */
struct rules;    /* policy/rules.h */
struct notices;  /* policy/notices.h */
struct lists;    /* policy/lists.h: consumer domains */

enum run_mode { MODE_OBSERVE, MODE_ENFORCE };

struct attach_settings {
    const char *daemon_name; /* the {daemon_name} macro; "*" is the fallback */
    enum policy_role role;
    int tls_min;                      /* 10, 11, 12 or 13; 0: none demanded */
    const char *const *trusted_hosts; /* addresses from which TLS is not demanded; NULL-terminated */
    const char *const *relays;        /* upstream relays whose client address is believed; NULL-terminated */
};

struct machine_settings { /* a sender without a login */
    const char *name;
    const char *const *clients; /* addresses or "uid:N"; NULL-terminated */
    const char *from;
};

struct login_settings { /* a line of the file `logins`: LOGIN: address, address */
    const char *login;
    const char *const *addresses; /* as written; NULL-terminated */
};

struct config {
    const char *path;     /* as given */
    const char *node;     /* DNS name of this gateway, authserv-id and origin of its journal */
    const char *socket;   /* "unix:/path", "inet:PORT@ADDRESS", "inet6:PORT@ADDRESS" */
    unsigned socket_mode; /* of the unix socket */
    enum run_mode mode;
    bool seals_at_submission;            /* else at egress */
    const char *languages[4];            /* "fr" "ar" "en", NULL-terminated, in the order wanted */
    const char *const *local_domains;    /* A-labels, lower case; NULL-terminated */
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
        unsigned workers;    /* messages at once */
        int64_t deadline_ms;
        uint64_t memory; /* bytes a worker */
        unsigned depth, parts;
    } inspector;
    struct sealing_settings {
        const char *program;        /* path of khatm-sealer */
        const char *gpg;            /* path of gpg */
        const char *homedir;        /* where the admin keeps public keys; read only by us */
        const char *work_directory; /* private; a generated working ring is made in here */
        unsigned slots;
        int64_t wait_ms;     /* for a free slot */
        int64_t deadline_ms; /* for one message */
        unsigned rsa_min_bits;
        int64_t refresh_ms; /* of the key cache */
    } sealing;
    struct journal_settings {
        const char *store; /* "sqlite:/path" */
        int64_t wait_ms;   /* for a locked or busy store */
    } journal;

    const struct registry *registry;
    const struct rules *rules;
    const struct notices *notices;
    const struct lists *lists;
    char digest[65]; /* SHA-256 over the bytes of all files read: the "policy digest" of a record */
};

/* Reads everything. Relative names in the file are relative to the file's folder. Reference count 1. */
enum result config_load(const char *path, const struct config **config_out, struct problem *problem) MUST_USE;
/* Thread-safe. */
const struct config *config_ref(const struct config *config);
void config_unref(const struct config *config);

/* For tools beside the daemon, which must leave its directories alone: spool and working ring go to
 * `directory` instead. Only before anybody else holds the configuration. RESULT_TRY_LATER: no memory. */
enum result config_use_scratch(const struct config *config, const char *directory) MUST_USE;

/* The attach section for a {daemon_name}; the "*" section, else one that trusts nobody (role inbound). */
const struct attach_settings *config_attach(const struct config *config, const char *daemon_name);

#endif
