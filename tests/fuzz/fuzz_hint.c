/* SPDX-License-Identifier: Apache-2.0 */

/* The guess at a document over any bytes: nothing is read beyond them, and what was a hint stays one when
 * more follows behind a line's end. */

#include "inspect/hint.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const char more[] = "\nX: y\n";
    char *text = malloc(size + 1), *longer = malloc(size + sizeof more);
    if (!text || !longer)
        abort();
    memcpy(text, bytes, size);
    memcpy(longer, bytes, size);
    memcpy(longer + size, more, sizeof more);
    text = realloc(text, size ? size : 1);
    enum hint hint = hint_in(text, size);
    if (hint != HINT_NONE && hint_in(longer, size + sizeof more - 1) != hint)
        abort();
    free(text);
    free(longer);
    return 0;
}
