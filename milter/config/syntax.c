/* SPDX-License-Identifier: Apache-2.0 */
#include "config/syntax.h"

#include "config/scan.h"

#include <confuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libconfuse calls back without a context of ours. What its calls have to tell is therefore kept in the
 * objects they are handed: the line of a setting is the setting's comment, an error is the comment of the
 * section it was found in. Neither is used for anything else, since CFGF_COMMENTS is off. */

enum { SETTINGS_MAX = 64, NAME_MAX_LENGTH = 40 };

struct parse {
    struct arena *arena;
    const struct source *source;
    struct scanned scanned;
    struct problem *problem;
};

static size_t edits(const char *a, const char *b)
{
    size_t row[NAME_MAX_LENGTH + 1], n = strlen(b);
    if (n > NAME_MAX_LENGTH || strlen(a) > NAME_MAX_LENGTH)
        return NAME_MAX_LENGTH;
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 0; a[i]; i++) {
        size_t corner = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < n; j++) {
            size_t above = row[j + 1], best = corner + (a[i] != b[j]);
            best = row[j] + 1 < best ? row[j] + 1 : best;
            row[j + 1] = above + 1 < best ? above + 1 : best;
            corner = above;
        }
    }
    return row[n];
}

const char *syntax_nearest(const char *word, const char *const *names)
{
    const char *nearest = NULL;
    size_t least = strlen(word) > 4 ? 3 : 2; /* one less than that many edits is still a slip */
    for (; *names; names++) {
        size_t n = edits(word, *names);
        if (n >= least)
            continue;
        least = n;
        nearest = *names;
    }
    return nearest;
}

/* Libconfuse's table from ours. */

static cfg_opt_t *make_table(struct parse *parse, const struct syntax *table)
{
    size_t n = 0;
    while (table[n].name)
        n++;
    cfg_opt_t *options = arena_alloc(parse->arena, n + 1, sizeof *options);
    for (size_t i = 0; options && i < n; i++) {
        const char *name = table[i].name;
        const cfg_opt_t text = CFG_STR(name, NULL, CFGF_NODEFAULT),
                        list = CFG_STR_LIST(name, NULL, CFGF_NODEFAULT);
        const cfg_flag_t titled = CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES;
        options[i] = table[i].kind == SYNTAX_TEXT ? text : list;
        if (table[i].kind != SYNTAX_SECTION && table[i].kind != SYNTAX_TITLED)
            continue;
        cfg_opt_t *inside = make_table(parse, table[i].inside);
        if (!inside)
            return NULL;
        const cfg_opt_t section = CFG_SEC(name, inside, table[i].kind == SYNTAX_TITLED ? titled : CFGF_MULTI);
        options[i] = section;
    }
    if (options)
        options[n] = (cfg_opt_t)CFG_END();
    return options;
}

/* What libconfuse tells while it parses. */

static int note_line(cfg_t *section, cfg_opt_t *option)
{
    char line[24];
    bool again = cfg_opt_getcomment(option) && !(option->flags & CFGF_LIST);
    if (again) {
        cfg_error(section, "'%s' is set twice: keep one", option->name);
        return -1;
    }
    (void)snprintf(line, sizeof line, "%d", section->line);
    return cfg_opt_setcomment(option, line) == CFG_SUCCESS ? 0 : -1;
}

static void watch_lines(cfg_t *root, const struct syntax *table, const char *prefix)
{
    char name[3 * NAME_MAX_LENGTH];
    for (; table->name; table++) {
        (void)snprintf(name, sizeof name, "%s%s", prefix, table->name);
        if (table->kind == SYNTAX_TEXT || table->kind == SYNTAX_LIST) {
            (void)cfg_set_validate_func(root, name, note_line);
            continue;
        }
        size_t used = strlen(name);
        (void)snprintf(name + used, sizeof name - used, "|");
        watch_lines(root, table->inside, name);
    }
}

static void say_unknown(cfg_t *section, const char *word, char *out, size_t room)
{
    const char *names[SETTINGS_MAX + 1];
    size_t n = 0;
    for (; n < SETTINGS_MAX && section->opts[n].name; n++)
        names[n] = section->opts[n].name;
    names[n] = NULL;
    const char *nearest = syntax_nearest(word, names);
    if (nearest)
        (void)snprintf(out, room, "unknown setting '%s': did you mean '%s'?", word, nearest);
    else
        (void)snprintf(out, room,
                       "unknown setting '%s': remove it, mend its name, or quote what it belongs to", word);
}

/* The first error is the one to mend; libconfuse sometimes adds a second that only follows from it. */
__attribute__((format(printf, 2, 0))) static void keep_error(cfg_t *section, const char *format, va_list args)
{
    char raw[300], text[400];
    if (section->comment)
        return;
    (void)vsnprintf(raw, sizeof raw, format, args);
    raw[120] = '\0'; /* the start of a word says which it is */
    char *quote = strchr(raw, '\''), *end = strrchr(raw, '\'');
    if (!strncmp(raw, "no such option", 14) && quote) {
        if (end > quote)
            *end = '\0';
        say_unknown(section, quote + 1, text, sizeof text);
    } else if (!strncmp(raw, "premature end", 13)) {
        (void)snprintf(text, sizeof text,
                       "the file ends in the middle of a setting: complete it, or remove it");
    } else if (!strncmp(raw, "found duplicate title", 21)) {
        (void)snprintf(text, sizeof text, "%s: give each a name of its own, or remove one", raw);
    } else if (!strncmp(raw, "unexpected", 10) || !strncmp(raw, "missing", 7)) {
        (void)snprintf(text, sizeof text,
                       "%s: write NAME = VALUE, NAME = { VALUE, … } or NAME \"TITLE\" { … }", raw);
    } else {
        (void)snprintf(text, sizeof text, "%s%s", raw, strchr(raw, ':') ? "" : ": mend the line");
    }
    section->comment = strdup(text);
}

/* Depth first: the section that holds an error. */
static cfg_t *find_error(cfg_t *section)
{
    if (section->comment)
        return section;
    for (size_t i = 0; section->opts[i].name; i++) {
        cfg_opt_t *option = &section->opts[i];
        for (unsigned k = 0; option->type == CFGT_SEC && k < cfg_opt_size(option); k++) {
            cfg_t *inside = cfg_opt_getnsec(option, k);
            cfg_t *found = inside ? find_error(inside) : NULL;
            if (found)
                return found;
        }
    }
    return NULL;
}

/* Our tree from libconfuse's. */

static bool copy_values(struct parse *parse, cfg_opt_t *option, struct setting *setting)
{
    unsigned n = cfg_opt_size(option);
    const char **values = arena_alloc(parse->arena, (size_t)n + 1, sizeof *values);
    if (!values)
        return false;
    for (unsigned i = 0; i < n; i++) {
        const char *value = cfg_opt_getnstr(option, i);
        values[i] = arena_strdup(parse->arena, value ? value : "");
        if (!values[i])
            return false;
    }
    if ((option->flags & CFGF_LIST) && n == 1 && !*values[0])
        values[--n] = NULL; /* written { } */
    const char *line = cfg_opt_getcomment(option);
    *setting = (struct setting){.name = arena_strdup(parse->arena, option->name),
                                .line = line ? (unsigned)strtoul(line, NULL, 10) : 0,
                                .values = values,
                                .n_values = n};
    return setting->name;
}

static bool copy_block(struct parse *parse, cfg_t *section, struct block *block);

static bool copy_sections(struct parse *parse, cfg_opt_t *option, struct block *blocks, size_t *n)
{
    for (unsigned k = 0; k < cfg_opt_size(option); k++) {
        struct block *inside = &blocks[(*n)++];
        inside->name = arena_strdup(parse->arena, option->name);
        if (!inside->name || !copy_block(parse, cfg_opt_getnsec(option, k), inside))
            return false;
    }
    return true;
}

static bool copy_block(struct parse *parse, cfg_t *section, struct block *block)
{
    size_t n_options = 0, n_sections = 0;
    for (cfg_opt_t *option = section->opts; option->name; option++) {
        n_options++;
        n_sections += option->type == CFGT_SEC ? cfg_opt_size(option) : 0;
    }
    struct setting *settings = arena_alloc(parse->arena, n_options + 1, sizeof *settings);
    struct block *blocks = arena_alloc(parse->arena, n_sections + 1, sizeof *blocks);
    if (!settings || !blocks)
        return false;
    const char *title = cfg_title(section);
    block->line = section->line > 0 ? scan_opening(&parse->scanned, (unsigned)section->line) : 1;
    block->title = title ? arena_strdup(parse->arena, title) : NULL;
    block->settings = settings;
    block->blocks = blocks;
    for (cfg_opt_t *option = section->opts; option->name; option++) {
        bool given = option->type != CFGT_SEC && cfg_opt_getcomment(option);
        if (given && !copy_values(parse, option, &settings[block->n_settings++]))
            return false;
        if (option->type == CFGT_SEC && !copy_sections(parse, option, blocks, &block->n_blocks))
            return false;
    }
    return block->title || !title;
}

/* Parsing. */

static enum result run_parser(struct parse *parse, cfg_t *root, FILE *file)
{
    int parsed = cfg_parse_fp(root, file);
    cfg_t *wrong = find_error(root);
    if (wrong)
        return source_problem(parse->problem, parse->source->path,
                              wrong->line > 0 ? (unsigned)wrong->line : 1, "%s", wrong->comment);
    if (parsed != CFG_SUCCESS)
        return source_problem(parse->problem, parse->source->path, 1,
                              "cannot be parsed: compare it with the example");
    return RESULT_OK;
}

enum result syntax_parse(struct arena *arena, const struct source *source, const struct syntax *table,
                         const struct block **block_out, struct problem *problem)
{
    struct parse parse = {.arena = arena, .source = source, .problem = problem};
    enum result result = scan_source(arena, source, &parse.scanned, problem);
    if (result != RESULT_OK)
        return result;
    struct block *block = arena_alloc(arena, 1, sizeof *block);
    cfg_opt_t *options = make_table(&parse, table);
    cfg_t *root = NULL;
    FILE *file = NULL;
    result = problem_set(problem, RESULT_TRY_LATER, "%s: no memory to read it", source->path);
    if (!block || !options)
        goto out;
    root = cfg_init(options, CFGF_NONE);
    file = fmemopen(parse.scanned.text, parse.scanned.size, "r");
    if (!root || !file)
        goto out;
    (void)cfg_set_error_function(root, keep_error);
    watch_lines(root, table, "");
    result = run_parser(&parse, root, file);
    if (result == RESULT_OK && !copy_block(&parse, root, block))
        result = problem_set(problem, RESULT_TRY_LATER, "%s: no memory to read it", source->path);
    block->line = 1;
    *block_out = block;
out:
    if (file)
        (void)fclose(file);
    if (root)
        (void)cfg_free(root);
    return result;
}
