/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/marking_tables.h"

#include "policy/facts.h"
#include "policy/lines.h"
#include "policy/names.h"

#include <stdlib.h>
#include <string.h>

enum { COLUMNS_MAX = 5, LIST_MAX = 1000 };

struct parsing {
    struct marking_tables *tables;
    const struct fold *fold;
    enum marking_file file;
    char *columns[COLUMNS_MAX];
    size_t n_columns;
};

const char *marking_file_name(enum marking_file file)
{
    static const char *const names[MARKING_FILES] = {"markings", "headings", "references", "personal",
                                                     "labels"};
    return names[file];
}

struct marking_tables *marking_tables_new(void)
{
    return calloc(1, sizeof(struct marking_tables));
}

void marking_tables_free(struct marking_tables *tables)
{
    if (!tables)
        return;
    for (size_t i = 0; i < tables->n_markings; i++)
        free(tables->markings[i].form);
    for (size_t i = 0; i < tables->n_headings; i++)
        free(tables->headings[i].form);
    for (size_t i = 0; i < tables->n_phrases; i++)
        free(tables->phrases[i].form);
    for (size_t i = 0; i < tables->n_labels; i++)
        free(tables->labels[i].value);
    free(tables->markings);
    free(tables->headings);
    free(tables->phrases);
    free(tables->labels);
    free(tables);
}

/* Room for one more row; the same pointer when there is no memory is not possible, so NULL says it. */
static void *grow(void *rows, size_t count, size_t size)
{
    return count % 64 ? rows : realloc(rows, (count + 64) * size);
}

static int find_word(const char *word, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(word, words[i]))
            return (int)i;
    return -1;
}

/* A copy of a column that is matched, refused when nothing of it can be. */
static enum policy_status take_form(const struct parsing *parsing, const char *form, char **out,
                                    struct refusal *refusal)
{
    char key[MARKING_KEY_ROOM];
    size_t size = strlen(form);
    if (!size || size > MARKING_FORM_MAX)
        return policy_refuse(refusal, "a form of %zu bytes: write 1 to %d", size, MARKING_FORM_MAX);
    if (!fold_key(parsing->fold, form, size, key, sizeof key))
        return policy_refuse(refusal, "'%s' has no letters to be found by: write words", form);
    *out = strdup(form);
    return *out ? POLICY_OK : POLICY_NO_MEMORY;
}

/* "3", "ENQUETE", "3+PERSONNEL", "-". */
static enum policy_status parse_rank(const char *text, struct marking_rank *rank, struct refusal *refusal)
{
    unsigned flag;
    *rank = (struct marking_rank){.level = -1};
    if (!strcmp(text, "-"))
        return POLICY_OK;
    for (const char *at = text; at;) {
        char word[16] = "";
        size_t length = strcspn(at, "+");
        if (length < sizeof word)
            memcpy(word, at, length);
        if (length == 1 && *word >= '0' && *word <= '0' + LEVEL_MAX && rank->level < 0)
            rank->level = *word - '0';
        else if (caveat_parse(word, &flag))
            rank->caveats |= flag;
        else
            return policy_refuse(refusal,
                                 "'%s' is no rank: write a level from 0 to %d, a caveat (ENQUETE DCP "
                                 "PERSONNEL URGENT EMBARGO), both as 3+PERSONNEL, or -",
                                 text, LEVEL_MAX);
        at = at[length] == '+' ? at + length + 1 : NULL;
    }
    return POLICY_OK;
}

/* Two rows with one key must mean the same: which of them counts must not depend on their order. */
static enum policy_status check_marking(const struct parsing *parsing, const struct marking_row *row,
                                        struct refusal *refusal)
{
    char key[MARKING_KEY_ROOM], other[MARKING_KEY_ROOM];
    (void)fold_key(parsing->fold, row->form, strlen(row->form), key, sizeof key);
    for (size_t i = 0; i < parsing->tables->n_markings; i++) {
        const struct marking_row *before = &parsing->tables->markings[i];
        (void)fold_key(parsing->fold, before->form, strlen(before->form), other, sizeof other);
        if (strcmp(key, other) != 0 || before->dated != row->dated)
            continue;
        if (before->rank.level != row->rank.level || before->rank.caveats != row->rank.caveats ||
            before->strength != row->strength)
            return policy_refuse(refusal,
                                 "'%s' is written like '%s' above, which means something else: keep one",
                                 row->form, before->form);
    }
    return POLICY_OK;
}

static enum policy_status add_marking(struct parsing *parsing, struct refusal *refusal)
{
    static const char *const strengths[] = {"S", "W", "L", "D"};
    struct marking_tables *tables = parsing->tables;
    struct marking_row row = {0};
    int strength = find_word(parsing->columns[3], strengths, 4);
    if (strength < 0)
        return policy_refuse(refusal, "'%s' is no strength: write S, W, L or D", parsing->columns[3]);
    row.strength = (enum marking_strength)strength;
    enum policy_status status = parse_rank(parsing->columns[0], &row.rank, refusal);
    if (status != POLICY_OK)
        return status;
    bool ranked = row.rank.level >= 0 || row.rank.caveats;
    if (ranked != (row.strength == MARKING_STRONG || row.strength == MARKING_WEAK))
        return policy_refuse(refusal, "S and W need a level or a caveat, L and D take -");
    size_t size = strlen(parsing->columns[2]);
    row.dated = size > 2 && !strcmp(parsing->columns[2] + size - 2, " *");
    if (row.dated)
        parsing->columns[2][size - 2] = '\0';
    status = take_form(parsing, parsing->columns[2], &row.form, refusal);
    if (status == POLICY_OK)
        status = check_marking(parsing, &row, refusal);
    struct marking_row *rows =
        status == POLICY_OK ? grow(tables->markings, tables->n_markings, sizeof row) : NULL;
    if (!rows) {
        free(row.form);
        return status == POLICY_OK ? POLICY_NO_MEMORY : status;
    }
    tables->markings = rows;
    rows[tables->n_markings++] = row;
    return POLICY_OK;
}

static enum policy_status add_heading(struct parsing *parsing, struct refusal *refusal)
{
    static const char *const kinds[] = {"state", "org", "type", "route", "field", "addr", "close", "mail"};
    struct marking_tables *tables = parsing->tables;
    const char *weight = parsing->columns[0];
    int kind = find_word(parsing->columns[2], kinds, HEADING_KINDS);
    if (kind < 0)
        return policy_refuse(refusal,
                             "'%s' is no kind: write state, org, type, route, field, addr, close or mail",
                             parsing->columns[2]);
    if (strspn(weight, "0123456789") != 1 || weight[1] || (*weight == '0') != (kind == HEADING_MAIL))
        return policy_refuse(refusal, "'%s' is no weight: write 1 to 9, and 0 for mail only", weight);
    struct heading_row row = {.weight = (unsigned)(*weight - '0'), .kind = (enum heading_kind)kind};
    enum policy_status status = take_form(parsing, parsing->columns[3], &row.form, refusal);
    if (status != POLICY_OK)
        return status;
    struct heading_row *rows = grow(tables->headings, tables->n_headings, sizeof row);
    if (!rows) {
        free(row.form);
        return POLICY_NO_MEMORY;
    }
    tables->headings = rows;
    rows[tables->n_headings++] = row;
    return POLICY_OK;
}

static enum policy_status add_phrase(struct parsing *parsing, enum phrase_use use, struct refusal *refusal)
{
    struct marking_tables *tables = parsing->tables;
    struct phrase_row row = {.use = use};
    enum policy_status status = take_form(parsing, parsing->columns[2], &row.form, refusal);
    if (status != POLICY_OK)
        return status;
    struct phrase_row *rows = grow(tables->phrases, tables->n_phrases, sizeof row);
    if (!rows) {
        free(row.form);
        return POLICY_NO_MEMORY;
    }
    tables->phrases = rows;
    rows[tables->n_phrases++] = row;
    return POLICY_OK;
}

static enum policy_status add_reference(struct parsing *parsing, struct refusal *refusal)
{
    static const char *const uses[] = {"number", "reference", "not-after"};
    int use = find_word(parsing->columns[0], uses, 3);
    if (use < 0)
        return policy_refuse(refusal, "'%s' is unknown here: write number, reference or not-after",
                             parsing->columns[0]);
    return add_phrase(parsing, (enum phrase_use)use, refusal);
}

static enum policy_status add_personal(struct parsing *parsing, struct refusal *refusal)
{
    const char *what = parsing->columns[0];
    struct marking_tables *tables = parsing->tables;
    if (!strcmp(what, "word") && parsing->n_columns >= 3)
        return add_phrase(parsing, PHRASE_PERSON, refusal);
    unsigned *count = !strcmp(what, "beside")  ? &tables->list_beside
                      : !strcmp(what, "alone") ? &tables->list_alone
                                               : NULL;
    if (!count)
        return policy_refuse(refusal, "'%s' is unknown here: write beside, alone or word and its columns",
                             what);
    char *end;
    unsigned long number = strtoul(parsing->columns[1], &end, 10);
    if (*end || parsing->columns[1] == end || number > LIST_MAX)
        return policy_refuse(refusal, "'%s' is no count: write 0 (never) to %d", parsing->columns[1],
                             LIST_MAX);
    *count = (unsigned)number;
    return POLICY_OK;
}

static enum policy_status add_label(struct parsing *parsing, struct refusal *refusal)
{
    static const char *const schemes[] = {"marking", "sensitivity", "mip", "property"};
    struct marking_tables *tables = parsing->tables;
    int scheme = find_word(parsing->columns[0], schemes, 4);
    if (scheme < 0)
        return policy_refuse(refusal, "'%s' is no scheme: write marking, sensitivity, mip or property",
                             parsing->columns[0]);
    struct label_row row = {.scheme = (enum label_scheme)scheme};
    enum policy_status status = parse_rank(parsing->columns[2], &row.rank, refusal);
    if (status != POLICY_OK)
        return status;
    bool ranked = row.rank.level >= 0 || row.rank.caveats;
    if (ranked == (row.scheme == LABEL_PROPERTY))
        return policy_refuse(refusal, "a property takes -, every other label a level or a caveat");
    status = take_form(parsing, parsing->columns[1], &row.value, refusal);
    if (status != POLICY_OK)
        return status;
    struct label_row *rows = grow(tables->labels, tables->n_labels, sizeof row);
    if (!rows) {
        free(row.value);
        return POLICY_NO_MEMORY;
    }
    tables->labels = rows;
    rows[tables->n_labels++] = row;
    return POLICY_OK;
}

static const struct {
    size_t columns; /* that a line must have; more are for people */
    enum policy_status (*add)(struct parsing *parsing, struct refusal *refusal);
} readers[MARKING_FILES] = {
    [MARKING_FILE_MARKINGS] = {4, add_marking},     [MARKING_FILE_HEADINGS] = {4, add_heading},
    [MARKING_FILE_REFERENCES] = {3, add_reference}, [MARKING_FILE_PERSONAL] = {2, add_personal},
    [MARKING_FILE_LABELS] = {3, add_label},
};

static bool is_utf8(const char *line, size_t length)
{
    for (size_t at = 0; at < length;)
        if (fold_next(line, length, &at) == 0xfffd)
            return false;
    return true;
}

static enum policy_status take_line(char *line, void *context, struct refusal *refusal)
{
    struct parsing *parsing = context;
    const struct marking_tables *tables = parsing->tables;
    size_t length = strlen(line);
    if (length && line[length - 1] == '\r')
        line[--length] = '\0';
    if (!length || *line == '#')
        return POLICY_OK;
    if (!is_utf8(line, length))
        return policy_refuse(refusal, "the line is not UTF-8: save the file as UTF-8");
    parsing->n_columns = 0;
    for (char *at = line; at && parsing->n_columns < COLUMNS_MAX;) {
        parsing->columns[parsing->n_columns++] = at;
        at = strchr(at, '\t');
        if (at)
            *at++ = '\0';
    }
    if (parsing->n_columns < readers[parsing->file].columns)
        return policy_refuse(refusal, "%zu columns where %zu are needed: put one tab between two",
                             parsing->n_columns, readers[parsing->file].columns);
    if (tables->n_markings >= MARKING_ROWS_MAX || tables->n_headings >= MARKING_ROWS_MAX ||
        tables->n_phrases >= MARKING_ROWS_MAX || tables->n_labels >= MARKING_ROWS_MAX)
        return policy_refuse(refusal, "more than %d rows: shorten the file", MARKING_ROWS_MAX);
    return readers[parsing->file].add(parsing, refusal);
}

enum policy_status marking_tables_parse(struct marking_tables *tables, enum marking_file file,
                                        const struct fold *fold, const char *text, size_t size,
                                        struct refusal *refusal)
{
    struct parsing parsing = {.tables = tables, .file = file, .fold = fold};
    return lines_each(text, size, take_line, &parsing, refusal);
}
