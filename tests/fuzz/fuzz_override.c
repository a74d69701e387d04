/* SPDX-License-Identifier: Apache-2.0 */
/* A line with overrides in it, as it is shown: the same characters in another order, and valid UTF-8 as
 * before. */
#include "base/text.h"
#include "inspector/override.h"
#include "policy/fold.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void insist(int condition)
{
    if (!condition)
        abort();
}

/* The same for the same characters, in whatever order. */
static uint64_t sum(const char *text, size_t size)
{
    uint64_t total = 0;
    for (size_t at = 0; at < size;) {
        uint64_t code = fold_next(text, size, &at) + 1;
        total += code * code * 0x9e3779b97f4a7c15u;
    }
    return total;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *line = malloc(size + 1);
    insist(line != NULL);
    memcpy(line, bytes, size);
    line[size] = '\0';
    if (text_is_utf8(line, size)) {
        uint64_t before = sum(line, size);
        bool shown = override_show(line, size);
        insist(text_is_utf8(line, size) && sum(line, size) == before);
        insist(shown || memcmp(line, bytes, size) == 0);
    }
    free(line);
    return 0;
}
