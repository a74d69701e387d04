/* SPDX-License-Identifier: Apache-2.0 */
#include "postfix/settings.h"

#include "postfix/command.h"
#include "postfix/file.h"
#include "postfix/logical.h"

#include <string.h>

enum { OUTPUT_MAX = 64 * 1024 * 1024, WORDS_MAX = 8 };

struct pair {
    const char *name, *value;
};

struct pairs {
    struct pair *all;
    size_t n;
};

struct postfix {
    struct arena *arena;
    const char *directory, *main_path, *master_path, *main_text, *master_text;
    struct pairs expanded, raw;
    struct postfix_override *overrides;
    size_t n_overrides;
};

/* Lines "name = value" in the text, which is changed. */
static enum result read_pairs(struct arena *arena, char *text, struct pairs *pairs)
{
    size_t most = 1;
    for (const char *c = text; *c; c++)
        most += *c == '\n';
    if (!(pairs->all = arena_alloc(arena, most, sizeof *pairs->all)))
        return RESULT_TRY_LATER;
    char *save = NULL;
    for (char *line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
        char *equals = strstr(line, " =");
        if (!equals)
            continue;
        *equals = '\0';
        equals += 2;
        pairs->all[pairs->n++] = (struct pair){line, equals + strspn(equals, " ")};
    }
    return RESULT_OK;
}

static enum result ask_postconf(const struct postfix *postfix, const char *option, struct pairs *pairs,
                                struct problem *problem)
{
    const char *argv[WORDS_MAX] = {"postconf"};
    struct buffer out;
    int status = -1;
    size_t n = 1;
    if (option)
        argv[n++] = option;
    if (postfix->directory) {
        argv[n++] = "-c";
        argv[n] = postfix->directory;
    }
    buffer_init(&out, OUTPUT_MAX);
    enum result result = command_output(argv, NULL, &out, &status, problem);
    if (result == RESULT_OK && status != 0)
        result = RESULT_BAD_INPUT;
    char *text = result == RESULT_OK ? arena_strdup(postfix->arena, buffer_text(&out)) : NULL;
    buffer_free(&out);
    if (result != RESULT_OK)
        return result;
    if (!text || read_pairs(postfix->arena, text, pairs) != RESULT_OK)
        return problem_set(problem, RESULT_TRY_LATER, "no memory");
    return RESULT_OK;
}

static const char *find(const struct pairs *pairs, const char *name)
{
    for (size_t i = 0; i < pairs->n; i++)
        if (strcmp(pairs->all[i].name, name) == 0)
            return pairs->all[i].value;
    return "";
}

/* Where `name` is set within a logical line: "name =" at a word's begin. NULL: not there. */
static const char *find_setting(const char *text, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = strstr(text, name); at; at = strstr(at + 1, name)) {
        const char *after = at + length + strspn(at + length, " \t");
        if (*after == '=' && (at == text || strchr(" \t\n{", at[-1])))
            return at;
    }
    return NULL;
}

static struct place place_of(const struct postfix *postfix, const char *name)
{
    struct logical logical;
    struct logical_line line;
    struct place place = {.file = postfix->main_path};
    size_t length = strlen(name);
    logical_begin(&logical, postfix->arena, postfix->main_text);
    while (logical_next(&logical, &line)) {
        const char *after = line.text + length;
        if (strncmp(line.text, name, length) == 0 && after[strspn(after, " \t")] == '=')
            place.line = line.number;
    }
    return place;
}

/* service: "name/type". */
static bool is_of(const char *text, const char *service)
{
    size_t name = strcspn(service, "/"), type = strlen(service) - name;
    if (strncmp(text, service, name) != 0 || !strchr(" \t", text[name]))
        return false;
    text += name + strspn(text + name, " \t");
    return type > 1 && strncmp(text, service + name + 1, type - 1) == 0 && strchr(" \t\n", text[type - 1]);
}

static struct place master_place(const struct postfix *postfix, const char *service, const char *name)
{
    struct logical logical;
    struct logical_line line;
    struct place place = {.file = postfix->master_path};
    logical_begin(&logical, postfix->arena, postfix->master_text);
    while (logical_next(&logical, &line)) {
        if (!is_of(line.text, service))
            continue;
        const char *at = find_setting(line.text, name);
        place.line = at ? logical_line_of(line.text, at, line.number) : line.number;
    }
    return place;
}

/* "submission/inet/always_bcc" is service, type and name. */
static enum result read_overrides(struct postfix *postfix, struct problem *problem)
{
    struct pairs pairs = {0};
    enum result result = ask_postconf(postfix, "-Px", &pairs, problem);
    if (result != RESULT_OK)
        return result;
    postfix->overrides = arena_alloc(postfix->arena, pairs.n ? pairs.n : 1, sizeof *postfix->overrides);
    if (!postfix->overrides)
        return problem_set(problem, RESULT_TRY_LATER, "no memory");
    for (size_t i = 0; i < pairs.n; i++) {
        const char *slash = strrchr(pairs.all[i].name, '/');
        char *service =
            slash ? arena_strndup(postfix->arena, pairs.all[i].name, (size_t)(slash - pairs.all[i].name))
                  : NULL;
        if (!service)
            continue;
        postfix->overrides[postfix->n_overrides++] =
            (struct postfix_override){.service = service,
                                      .name = slash + 1,
                                      .value = pairs.all[i].value,
                                      .place = master_place(postfix, service, slash + 1)};
    }
    return RESULT_OK;
}

static const char *read_beside(struct postfix *postfix, const char *name, const char **path_out)
{
    const char *text = "";
    *path_out = arena_printf(postfix->arena, "%s/%s", find(&postfix->expanded, "config_directory"), name);
    /* What postconf could read and we cannot only costs the line numbers. */
    if (!*path_out || file_read(postfix->arena, *path_out, NULL, &text, NULL) != RESULT_OK)
        return "";
    return text;
}

enum result postfix_read(struct arena *arena, const char *directory, struct postfix **postfix_out,
                         struct problem *problem)
{
    struct postfix *postfix = arena_alloc(arena, 1, sizeof *postfix);
    *postfix_out = postfix;
    if (!postfix)
        return problem_set(problem, RESULT_TRY_LATER, "no memory");
    postfix->arena = arena;
    postfix->directory = directory;
    enum result result = ask_postconf(postfix, "-x", &postfix->expanded, problem);
    if (result == RESULT_OK)
        result = ask_postconf(postfix, NULL, &postfix->raw, problem);
    if (result != RESULT_OK)
        return result;
    postfix->main_text = read_beside(postfix, "main.cf", &postfix->main_path);
    postfix->master_text = read_beside(postfix, "master.cf", &postfix->master_path);
    if (!postfix->main_path || !postfix->master_path)
        return problem_set(problem, RESULT_TRY_LATER, "no memory");
    return read_overrides(postfix, problem);
}

const char *postfix_directory(const struct postfix *postfix)
{
    return find(&postfix->expanded, "config_directory");
}

const char *postfix_value(const struct postfix *postfix, const char *name)
{
    return find(&postfix->expanded, name);
}

const char *postfix_raw(const struct postfix *postfix, const char *name)
{
    return find(&postfix->raw, name);
}

struct place postfix_place(const struct postfix *postfix, const char *name)
{
    return place_of(postfix, name);
}

size_t postfix_count(const struct postfix *postfix)
{
    return postfix->expanded.n;
}

void postfix_get(const struct postfix *postfix, size_t index, const char **name_out, const char **value_out)
{
    *name_out = postfix->expanded.all[index].name;
    *value_out = postfix->expanded.all[index].value;
}

size_t postfix_count_overrides(const struct postfix *postfix)
{
    return postfix->n_overrides;
}

const struct postfix_override *postfix_get_override(const struct postfix *postfix, size_t index)
{
    return &postfix->overrides[index];
}

enum result postfix_postmap(const struct postfix *postfix, const char *option, const char *key,
                            const char *table, const char *input, struct buffer *out, struct problem *problem)
{
    const char *argv[WORDS_MAX] = {"postmap", "-c", postfix_directory(postfix), option};
    int status = -1;
    size_t n = 4;
    if (key)
        argv[n++] = key;
    argv[n] = table;
    enum result result = command_output(argv, input, out, &status, problem);
    if (result == RESULT_OK && (status > 1 || (status == 1 && *problem->text)))
        result = RESULT_BAD_INPUT;
    return result;
}
