/* SPDX-License-Identifier: Apache-2.0 */
#include "forwards/sieve.h"

#include "base/text.h"
#include "forwards/sieve_token.h"

#include <string.h>

struct word {
    const struct word *before;
    const char *text;
    const char *tag;   /* the one right in front of its argument; NULL */
    unsigned argument; /* which one of the command: strings of one list share it */
    unsigned line;
};

struct command {
    const char *name; /* NULL: none has begun */
    const struct word *last;
    const char *tag;
    unsigned argument;
    bool in_list, takes_list; /* takes_list: redirect :list */
};

struct parse {
    struct arena *arena;
    void (*take)(void *context, const struct sieve_action *action);
    void *context;
    bool whole;
};

static void give(const struct parse *parse, const char *command, const struct word *word, const char *target,
                 bool is_address)
{
    const struct sieve_action action = {.command = command,
                                        .target = target,
                                        .line = word->line,
                                        .is_address = is_address,
                                        .varies = strstr(target, "${") != NULL};
    parse->take(parse->context, &action);
}

/* RFC 3986 2.1, in place. */
static void decode_percent(char *text)
{
    static const char digits[] = "0123456789abcdef";
    char *to = text;
    for (; *text; text++) {
        const char *high = text[0] == '%' && text[1] ? strchr(digits, text_lower(text[1])) : NULL;
        const char *low = high && text[2] ? strchr(digits, text_lower(text[2])) : NULL;
        *to++ = low ? (char)((high - digits) * 16 + (low - digits)) : *text;
        text += low ? 2 : 0;
    }
    *to = '\0';
}

/* Addresses in "a@b,c@d" of a mailto, to and with `size` bytes. */
static void take_addresses(const struct parse *parse, const char *command, const struct word *word,
                           const char *text, size_t size)
{
    char *copy = arena_strndup(parse->arena, text, size), *save = NULL;
    for (char *one = copy ? strtok_r(copy, ",", &save) : NULL; one; one = strtok_r(NULL, ",", &save)) {
        decode_percent(one);
        give(parse, command, word, one, true);
    }
}

/* RFC 6068: "mailto:" addresses "?" header fields; of these To, Cc and Bcc are addresses (RFC 5436 2.7 lets a
 * server take them). */
static void take_mailto(const struct parse *parse, const char *command, const struct word *word)
{
    static const char *const fields[] = {"to=", "cc=", "bcc="};
    const char *text = word->text + strlen("mailto:");
    size_t size = strcspn(text, "?");
    take_addresses(parse, command, word, text, size);
    for (const char *field = text + size; *field; field += strcspn(field, "&")) {
        field++;
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
            size_t length = strlen(fields[i]);
            if (strncasecmp(field, fields[i], length) == 0)
                take_addresses(parse, command, word, field + length, strcspn(field + length, "&"));
        }
    }
}

/* The strings of the last argument. */
static void end_redirect(const struct parse *parse, const struct command *command)
{
    for (const struct word *word = command->last; word && word->argument == command->last->argument;
         word = word->before)
        give(parse, command->name, word, word->text, !command->takes_list);
}

/* The method is the last argument, or after :method; addresses of the old form are in :options. */
static void end_notify(const struct parse *parse, const struct command *command)
{
    for (const struct word *word = command->last; word; word = word->before) {
        bool is_method = word == command->last || (word->tag && strcmp(word->tag, "method") == 0);
        bool is_option = word->tag && strcmp(word->tag, "options") == 0;
        bool is_text = word->tag && !is_option && strcmp(word->tag, "method") != 0;
        if (text_starts_nocase(word->text, "mailto:"))
            take_mailto(parse, command->name, word);
        else if (is_option && strchr(word->text, '@'))
            give(parse, command->name, word, word->text, true);
        else if (is_method && !is_text && !is_option && !text_equal_nocase(word->text, "mailto"))
            give(parse, command->name, word, word->text, false);
    }
}

/* The program is the first string. */
static void end_program(const struct parse *parse, const struct command *command)
{
    const struct word *first = command->last;
    while (first && first->before)
        first = first->before;
    if (first)
        give(parse, command->name, first, first->text, false);
}

static void end_command(const struct parse *parse, struct command *command)
{
    static const struct {
        const char *name;
        void (*end)(const struct parse *parse, const struct command *command);
    } ends[] = {{"redirect", end_redirect}, {"report", end_redirect}, {"notify", end_notify},
                {"pipe", end_program},      {"execute", end_program}, {"filter", end_program}};
    for (size_t i = 0; command->name && i < sizeof ends / sizeof *ends; i++)
        if (strcmp(command->name, ends[i].name) == 0)
            ends[i].end(parse, command);
    *command = (struct command){0};
}

static void add_string(struct parse *parse, struct command *command, const struct sieve_token *token)
{
    struct word *word = arena_alloc(parse->arena, 1, sizeof *word);
    if (!word) {
        parse->whole = false;
        return;
    }
    if (!command->in_list)
        command->argument++;
    *word = (struct word){.before = command->last,
                          .text = token->text,
                          .tag = command->tag,
                          .argument = command->argument,
                          .line = token->line};
    command->last = word;
    if (!command->in_list)
        command->tag = NULL;
}

static void take_sign(struct parse *parse, struct command *command, char sign)
{
    if (sign == '[') {
        command->in_list = true;
        command->argument++;
    } else if (sign == ']') {
        command->in_list = false;
        command->tag = NULL;
    } else if (sign == ';' || sign == '{' || sign == '}') {
        parse->whole = parse->whole && !(command->name && sign == '}');
        end_command(parse, command);
    }
}

static void take_token(struct parse *parse, struct command *command, const struct sieve_token *token)
{
    switch (token->kind) {
    case SIEVE_WORD:
        if (!command->name)
            command->name = token->text;
        return;
    case SIEVE_TAG:
        command->tag = token->text;
        command->takes_list = command->takes_list || strcmp(token->text, "list") == 0;
        return;
    case SIEVE_NUMBER:
        command->argument++;
        command->tag = NULL;
        return;
    case SIEVE_STRING:
        add_string(parse, command, token);
        return;
    case SIEVE_SIGN:
        take_sign(parse, command, token->sign);
        return;
    case SIEVE_WRONG:
        parse->whole = false;
        return;
    case SIEVE_END:
        return;
    }
}

bool sieve_read(struct arena *arena, const char *script,
                void (*take)(void *context, const struct sieve_action *action), void *context)
{
    struct sieve_reader reader = {.arena = arena, .rest = script, .line = 1};
    struct parse parse = {.arena = arena, .take = take, .context = context, .whole = true};
    struct command command = {0};
    struct sieve_token token;
    do {
        token = sieve_next(&reader);
        take_token(&parse, &command, &token);
    } while (token.kind != SIEVE_END);
    bool ended = !command.name;
    end_command(&parse, &command);
    return parse.whole && ended;
}
