/* SPDX-License-Identifier: Apache-2.0 */

/* Sieve scripts, as users write them: no crash, and an action always has a target and a line of the script.
 */

#include "forwards/sieve.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check(void *context, const struct sieve_action *action)
{
    const unsigned *lines = context;
    if (!action->command || !action->target || !action->line || action->line > *lines)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct arena *arena = arena_new(64U << 20);
    char *script = arena ? arena_strndup(arena, (const char *)bytes, size) : NULL;
    unsigned lines = 1;
    for (const char *c = script; c && *c; c++)
        lines += *c == '\n';
    if (script)
        (void)sieve_read(arena, script, check, &lines);
    arena_free(arena);
    return 0;
}
