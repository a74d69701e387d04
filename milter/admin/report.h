/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_ADMIN_REPORT_H
#define KHATM_ADMIN_REPORT_H

/* What `khatm report` has counted, and the forms it is printed in. Two passes over the journal: the
 * first counts, the second prints the refusals one by one, so that memory does not grow with them; both stop
 * at the record that was the last when the report began. What ends soon is told beside it, as of now. */

#include "admin/printer.h"
#include "admin/report_keys.h"
#include "admin/report_words.h"
#include "admin/tally.h"
#include "journal/journal.h"

enum { VERDICT_COLUMNS = VERDICT_REJECT + 1, OBSERVED_COLUMN = VERDICT_COLUMNS };

struct report {
    const char *argv0;
    struct journal_query query; /* only the period */
    bool empty;                 /* no record in the period */
    struct journal_coverage coverage;
    uint64_t decided[VERDICT_COLUMNS], observed[VERDICT_COLUMNS];
    struct tally *reasons;          /* messages refused */
    struct tally *observed_reasons; /* messages that would have been */
    struct tally *domains;          /* recipients refused */
    struct tally *senders;          /* messages refused, by the sender's domain */
    struct tally *days;             /* messages by verdict, in OBSERVED_COLUMN would-be refusals */
    bool failed;                    /* no memory */
    bool wants_keys;                /* of CSV, the other table */
    bool speaks;                    /* a language was named */
    enum language language;         /* of the page */
    struct report_keys keys;
};

/* Calls visit for each refusal, enforced or observed, in order. */
enum result report_refusals(const struct report *report, struct journal *journal,
                            int (*visit)(const struct record *record, void *context), void *context,
                            struct problem *problem) MUST_USE;

enum result report_print_text(struct report *report, struct journal *journal, FILE *out,
                              struct problem *problem) MUST_USE;
enum result report_print_csv(struct report *report, struct journal *journal, FILE *out,
                             struct problem *problem) MUST_USE;
enum result report_print_json(struct report *report, struct journal *journal, FILE *out,
                              struct problem *problem) MUST_USE;

enum result report_print_html(struct report *report, struct journal *journal, FILE *out,
                              struct problem *problem) MUST_USE;

/* The section of what ends. */
void report_print_text_keys(const struct printer *printer, const struct report_keys *keys);

#endif
