/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_ADMIN_REPORT_KEYS_H
#define KHATM_ADMIN_REPORT_KEYS_H

/* What ends, as the report tells it: keys that are sealed to, our own, the one that signs, entries of the
 * registry with a last day, the issue itself. As of now, whatever the report's period. What could not be
 * looked at is said in `trouble` and never left out in silence. One thread. */

#include "base/arena.h"
#include "seal/outlook.h"

enum report_subject {
    SUBJECT_GATEWAY, /* key of another domain */
    SUBJECT_OWN,     /* that others seal to us with */
    SUBJECT_PERSON,
    SUBJECT_SIGNING,
    SUBJECT_PARTNER, /* entry with a last day */
    SUBJECT_MINISTRY,
    SUBJECT_REGISTRY,
};

/* Who could mend it. */
enum report_action {
    ACTION_NONE,
    ACTION_IMPORT,  /* ask its owner for the key as it is now, and import it */
    ACTION_ANOTHER, /* ask its owner for another, have the registry name it, and import it */
    ACTION_ENABLE,  /* it was disabled here */
    ACTION_PROLONG, /* prolong our own, and hand it out */
    ACTION_RENEW,   /* prolong the one that signs, and hand it out */
    ACTION_MEND,    /* the one that signs does not do */
    ACTION_PIN,     /* registry and khatm.conf are to name one key that signs */
    ACTION_ENTRY,   /* ask the authority to prolong the entry, if it is to stay */
    ACTION_ISSUE,   /* get the next issue of the registry */
    ACTION_REFUSED, /* find out what is wrong with the issue that was refused */
};

struct report_key {
    enum report_subject subject;
    size_t place;            /* in the registry's order */
    const char *name;        /* domain, address of a person, path of the registry */
    const char *fingerprint; /* NULL: none */
    const char *state;       /* "usable", "expired" …: for machines */
    enum outlook_stage stage;
    int64_t ends, since; /* seconds since 1970; 0: never, or not known */
    int days_left;
    enum report_action action;
    const char *contact;    /* with ACTION_IMPORT and ACTION_ANOTHER: whom to ask */
    const char *why, *mend; /* in English, one line each; NULL: nothing is to be done */
};

struct report_keys {
    struct arena *arena;
    int64_t now;             /* seconds since 1970; 0: nothing was looked at */
    const char *trouble;     /* what could not be looked at, and why; NULL: all was */
    struct report_key *rows; /* what needs doing first, the worst on top; then in the registry's order */
    size_t n, n_news, room;
    bool failed; /* no memory */
};

/* config: NULL: there is none to go by. Never fails but for memory. */
void report_keys_gather(struct report_keys *keys, const char *config);
void report_keys_free(struct report_keys *keys);

/* "gateway", "own", "person" …: for machines. */
const char *report_subject_name(enum report_subject subject);
/* Whole days left are known. */
bool report_key_counts(const struct report_key *key);
/* The day to show, seconds since 1970: of an end at midnight the last one that counts, as the registry writes
 * it; 0: none. */
int64_t report_key_last_day(const struct report_key *key);

#endif
