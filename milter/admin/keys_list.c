/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/keys.h"
#include "admin/printer.h"
#include "policy/date.h"
#include "policy/names.h"

#include <string.h>

enum { STATE_WIDTH = 12 };

/* What the key is now: its end where it has one, since when where it has had it. */
static void print_when(const struct printer *printer, const struct outlook *outlook)
{
    char day[DATE_ROOM];
    const struct key_info *key = &outlook->key;
    bool past = outlook->stage == OUTLOOK_UNUSABLE && key->time, usable = key->state == KEY_USABLE;
    date_format(past ? key->time : key->expires, day);
    printer_column(printer,
                   past || (usable && key->expires) ? day
                   : usable                         ? "never"
                                                    : "-",
                   12, printer_stage_tint(outlook->stage));
}

struct table {
    const struct keys_world *world;
    struct printer printer;
    int code; /* of check */
};

static void print_row(void *context, const struct outlook *outlook)
{
    const struct table *table = context;
    const struct printer *printer = &table->printer;
    const struct registry_entry *entry = outlook->entry;
    bool none = outlook->stage == OUTLOOK_NONE;
    printer_column(printer, outlook->address ? outlook->address : entry->domain, 34, TINT_HEAD);
    printer_column(printer, none ? "none" : key_state_name(outlook->key.state), STATE_WIDTH,
                   printer_stage_tint(outlook->stage));
    print_when(printer, outlook);
    printer_column(printer, outlook->key.algorithm[0] ? outlook->key.algorithm : "-", 12, TINT_NONE);
    printer_column(printer, outlook->address ? outlook->key.fingerprint : entry->key_fingerprint, 42,
                   TINT_NONE);
    printer_put(printer, outlook->address ? "person" : keys_is_own(table->world, entry) ? "own" : "");
    (void)fputc('\n', printer->out);
}

static void print_signing_row(void *context, const struct sign_outlook *outlook)
{
    const struct table *table = context;
    const struct printer *printer = &table->printer;
    const char *ours = table->world->config->local_domains[0];
    char day[DATE_ROOM];
    bool ends = outlook->ends && !outlook->entry;
    date_format(outlook->ends, day);
    printer_column(printer, outlook->entry ? outlook->entry->domain : ours, 34, TINT_HEAD);
    printer_column(printer, sign_state_name(outlook->state), STATE_WIDTH, printer_stage_tint(outlook->stage));
    printer_column(printer,
                   ends                            ? day
                   : outlook->state == SIGN_USABLE ? "never"
                                                   : "-",
                   12, printer_stage_tint(outlook->stage));
    printer_column(printer, "-", 12, TINT_NONE);
    printer_column(printer, outlook->key, 42, TINT_NONE);
    printer_put(printer, "signs");
    (void)fputc('\n', printer->out);
}

static void print_table(const struct keys_world *world)
{
    static const struct {
        const char *name;
        int width;
    } heads[] = {{"DOMAIN", 34}, {"STATE", STATE_WIDTH}, {"EXPIRES", 12}, {"ALGORITHM", 12}, {"KEY", 42},
                 {"", 0}};
    struct table table = {.world = world};
    printer_init(&table.printer, stdout);
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++)
        printer_column(&table.printer, heads[i].name, heads[i].width, TINT_FAINT);
    (void)fputc('\n', stdout);
    keys_each(world, print_row, &table);
    keys_each_signing(world, print_signing_row, &table);
}

static void complain(const struct keys_world *world)
{
    if (world->trouble.text[0])
        (void)keys_complain(world->options, 0, world->trouble.text);
    if (world->closed.text[0])
        (void)keys_complain(world->options, 0, world->closed.text);
}

int keys_list(const struct keys_options *options)
{
    struct keys_world world;
    int code = keys_open(options, &world);
    if (code == EX_OK) {
        world.asks_signer = true;
        keys_ask(&world);
        complain(&world);
        if (options->json)
            code = keys_print_json(&world, NULL, NULL);
        else
            print_table(&world);
        if (code == EX_OK && (world.trouble.text[0] || world.closed.text[0]))
            code = EX_TEMPFAIL;
    }
    keys_close(&world);
    return code;
}

static void count_news(struct table *table, enum outlook_stage stage)
{
    if (stage == OUTLOOK_UNUSABLE)
        table->code = KEYS_EXIT_UNUSABLE;
    else if (table->code == EX_OK)
        table->code = KEYS_EXIT_SOON;
}

static void print_words(const struct table *table, enum outlook_stage stage, const char *words,
                        const char *remedy)
{
    if (table->world->options->json)
        return;
    printer_column(&table->printer, outlook_name(stage), 10, printer_stage_tint(stage));
    (void)printf("%s\n          %s\n", words, remedy);
}

static void print_news(void *context, const struct outlook *outlook)
{
    struct table *table = context;
    char words[OUTLOOK_WORDS], remedy[OUTLOOK_WORDS];
    if (!outlook_is_news(outlook->stage))
        return;
    count_news(table, outlook->stage);
    outlook_say(outlook, words);
    keys_remedy(table->world, outlook, remedy);
    print_words(table, outlook->stage, words, remedy);
}

static void print_signing_news(void *context, const struct sign_outlook *outlook)
{
    struct table *table = context;
    char words[OUTLOOK_WORDS], remedy[OUTLOOK_WORDS];
    if (!outlook_is_news(outlook->stage))
        return;
    count_news(table, outlook->stage);
    sign_outlook_say(outlook, words);
    sign_outlook_mend(outlook, remedy);
    print_words(table, outlook->stage, words, remedy);
}

static int tell_news(const struct keys_world *world)
{
    struct table table = {.world = world, .code = EX_OK};
    printer_init(&table.printer, stdout);
    keys_each(world, print_news, &table);
    keys_each_signing(world, print_signing_news, &table);
    return table.code;
}

int keys_check(const struct keys_options *options)
{
    struct keys_world world;
    int code = keys_open(options, &world);
    if (code == EX_OK) {
        world.asks_signer = true;
        keys_ask(&world);
        complain(&world);
        if (world.trouble.text[0])
            code = EX_TEMPFAIL;
        else if (!options->json || (code = keys_print_json(&world, NULL, NULL)) == EX_OK)
            code = tell_news(&world);
        if (code == EX_OK && world.closed.text[0])
            code = EX_TEMPFAIL;
    }
    keys_close(&world);
    return code;
}
