/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_TEXT_FILES_H
#define KHATM_INSPECTOR_TEXT_FILES_H

/* Files that are text and were put into the text of a message, wherever in a line they begin: RTF, PDF,
 * PostScript, office documents in one XML file. Who only names them passes. Fed line by line. */

#include <stdbool.h>
#include <stddef.h>

struct text_files {
    bool pdf; /* its first bytes were seen */
};

/* NULL, or what it is. All zero at the start. */
const char *text_files_line(struct text_files *files, const char *line, size_t size);

#endif
