/* SPDX-License-Identifier: Apache-2.0 */
#include "doctor/entries.h"

#include <string.h>

const char *entry_place(struct doctor *doctor, const struct table_entry *entry)
{
    return entry->place.line ? doctor_text(doctor, "%s:%u", entry->place.file, entry->place.line)
                             : entry->table;
}

/* "postmap hash:/etc/postfix/transport" where there is something to compile. */
static const char *compile(struct doctor *doctor, const char *table)
{
    static const char *const types[] = {"hash:", "btree:", "lmdb:", "cdb:", "dbm:", "sdbm:"};
    if (strncmp(table, "proxy:", 6) == 0)
        table += 6;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (strncmp(table, types[i], strlen(types[i])) == 0)
            return doctor->directory ? doctor_text(doctor, "postmap -c '%s' '%s'", doctor->directory, table)
                                     : doctor_text(doctor, "postmap '%s'", table);
    return "";
}

const char *entry_mend(struct doctor *doctor, const struct table_entry *entry, const char *undo)
{
    const char *again = compile(doctor, entry->table), *file = entry->place.file,
               *slash = file ? strrchr(file, '/') : NULL;
    if (!slash || strcmp(slash, "/main.cf") == 0 || strcmp(slash, "/master.cf") == 0)
        return undo;
    if (!entry->place.line)
        return again;
    return doctor_text(doctor, "sed -i '%us/^/#/' '%s'%s%s", entry->place.line, file, *again ? " && " : "",
                       again);
}

bool entry_is_repeated(struct doctor *doctor, const struct table_entry *entry, const char **said)
{
    const char *one = arena_printf(doctor->arena, "%s %s %s\n", entry->table, entry->key, entry->value);
    bool again = one && entry->is_compiled && *said && strstr(*said, one);
    const char *more =
        again ? *said : arena_printf(doctor->arena, "%s%s", *said ? *said : "", one ? one : "");
    doctor->no_memory = doctor->no_memory || !one || !more;
    *said = more;
    return again;
}
