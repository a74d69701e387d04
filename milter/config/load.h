/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_CONFIG_LOAD_H
#define KHATM_CONFIG_LOAD_H

/* The readers of the single files, each from a source to the table the policy works with. Within config/
 * only. */

#include "base/digest.h"
#include "config/config.h"
#include "config/source.h"
#include "config/syntax.h"

struct values; /* config/values.h */

/* What khatm.conf says; names of further files come out resolved against its folder. */
struct config_files {
    const char *rules, *lists, *markings, *replies, *logins, *tickets; /* the last two: NULL when not given */
    unsigned local_domains_line, registry_line, authority_key_line, rules_line, lists_line, markings_line,
        replies_line, logins_line, tickets_line;
};

enum result load_settings(struct arena *arena, const struct source *source, struct config *config,
                          struct config_files *files, struct problem *problem) MUST_USE;
/* Its sections about the stages of the route, and what may stand in them. */
extern const struct syntax in_spool[], in_inspector[], in_ocr[], in_resolver[], in_authenticator[],
    in_sealing[], in_unsealing[], in_dkim[], in_dkim_key[], in_wkd[], in_journal[], in_tickets[];
void load_stages(struct values *values, const struct block *file, struct config *config);
void load_ocr(struct values *values, const struct block *file, struct config *config);
void load_wkd(struct values *values, const struct block *file, struct config *config);
void load_dkim(struct values *values, const struct block *file, struct config *config);
/* Path of one of our programs: what `key` says, else where it stands. */
const char *load_program(struct values *values, const struct block *block, const char *key, const char *name);
enum result load_logins(struct arena *arena, const struct source *source, struct config *config,
                        struct problem *problem) MUST_USE;
/* The keys of tickets, which are nobody's to see but the daemon's: refused when all may read the file. A
 * guest who may not read it goes without. */
enum result load_tickets(struct arena *arena, const struct source *source, struct config *config,
                         struct problem *problem) MUST_USE;
/* The three below give tables that the caller frees. */
enum result load_rules(struct arena *arena, const struct source *source, const struct rules **rules_out,
                       struct problem *problem) MUST_USE;
/* Parses and lints. lists: consumer mail, which no entry may be; NULL: not compared. now: seconds since 1970;
 * an expired registry is refused. */
enum result load_registry(struct arena *arena, const struct source *source, const struct lists *lists,
                          int64_t now, const struct registry **registry_out,
                          struct problem *problem) MUST_USE;
enum result load_lists(const struct source *source, const struct lists **lists_out,
                       struct problem *problem) MUST_USE;
/* Parses the files of the folder `markings`, in the order of enum marking_file; what the inspector gets is
 * malloc'ed. */
enum result load_markings(const struct source *sources, struct inspector_settings *inspector,
                          struct problem *problem) MUST_USE;

#endif
