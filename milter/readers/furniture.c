/* SPDX-License-Identifier: Apache-2.0 */
#include "readers/furniture.h"

#include <string.h>

enum { START_ROOM = 8, KILOBYTE = 1024 };

static const struct {
    const char *name; /* a piece of it */
    size_t at, start_size;
    char start[START_ROOM];
    size_t most;
} furniture[] = {
    /* Attributes and windows of macOS. */
    {"__MACOSX/", 0, 4, "\x00\x05\x16\x07", 4 * KILOBYTE},
    {".DS_Store", 4, 4, "Bud1", 24 * KILOBYTE},
    /* What LibreOffice keeps to lay out a page faster, and previews of objects that stand beside them. */
    {"layout-cache", 0, 0, "", 64 * KILOBYTE},
    {"ObjectReplacements/", 0, 6, "VCLMTF", 1024 * KILOBYTE},
    /* What Excel keeps of a printer. */
    {"/printerSettings/", 0, 0, "", 64 * KILOBYTE},
};

bool furniture_is(const char *name, const void *bytes, size_t size)
{
    for (size_t i = 0; name && i < sizeof furniture / sizeof *furniture; i++) {
        size_t at = furniture[i].at, start_size = furniture[i].start_size;
        if (size <= furniture[i].most && size >= at + start_size && strstr(name, furniture[i].name) &&
            !memcmp((const char *)bytes + at, furniture[i].start, start_size))
            return true;
    }
    return false;
}
