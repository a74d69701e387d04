/* SPDX-License-Identifier: Apache-2.0 */
/* tests/markings/NAME.cases against the shipped data: one test a row, named as the row is; and the texts of
 * tests/markings/prose, which must show nothing however they are read. */
#include "markings_world.h"

#include "cases.h"
#include "inspector/markings.h"
#include "inspector/normal.h"
#include "policy/names.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

enum { TEXT_MAX = 64 * 1024, SUMMARY_ROOM = 4096, ROWS_MAX = 1000, PROSE_LEAST = 12 };

static struct markings_world world;
static struct case_row rows[ROWS_MAX];
static char names[ROWS_MAX][200];

/* line_end: what "\n" stands for. */
static size_t unescape(const char *from, const char *line_end, char *out, size_t room)
{
    size_t n = 0;
    while (*from && n + 5 < room) {
        unsigned code;
        if (from[0] == '\\' && from[1] == 'u' && sscanf(from + 2, "%4x", &code) == 1) {
            n += fold_put(code, out + n);
            from += 6;
        } else if (from[0] == '\\' && from[1] == 'n') {
            n += (size_t)sprintf(out + n, "%s", line_end);
            from += 2;
        } else if (from[0] == '\\' && strchr("ft", from[1])) {
            out[n++] = from[1] == 'f' ? '\f' : '\t';
            from += 2;
        } else
            out[n++] = *from++;
    }
    out[n] = '\0';
    return n;
}

static const struct {
    const char *name;
    enum text_place place;
} places[] = {{"text", TEXT_BODY},       {"mail", TEXT_BODY},   {"header", TEXT_HEADER},
              {"footer", TEXT_FOOTER},   {"title", TEXT_TITLE}, {"cell", TEXT_CELL},
              {"note", TEXT_NOTE},       {"stamp", TEXT_SHAPE}, {"hidden", TEXT_HIDDEN},
              {"subject", TEXT_SUBJECT}, {"name", TEXT_NAME}};

/* "KIND: text" or "property NAME: value"; mail and what belongs to mails open a conversation. */
static void show_piece(struct text_sink *sink, const char *line_end, char *piece)
{
    static char text[TEXT_MAX];
    char *colon = strchr(piece, ':');
    if (!colon)
        fail_msg("no colon in '%s'", piece);
    *colon = '\0';
    size_t size = unescape(case_trim(colon + 1), line_end, text, sizeof text);
    if (!strncmp(piece, "property ", 9) || !strncmp(piece, "field ", 6)) {
        text_sink_property(sink, strchr(piece, ' ') + 1, text);
        return;
    }
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        if (strcmp(places[i].name, piece) != 0)
            continue;
        text_sink_text(sink, places[i].place, text, size);
        text_sink_text(sink, places[i].place, line_end, strlen(line_end));
        return;
    }
    fail_msg("unknown place '%s'", piece);
}

static bool is_conversation(const char *given)
{
    return !strncmp(given, "mail:", 5) || !strncmp(given, "subject:", 8) || !strncmp(given, "field ", 6);
}

/* "3 PERSONNEL administrative refs 154/DGCL marks SECRET (text); …" */
static void summarise(const struct text_finding *finding, bool marks, char out[SUMMARY_ROOM])
{
    char caveats[128] = "";
    size_t n = 0;
    if (finding->has_level)
        n += (size_t)snprintf(out + n, SUMMARY_ROOM - n, " %u", finding->level);
    if (finding->caveats) {
        caveat_names(finding->caveats, caveats, sizeof caveats);
        n += (size_t)snprintf(out + n, SUMMARY_ROOM - n, " %s", caveats);
    }
    if (finding->administrative)
        n += (size_t)snprintf(out + n, SUMMARY_ROOM - n, " administrative");
    for (unsigned i = 0; i < finding->n_references; i++)
        n += (size_t)snprintf(out + n, SUMMARY_ROOM - n, " ref %s", finding->references[i]);
    for (unsigned i = 0; marks && i < finding->n_markings; i++)
        n += (size_t)snprintf(out + n, SUMMARY_ROOM - n, " [%s]", finding->markings[i]);
    if (!n)
        n += (size_t)snprintf(out, SUMMARY_ROOM, " nothing");
}

static void read_row(const struct case_row *row, const char *line_end)
{
    char summary[SUMMARY_ROOM] = "", *given = strdup(row->given), *piece = strstr(given, " : ");
    assert_non_null(piece);
    piece = case_trim(piece + 3);
    const struct text_about about = {.kind = "text/plain", .conversation = is_conversation(piece)};
    struct text_sink *sink = text_sink_open(&about);
    struct text_finding finding;
    assert_non_null(sink);
    for (char *next; piece; piece = next) {
        next = strstr(piece, " ## ");
        if (next) {
            *next = '\0';
            next += 4;
        }
        show_piece(sink, line_end, case_trim(piece));
    }
    free(given);
    text_sink_close(sink, &finding);
    summarise(&finding, strchr(row->expected, '[') != NULL, summary);
    if (strcmp(summary + 1, row->expected) != 0)
        fail_msg("%s:%u%s: found '%s', expected '%s'", row->file, row->line,
                 line_end[1] ? " (lines end in CRLF)" : "", summary + 1, row->expected);
}

/* As files have their lines, and as mail has them. */
static void markings_row(void **state)
{
    read_row(*state, "\n");
    read_row(*state, "\r\n");
}

/* As it is; each paragraph as one line; wrapped anew at several widths. */
static size_t rewrap(const char *text, size_t width, char *out)
{
    size_t n = 0, column = 0;
    for (const char *at = text; *at;) {
        if (!strncmp(at, "\n\n", 2)) {
            n += (size_t)sprintf(out + n, "\n\n");
            at += strspn(at, "\n");
            column = 0;
            continue;
        }
        size_t word = strcspn(at, " \n");
        if (column && column + word >= width) {
            out[n++] = '\n';
            column = 0;
        } else if (column) {
            out[n++] = ' ';
            column++;
        }
        memcpy(out + n, at, word);
        n += word;
        column += word;
        at += word;
        at += *at == ' ' || (*at == '\n' && at[1] != '\n');
    }
    out[n] = '\0';
    return n;
}

static void read_prose(const char *name, const char *text, size_t size, bool conversation, const char *how)
{
    const struct text_about about = {.kind = "text/plain", .conversation = conversation};
    struct text_sink *sink = text_sink_open(&about);
    struct text_finding finding;
    char summary[SUMMARY_ROOM] = "";
    assert_non_null(sink);
    text_sink_text(sink, TEXT_BODY, text, size);
    text_sink_close(sink, &finding);
    summarise(&finding, true, summary);
    if (strcmp(summary, " nothing") != 0)
        fail_msg("%s (%s, %s): found%s", name, conversation ? "mail" : "document", how, summary);
}

static void prose_shows_nothing(void **state)
{
    static const size_t widths[] = {100000, 30, 45, 60, 65, 72, 76, 78, 80, 100};
    static char text[TEXT_MAX], wrapped[TEXT_MAX];
    char path[1024];
    size_t files = 0;
    DIR *folder = opendir(KHATM_SOURCE_DIR "/tests/markings/prose");
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (entry->d_name[0] == '.')
            continue;
        (void)snprintf(path, sizeof path, KHATM_SOURCE_DIR "/tests/markings/prose/%s", entry->d_name);
        FILE *file = fopen(path, "r");
        assert_non_null(file);
        size_t size = fread(text, 1, sizeof text - 1, file);
        text[size] = '\0';
        (void)fclose(file);
        for (int conversation = 0; conversation < 2; conversation++) {
            read_prose(entry->d_name, text, size, conversation, "as it is");
            for (size_t i = 0; i < sizeof widths / sizeof *widths; i++) {
                char how[32];
                (void)snprintf(how, sizeof how, "%zu wide", widths[i]);
                read_prose(entry->d_name, wrapped, rewrap(text, widths[i], wrapped), conversation, how);
            }
        }
        files++;
    }
    (void)closedir(folder);
    assert_true(files >= PROSE_LEAST);
}

static int open_world(void **state)
{
    markings_world_open(&world);
    const struct text_data data = {world.fold, world.tables};
    return text_sink_prepare(&data, NULL) == RESULT_OK ? 0 : -1;
}

static int close_world(void **state)
{
    markings_forget();
    normal_prepare(NULL);
    markings_world_close(&world);
    return 0;
}

int main(void)
{
    static const char *const files[] = {"forms", "stance", "nothing", "letters", "labels", "references"};
    static struct CMUnitTest tests[ROWS_MAX + 1];
    size_t n = 0, quiet = 0;
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        n = case_read_in("markings", files[i], rows, n, ROWS_MAX);
    for (size_t i = 0; i < n; i++) {
        const char *end = strstr(rows[i].given, " : ");
        (void)snprintf(names[i], sizeof names[i], "%s: %.*s", rows[i].file,
                       end ? (int)(end - rows[i].given) : 0, rows[i].given);
        quiet += !strcmp(rows[i].expected, "nothing");
        tests[i] =
            (struct CMUnitTest){.name = names[i], .test_func = markings_row, .initial_state = &rows[i]};
    }
    tests[n] = (struct CMUnitTest)cmocka_unit_test(prose_shows_nothing);
    (void)fprintf(stderr, "# %zu rows, %zu of them show nothing\n", n, quiet);
    return _cmocka_run_group_tests("markings", tests, n + 1, open_world, close_world);
}
