/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_INNER_PATH_H
#define KHATM_INSPECTOR_INNER_PATH_H

/* Names of files within files, as paths of parts: "2!letters/a.docx", "2!a.zip!b.docx". What a stranger wrote
 * there is cleaned as file names are (name.h), "!" parts levels and nothing else, no path is longer than the
 * protocol carries, and none comes twice in a message. */

#include "inspect/protocol.h"
#include "inspector/name.h"

#include <stdint.h>

enum { INNER_PATH_ROOM = INSPECT_PATH_MAX + 1 };

/* Which paths a message has used. Zeroed before; inner_paths_free after. */
struct inner_paths {
    uint64_t *hashes;
    unsigned n, room;
};

/* name: any bytes; NULL: none. name_out: its last component, cleaned; "": none. False: no memory. */
bool inner_path(struct inner_paths *paths, const char *outer, const char *name,
                char path_out[INNER_PATH_ROOM], char name_out[NAME_ROOM]);
void inner_paths_free(struct inner_paths *paths);

#endif
