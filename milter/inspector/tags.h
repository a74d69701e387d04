/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_TAGS_H
#define KHATM_INSPECTOR_TAGS_H

/* Markings in a subject ("[CONFIDENTIEL] Réunion") and in a file name ("note_CONFIDENTIEL.docx"). Both are
 * full of ordinary words, so a marking must be set apart: by brackets, by writing, or by standing alone. */

#include "inspector/forms.h"
#include "inspector/label_values.h"
#include "inspector/marking_list.h"

void tags_read_subject(const struct forms *forms, const struct label_values *labels, const char *raw,
                       size_t size, struct marking_list *list);
void tags_read_name(const struct forms *forms, const char *raw, size_t size, struct marking_list *list);

#endif
