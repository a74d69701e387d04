/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_FORMS_H
#define KHATM_INSPECTOR_FORMS_H

/* Is this line nothing but markings? A line is compared as its letters and digits alone (fold_key), so
 * spacing, hyphens and decoration do not matter; a second time with look-alike letters of other scripts, 0
 * and 1 taken for Latin ones. Else it is taken apart at what separates ("CONFIDENTIEL / سري", "Classification
 * : SECRET", "DIFFUSION RESTREINTE   Page 2/10") and every piece must be a marking or say nothing. Where the
 * line stands is not looked at here (stance.h). Made in the template; then immutable. */

#include "policy/marking_tables.h"

enum { FORMS_LINE_MAX = 240, FORMS_PIECES_MAX = 6 };

struct forms;

/* What a line says. */
struct forms_line {
    const struct marking_row *rows[FORMS_PIECES_MAX];
    size_t n_rows;
    bool announced; /* behind words such as "Classification :" */
    size_t at;      /* where the first marking begins */
    size_t letters; /* and how many it has */
};

/* Borrows both. NULL: no memory. */
struct forms *forms_new(const struct fold *fold, const struct marking_tables *tables);
void forms_free(struct forms *forms);
/* Cheap: could the line, in its normal form, be one? */
bool forms_may_begin(const struct forms *forms, const char *normal, size_t size);
/* raw: the line as written. False: something else stands on it, too. */
bool forms_read(const struct forms *forms, const char *raw, size_t size, struct forms_line *line_out);
/* Any piece of the line that is a marking, for page headers and footers, which carry other things beside it.
 */
bool forms_read_any(const struct forms *forms, const char *raw, size_t size, struct forms_line *line_out);
/* One phrase; NULL: no marking. */
const struct marking_row *forms_find(const struct forms *forms, const char *text, size_t size);
/* The line, in its normal form, begins a disclaimer. */
bool forms_begin_disclaimer(const struct forms *forms, const char *normal, size_t size);

#endif
