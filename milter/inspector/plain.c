/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/plain.h"

#include "inspector/rawscan.h"

#include <string.h>

/* Tab, LF, FF, CR and ESC (ISO 2022) belong to text. */
static bool is_text(const char *bytes, size_t size)
{
    unsigned controls = 0;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c == 0)
            return false;
        controls += c < 0x20 && !strchr("\t\n\f\r\x1b", c);
    }
    return controls <= TEXT_CONTROLS_MAX;
}

static void read_plain(struct reading *reading)
{
    if (!is_text(reading->bytes, reading->size)) {
        reading_raise(reading, PART_UNREAD, "not plain text");
        return;
    }
    (void)reading_text(reading, TEXT_BODY, reading->bytes, reading->size);
}

/* Not all of text/: RTF, XML and HTML hold more than they show. */
static const char *const kinds[] = {
    "text/plain", "text/csv",         "text/tab-separated-values", "text/x-*",

    "text/troff", "application/json", "application/x-ndjson",      "application/x-empty",
    NULL};

const struct reader plain_reader = {.name = "plain text", .kinds = kinds, .read = read_plain};
