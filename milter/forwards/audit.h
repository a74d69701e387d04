/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_FORWARDS_AUDIT_H
#define KHATM_FORWARDS_AUDIT_H

/* The state of one audit, shared by the files of this folder. Everything is in the request's arena. */

#include "base/buffer.h"
#include "forwards/forwards.h"
#include "postfix/file.h"
#include "postfix/tables.h"

enum { AUDIT_QUESTIONS_MAX = 64, AUDIT_DOMAIN_TABLES_MAX = 16 };

/* A table that only answers, to be asked at the end. */
struct question {
    const char *table, *source;
    int what; /* forwards/settings.c's own */
};

struct audit {
    const struct forwards_request *request;
    struct forward *forwards;
    struct forwards_unread *unread;
    size_t room_forwards, room_unread;
    struct forwards_report report;
    const char *const *delivered; /* domains whose final delivery is this Postfix's; NULL-terminated */
    const char *domain_tables[AUDIT_DOMAIN_TABLES_MAX]; /* the same, of which one must ask */
    size_t n_domain_tables;
    const char *origin; /* completes a name without a domain */
    const char **seen;  /* files and tables that were read */
    size_t n_seen, room_seen;
    struct question questions[AUDIT_QUESTIONS_MAX];
    size_t n_questions;
    struct buffer keys; /* to ask them, one a line */
};

/* Where a target was found. */
struct origin {
    const char *source;
    struct place place;
    const char *key;
    const struct owner *owner; /* of an :include: in a user's file; NULL: the system's */
    bool is_pattern;           /* $1 in the target stands for a part of what `key` met */
    bool is_compiled;          /* the same target in the text of this table counts as this one */
    unsigned depth;            /* of :include: */
};

/* False: it was there before. */
bool audit_first_time(struct audit *audit, const char *what);
void audit_unread(struct audit *audit, const char *what, const char *why);
/* One address. */
void audit_address(struct audit *audit, const struct origin *origin, const char *target);
/* The same, with the address that stands for it where the target has variables. */
void audit_address_as(struct audit *audit, const struct origin *origin, const char *target, const char *as);
/* Something else that sends mail on. */
void audit_unknown(struct audit *audit, const struct origin *origin, const char *target, const char *why);
/* A file read whole, as its owner; NULL: there is none, or it was said to be unread. */
const char *audit_read(struct audit *audit, const char *path, const struct owner *owner);

/* Addresses, commands, files and :include: as aliases(5) has them; line ends in the text count. */
void audit_targets(struct audit *audit, const struct origin *origin, const char *text);
void audit_command(struct audit *audit, const struct origin *origin, const char *command);
/* main.cf and master.cf, with the tables they name. */
void audit_settings(struct audit *audit);
void audit_ask(struct audit *audit, const struct question *question);
/* .forward and Sieve of everybody who has an account. */
void audit_users(struct audit *audit);
/* Scripts in a folder and below; as_owner: NULL: the system's. A folder that is not there is no trouble. */
void audit_sieve_folder(struct audit *audit, const char *path, const struct owner *owner, const char *key);
void audit_sieve_file(struct audit *audit, const char *path, const struct owner *owner, const char *key);
/* procmailrc(5), and what it includes; home: NULL: the system's. */
void audit_procmail(struct audit *audit, const char *path, const struct owner *owner, const char *key,
                    const char *home);
/* Scripts that Dovecot's configuration names. */
void audit_dovecot(struct audit *audit, const char *file);
/* One mlmmj list; a folder of lists. */
void audit_mlmmj_list(struct audit *audit, const char *path);
void audit_mlmmj_folder(struct audit *audit, const char *path);

#endif
