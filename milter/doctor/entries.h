/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_DOCTOR_ENTRIES_H
#define KHATM_DOCTOR_ENTRIES_H

/* An entry of a table of Postfix as a finding names it. Texts are of the doctor's arena. */

#include "doctor/doctor.h"
#include "postfix/tables.h"

/* "/etc/postfix/transport:3"; the table when its text does not have it. */
const char *entry_place(struct doctor *doctor, const struct table_entry *entry);
/* The line that takes it out; undo: that for a table which is written in main.cf or master.cf itself. */
const char *entry_mend(struct doctor *doctor, const struct table_entry *entry, const char *undo);
/* Was it there before? A compiled table repeats its text. *said: of one reader, NULL at first. */
bool entry_is_repeated(struct doctor *doctor, const struct table_entry *entry, const char **said);

#endif
