/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/command.h"

#include "base/version.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* One row a line: clang-format is kept away so that rows can be added without touching others. */
/* clang-format off */
static const struct command commands[] = {
    {"check", "is the configuration good? names file, line and remedy", usage_check, cmd_check},
    {"explain", "what would be decided of a message, and why", usage_explain, cmd_explain},
    {"trace", "the path of a document or message", usage_trace, cmd_trace},
    {"report", "what was refused, why, and for whom", usage_report, cmd_report},
    {"domains", "the registry: list, check, lint, sign; test a domain", usage_domains, cmd_domains},
    {"keys", "keys to seal with: list, check, import, fetch, export, test", usage_keys, cmd_keys},
    {"tickets", "keys of the tickets between submission and egress: make, rotate", usage_tickets, cmd_tickets},
    {"reload", "take in a changed configuration: is it in force now?", usage_reload, cmd_reload},
    {"audit", "where would this mail system send mail on, out of the government?", usage_audit, cmd_audit},
    {"doctor", "is Khatm wired into the mail system as it should be? what mends it", usage_doctor, cmd_doctor},
    {NULL, NULL, NULL, NULL}, /* the end */
};
/* clang-format on */

static const char no_such_command[] = "there is no command '%s'";

static void print_help(FILE *to)
{
    (void)fputs("usage: khatm COMMAND [OPTIONS] [ARGUMENTS]\n"
                "       khatm COMMAND --help | khatm help COMMAND\n"
                "       khatm --help | khatm --version\n"
                "\n"
                "Commands:\n",
                to);
    for (const struct command *c = commands; c->name; c++)
        (void)fprintf(to, "  %-8s  %s\n", c->name, c->summary);
    (void)fputs("\nManual: khatm(1), khatm.conf(5)\n", to);
}

static const struct command *find_command(const char *name)
{
    for (const struct command *c = commands; c->name; c++)
        if (strcmp(c->name, name) == 0)
            return c;
    return NULL;
}

static bool is_help(const char *word)
{
    return strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
}

static bool asks_for_help(int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (is_help(argv[i]))
            return true;
    return false;
}

int command_usage_error(const char *argv0, const char *format, ...)
{
    if (format) {
        va_list args;
        va_start(args, format);
        (void)fprintf(stderr, "%s: ", argv0);
        (void)vfprintf(stderr, format, args);
        (void)fputc('\n', stderr);
        va_end(args);
    }
    (void)fprintf(stderr, "Try '%s --help'.\n", argv0);
    return EX_USAGE;
}

static int run_command(const struct command *command, int argc, char **argv)
{
    char title[64];
    if (asks_for_help(argc, argv)) {
        (void)fputs(command->usage, stdout);
        return EX_OK;
    }
    (void)snprintf(title, sizeof title, "khatm %s", command->name);
    argv[0] = title;
    return command->run(argc, argv);
}

/* Of all commands, or of the one that is named. */
static int help(const char *name)
{
    if (!name) {
        print_help(stdout);
        return EX_OK;
    }
    const struct command *command = find_command(name);
    if (!command)
        return command_usage_error("khatm", no_such_command, name);
    (void)fputs(command->usage, stdout);
    return EX_OK;
}

static int run(int argc, char **argv)
{
    if (argc < 2)
        return command_usage_error("khatm", "which command?");
    if (is_help(argv[1]) || strcmp(argv[1], "help") == 0)
        return help(argc > 2 ? argv[2] : NULL);
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        (void)printf("khatm %s\n", KHATM_VERSION);
        return EX_OK;
    }
    const struct command *command = find_command(argv[1]);
    return command ? run_command(command, argc - 1, argv + 1)
                   : command_usage_error("khatm", no_such_command, argv[1]);
}

int main(int argc, char **argv)
{
    int code = run(argc, argv);
    /* A full disk behind a redirected report must not look like a report. */
    if (fflush(stdout) != 0 || ferror(stdout)) {
        (void)fputs("khatm: standard output could not be written\n", stderr);
        return code == EX_OK ? EX_IOERR : code;
    }
    return code;
}
