/* SPDX-License-Identifier: Apache-2.0 */
#include "dkimsign/reply.h"

#include <string.h>

/* RESULT_BAD_INPUT: the frame says nothing of the kind. */
static enum result read_why(const struct wire_frame *frame, struct problem *problem)
{
    struct wire_field field;
    char why[DKIMSIGN_WHY_MAX + 1];
    size_t cursor = 0;
    if (wire_next(frame, &cursor, &field) != RESULT_OK ||
        (field.tag != DKIMSIGN_TAG_WHY && field.tag != DKIMSIGN_TAG_UNSIGNABLE) ||
        wire_text(&field, why, sizeof why) != RESULT_OK)
        return RESULT_BAD_INPUT;
    return problem_set(problem, field.tag == DKIMSIGN_TAG_WHY ? RESULT_TRY_LATER : RESULT_NOT_FOUND, "%s",
                       why);
}

/* --- start
 * ---------------------------------------------------------------------------------------------------- */

static bool is_base64(const char *text)
{
    size_t size = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");
    return size && !text[size];
}

/* RESULT_NOT_FOUND: of no key. */
static enum result take_key_field(const struct wire_field *field, struct arena *arena,
                                  struct dkimsign_key *key)
{
    char text[DKIMSIGN_PUBLIC_MAX + 1];
    uint64_t number = 0;
    switch (field->tag) {
    case DKIMSIGN_TAG_KIND:
        if (wire_number(field, &number) != RESULT_OK ||
            (number != DKIMSIGN_RSA && number != DKIMSIGN_ED25519))
            return RESULT_BAD_INPUT;
        key->kind = (enum dkimsign_kind)number;
        return RESULT_OK;
    case DKIMSIGN_TAG_BITS:
        if (wire_number(field, &number) != RESULT_OK || !number || number > 65536)
            return RESULT_BAD_INPUT;
        key->bits = (unsigned)number;
        return RESULT_OK;
    case DKIMSIGN_TAG_PUBLIC:
        if (wire_text(field, text, sizeof text) != RESULT_OK || !is_base64(text))
            return RESULT_BAD_INPUT;
        key->public_text = arena_strdup(arena, text);
        return key->public_text ? RESULT_OK : RESULT_TRY_LATER;
    default:
        return RESULT_BAD_INPUT;
    }
}

static enum result take_ready(const struct wire_frame *frame, const struct dkim_settings *settings,
                              struct arena *arena, struct dkimsign_key *keys)
{
    struct wire_field field;
    char name[2 * DKIMSIGN_DOMAIN_MAX + 1];
    size_t cursor = 0, n = 0;
    while (wire_next(frame, &cursor, &field) == RESULT_OK) {
        enum result result = RESULT_BAD_INPUT;
        if (field.tag == DKIMSIGN_TAG_KEY) {
            if (n == settings->n_keys || wire_text(&field, name, sizeof name) != RESULT_OK ||
                strcmp(name, settings->keys[n].name) != 0)
                return RESULT_BAD_INPUT;
            keys[n] = (struct dkimsign_key){.name = settings->keys[n].name};
            n++;
            continue;
        }
        if (n)
            result = take_key_field(&field, arena, &keys[n - 1]);
        if (result != RESULT_OK)
            return result;
    }
    for (size_t i = 0; i < n; i++)
        if (!keys[i].kind || !keys[i].bits || !keys[i].public_text)
            return RESULT_BAD_INPUT;
    return n == settings->n_keys ? RESULT_OK : RESULT_BAD_INPUT;
}

enum result dkimsign_read_ready(const struct wire_frame *frame, const struct dkim_settings *settings,
                                struct arena *arena, struct dkimsign_key *keys_out, struct problem *problem)
{
    if (wire_type(frame) == DKIMSIGN_FAILED)
        return read_why(frame, problem) == RESULT_BAD_INPUT ? RESULT_BAD_INPUT : RESULT_TRY_LATER;
    return wire_type(frame) == DKIMSIGN_READY ? take_ready(frame, settings, arena, keys_out)
                                              : RESULT_BAD_INPUT;
}

/* --- a message
 * ------------------------------------------------------------------------------------------------ */

/* Printable ASCII in lines that are folded. */
static bool is_value(const char *text)
{
    static const char begin[] = "v=1;";
    if (strncmp(text, begin, sizeof begin - 1) != 0)
        return false;
    for (const char *at = text; *at; at++) {
        size_t blanks = *at == '\n' ? strspn(at + 1, " \t") : 0;
        bool fold = blanks && at[1 + blanks] > ' ';
        if (!fold && *at != '\t' && (*at < ' ' || *at > '~'))
            return false;
    }
    return true;
}

/* d= is written in one piece. */
static bool is_by(const char *text, const char *domain)
{
    size_t size = strlen(domain);
    const char *at = strstr(text, " d=");
    if (!at)
        at = strstr(text, "\td=");
    return at && strncmp(at + 3, domain, size) == 0 && at[3 + size] == ';';
}

enum result dkimsign_read_reply(const struct wire_frame *frame, const char *domain, size_t n_wanted,
                                struct arena *arena, const char *const **values_out, struct problem *problem)
{
    struct wire_field field;
    char text[DKIMSIGN_SIGNATURE_MAX + 1];
    size_t cursor = 0, n = 0;
    if (wire_type(frame) != DKIMSIGN_REPLY)
        return RESULT_BAD_INPUT;
    enum result excuse = read_why(frame, problem);
    if (excuse != RESULT_BAD_INPUT)
        return excuse;
    const char **values = arena_alloc(arena, n_wanted + 1, sizeof *values);
    if (!values)
        return problem_set(problem, RESULT_TRY_LATER, "DKIM: no memory");
    while (wire_next(frame, &cursor, &field) == RESULT_OK) {
        if (field.tag != DKIMSIGN_TAG_SIGNATURE || n == n_wanted ||
            wire_text(&field, text, sizeof text) != RESULT_OK || !is_value(text) || !is_by(text, domain))
            return RESULT_BAD_INPUT;
        values[n] = arena_printf(arena, " %s", text);
        if (!values[n++])
            return problem_set(problem, RESULT_TRY_LATER, "DKIM: no memory");
    }
    if (!n || n != n_wanted)
        return RESULT_BAD_INPUT;
    *values_out = values;
    return RESULT_OK;
}
