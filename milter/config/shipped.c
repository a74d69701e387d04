/* SPDX-License-Identifier: Apache-2.0 */
#include "config/shipped.h"

#include "base/buffer.h"
#include "policy/names.h"
#include "policy/notices.h"

#include <string.h>

/* Made by the Makefile of policy/notices. */
static const char french[] =
#include "replies_fr.inc"
    ;
static const char english[] =
#include "replies_en.inc"
    ;

static enum result add(const char *language, struct notices *notices)
{
    struct notices *rest = notices_new();
    const char *text = strcmp(language, "en") == 0 ? english : french;
    if (!rest || notices_parse(rest, language, text, strlen(text), NULL) != POLICY_OK) {
        notices_free(rest);
        return RESULT_TRY_LATER;
    }
    notices_complete(notices, language, rest);
    return RESULT_OK;
}

enum result shipped_complete(struct arena *arena, const char *path, const char *language,
                             struct notices *notices, const char **warning_out)
{
    struct buffer names;
    enum reason reason = REASON_NONE;
    *warning_out = NULL;
    buffer_init(&names, 0);
    while ((reason = notices_missing(notices, language, reason)) != REASON_NONE)
        buffer_printf(&names, "%s[%s]", names.size ? ", " : "", reason_name(reason));
    if (names.size)
        *warning_out = arena_printf(
            arena, "%s: no text for %s: what this version ships serves: add what: and remedy:", path,
            buffer_text(&names));
    bool lacks = names.size > 0, failed = names.failed || (lacks && !*warning_out);
    buffer_free(&names);
    if (failed)
        return RESULT_TRY_LATER;
    return lacks ? add(language, notices) : RESULT_OK;
}
