/* SPDX-License-Identifier: Apache-2.0 */
/* libFuzzer: lines, subjects, names, properties and header fields of a document through the text sink and its
 * consumers, with the shipped data; and the files of policy/markings themselves. However the text is cut into
 * pieces, the same is found; what normal_line made stays as it is; references are their own keys and come
 * back reversed twice. */

#include "../unit/markings_world.h"

#include "inspector/markings.h"
#include "inspector/normal.h"
#include "inspector/text_sink.h"
#include "policy/facts.h"
#include "policy/reference.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { PLACES = TEXT_NAME + 1, VALUE_ROOM = 16 * 1024 };

static struct markings_world world;

static void insist(bool condition)
{
    if (!condition)
        abort();
}

static void begin(void)
{
    if (world.tables)
        return;
    markings_world_open(&world);
    const struct text_data text_data = {world.fold, world.tables};
    insist(text_sink_prepare(&text_data, NULL) == RESULT_OK);
}

/* Sections parted by NUL: the first byte of each says what it is. */
static void show(struct text_sink *sink, const char *text, size_t size, size_t piece)
{
    static const char *const names[] = {
        "X-Protective-Marking", "SIO-Label",    "Sensitivity", "msip_labels",
        "MSIP_Label_a_Name",    "Title",        "Keywords",    "Classification",
        "MSIP_Label_a_Enabled", "X-Sensitivity"};
    static char value[VALUE_ROOM];
    for (size_t at = 0; at < size;) {
        const char *end = memchr(text + at, '\0', size - at);
        size_t length = end ? (size_t)(end - text) - at : size - at;
        unsigned what = length ? (unsigned char)text[at] : 0;
        size_t rest = length ? length - 1 : 0;
        const char *from = text + at + (length > 0);
        if (what % 4 == 3 && rest < sizeof value) {
            memcpy(value, from, rest);
            value[rest] = '\0';
            text_sink_property(sink, names[what / 4 % (sizeof names / sizeof *names)], value);
        } else {
            for (size_t i = 0; i < rest; i += piece)
                text_sink_text(sink, (enum text_place)(what / 4 % PLACES), from + i,
                               rest - i < piece ? rest - i : piece);
        }
        at += length + 1;
    }
}

static void read_document(const char *text, size_t size, size_t piece, bool conversation,
                          struct text_finding *finding)
{
    char name[64];
    (void)snprintf(name, sizeof name, "%.*s", (int)(size < 40 ? size : 40), text);
    const struct text_about about = {.kind = "text/plain", .name = name, .conversation = conversation};
    struct text_sink *sink = text_sink_open(&about);
    insist(sink != NULL);
    show(sink, text, size, piece);
    /* Of lists only what is in them is written, and the whole of it is compared. */
    memset(finding, 0, sizeof *finding);
    text_sink_close(sink, finding);
    insist(finding->level <= LEVEL_MAX && finding->n_markings <= INSPECT_MARKINGS_MAX &&
           finding->n_references <= INSPECT_REFERENCES_MAX);
    insist(finding->has_level || finding->level == 0);
}

static void check_references(const struct text_finding *finding)
{
    char key[REFERENCE_KEY_ROOM], reversed[REFERENCE_KEY_ROOM];
    for (unsigned i = 0; i < finding->n_references; i++) {
        const char *text = finding->references[i];
        insist(reference_key(world.fold, text, strlen(text), key) && !strcmp(key, text));
        reference_reverse(key, reversed);
        reference_reverse(reversed, key);
        insist(!strcmp(key, text));
    }
}

static void check_normal(const char *text, size_t size)
{
    static char once[TEXT_LINE_MAX * NORMAL_ROOM_FACTOR + 1], twice[sizeof once];
    size_t most = size < TEXT_LINE_MAX ? size : TEXT_LINE_MAX;
    size_t first = normal_line(text, most, once, sizeof once);
    insist(first < sizeof once && once[first] == '\0' && strlen(once) == first);
    size_t second = normal_line(once, first, twice, sizeof twice);
    insist(second == first && !memcmp(once, twice, first));
}

static void parse_file(const char *text, size_t size)
{
    struct refusal refusal = {0};
    struct marking_tables *tables = marking_tables_new();
    insist(tables != NULL && size > 0);
    enum marking_file file = (enum marking_file)((unsigned char)text[0] % MARKING_FILES);
    enum policy_status status = marking_tables_parse(tables, file, world.fold, text + 1, size - 1, &refusal);
    insist(status == POLICY_OK || (status == POLICY_REFUSED && *refusal.text && refusal.line));
    marking_tables_free(tables);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct text_finding whole, pieces;
    if (size < 2)
        return 0;
    begin();
    const char *text = (const char *)data + 1;
    if (data[0] % 8 == 7) {
        parse_file(text, size - 1);
        return 0;
    }
    read_document(text, size - 1, size, data[0] & 1, &whole);
    read_document(text, size - 1, 1 + data[0] / 8 % 5, data[0] & 1, &pieces);
    insist(!memcmp(&whole, &pieces, sizeof whole));
    check_references(&whole);
    check_normal(text, size - 1);
    return 0;
}
