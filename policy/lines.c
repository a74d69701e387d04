/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/lines.h"

#include <string.h>

enum policy_status lines_each(const char *text, size_t size, line_taker *take, void *context,
                              struct refusal *refusal)
{
    char line[LINE_ROOM];
    enum policy_status status = POLICY_OK;
    unsigned number = 0;
    for (size_t at = 0; status == POLICY_OK && at < size;) {
        const char *end = memchr(text + at, '\n', size - at);
        size_t length = end ? (size_t)(end - text) - at : size - at;
        number++;
        if (length >= sizeof line || memchr(text + at, '\0', length)) {
            status =
                policy_refuse(refusal, "the line is over %d bytes or has a NUL byte: is this the right file?",
                              LINE_ROOM - 1);
        } else {
            memcpy(line, text + at, length);
            line[length] = '\0';
            status = take(line, context, refusal);
        }
        at += length + 1;
    }
    if (refusal)
        refusal->line = number;
    return status;
}
