/* SPDX-License-Identifier: Apache-2.0 */

/* A header section through the inspector's reader of addresses. Whatever it is: the daemon's side accepts
 * what is said; a From that is not odd is one field with one mailbox, which stands there plainly, and outside
 * quotation marks, decoded words included, nothing else does; reading it again finds the same. */

#include "base/clock.h"
#include "base/fd.h"
#include "base/text.h"
#include "inspect/collect.h"
#include "inspector/address.h"
#include "inspector/charset.h"
#include "inspector/encoded_word.h"
#include "inspector/fields.h"
#include "inspector/from.h"
#include "inspector/mime.h"

#include <stdlib.h>
#include <string.h>

enum { SECTION_MAX = 8 * 1024, PARTS = 1, MOST_MS = 10 * 1000 };

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
const char *__lsan_default_suppressions(void);

/* GMime's reader of addresses forgets a string when an address ends too early. A child reads one message. */
const char *__lsan_default_suppressions(void)
{
    return "leak:g_realloc\n";
}

static void insist(int condition)
{
    if (!condition)
        abort();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    mime_prepare();
    insist(charset_load(NULL) == RESULT_OK);
    return 0;
}

static void read_section(const char *section, size_t size, struct collect *collect)
{
    int pair[2];
    int64_t deadline_ms = clock_monotonic_ms() + MOST_MS;
    struct report *report = malloc(sizeof *report);
    struct wire_frame *frame = malloc(sizeof *frame);
    insist(report && frame && wire_pair(pair) == RESULT_OK);
    report_open(report, pair[0], deadline_ms);
    address_read(section, size, report);
    report_end(report);
    insist(!report->failed);
    fd_close(&pair[0]);
    bool ended = false;
    while (!ended && wire_receive(pair[1], frame, deadline_ms) == RESULT_OK) {
        insist(collect_frame(collect, frame) == RESULT_OK);
        ended = wire_type(frame) == INSPECT_END;
    }
    insist(ended);
    fd_close(&pair[1]);
    free(report);
    free(frame);
}

/* Nothing in the text looks like an address but this one. */
static void names_only(const char *text, size_t size, const char *address)
{
    char found[FROM_ADDRESS_ROOM];
    for (size_t at = 0; from_next_address(text, size, &at, found);) {
        size_t length = strlen(found);
        insist(text_starts_nocase(found, address) && (length == strlen(address) || found[length - 1] == '.'));
    }
}

/* A copy without quoted strings, but for one that is a local part. */
static size_t without_quotes(const char *value, size_t size, char *out)
{
    size_t used = 0;
    for (size_t i = 0; i < size; i++) {
        if (value[i] != '"') {
            out[used++] = value[i];
            continue;
        }
        size_t start = ++i;
        for (; i < size && value[i] != '"'; i++)
            i += value[i] == '\\';
        insist(i < size);
        if (i + 1 < size && value[i + 1] == '@') {
            memcpy(out + used, value + start, i - start);
            used += i - start;
        }
    }
    return used;
}

static void check_plain(const char *value, size_t size, const char *address)
{
    char copy[SECTION_MAX], again[FROM_ADDRESS_ROOM];
    struct encoded_word word;
    const char *at = strchr(address, '@');
    insist(at && at != address && at[1] && !strchr(at + 1, '@'));
    insist(from_read(address, strlen(address), again) && !strcmp(address, again));
    for (size_t i = 0; i < size; i++)
        insist((unsigned char)value[i] < 0x7f && value[i] != '\0');
    if (at[1] != '[')
        names_only(copy, without_quotes(value, size, copy), address);
    for (size_t i = 0; encoded_word_next(value, size, &i, &word);)
        insist(!memchr(word.text, '@', word.size));
}

static void check(const char *section, size_t size, const struct findings *findings)
{
    struct field field, from = {0};
    unsigned fields = 0;
    for (size_t at = 0; field_next(section, size, &at, &field);)
        if (field_is(&field, "From")) {
            from = field;
            fields++;
        }
    const char *address = NULL;
    unsigned found = 0;
    for (size_t i = 0; i < findings->n_addresses; i++)
        if (findings->addresses[i].field == ADDRESS_FROM) {
            address = findings->addresses[i].address;
            found++;
        }
    insist(findings->n_from == found || findings->limits);
    if (findings->from_odd)
        return;
    insist(fields == found && fields <= 1);
    if (fields)
        check_plain(from.value, from.value_size, address);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const char *section = (const char *)bytes;
    if (size > SECTION_MAX)
        return 0;
    struct arena *arena = arena_new(0);
    struct collect *collect = arena ? collect_new(arena, PARTS) : NULL;
    insist(collect != NULL);
    read_section(section, size, collect);
    check(section, size, collect_findings(collect));
    arena_free(arena);
    return 0;
}
