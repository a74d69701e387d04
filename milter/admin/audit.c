/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/audit.h"

#include "admin/command.h"
#include "admin/scratch.h"
#include "base/clock.h"
#include "postfix/file.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#define DOVECOT "/etc/dovecot/dovecot.conf"

const char usage_audit[] =
    "usage: khatm audit forwards [--json] [--postfix DIR] [--sieve DIR]...\n"
    "                            [--mlmmj DIR]... [--dovecot FILE]\n"
    "                            [--addresses FILE] [--config FILE]\n"
    "\n"
    "Lists where this mail system would send mail on to outside the government, with\n"
    "file and line: aliases, virtual and canonical maps, copies, catch-alls,\n"
    ".forward, procmail, Sieve scripts, mailing lists; and commands of which nobody\n"
    "can know where they send. Nothing else is listed, and nothing is changed. Run it\n"
    "as root, which may read what users wrote.\n"
    "\n"
    "  --config FILE     the gateway's configuration: own domains, registry\n"
    "                    (" COMMAND_DEFAULT_CONFIG ")\n"
    "  --postfix DIR     the folder of main.cf, as postconf -c takes it\n"
    "  --sieve DIR       a folder of Sieve scripts, looked through to its bottom;\n"
    "                    users' own .dovecot.sieve and sieve/ are read anyway, and\n"
    "                    /var/lib/dovecot/sieve (up to 16)\n"
    "  --dovecot FILE    Dovecot's configuration, for the scripts that it names\n"
    "                    (" DOVECOT ")\n"
    "  --mlmmj DIR       a folder of mlmmj lists, besides /var/spool/mlmmj (up to 16)\n"
    "  --addresses FILE  every address of this system, one a line: for tables that\n"
    "                    only answer (SQL, LDAP)\n"
    "  --json            print one JSON object\n"
    "\n"
    "Exit: 0 nothing leaves, 20 something does, 21 nothing found but not everything\n"
    "could be read, 22 found and not everything read, 64 usage, 75 try later,\n"
    "78 Postfix's or our configuration is refused\n";

enum { FOLDERS_MAX = 16, SHIPPED = 1 };

struct options {
    const char *argv0, *config, *postfix, *addresses, *dovecot;
    const char *sieve[FOLDERS_MAX + SHIPPED + 1], *mlmmj[FOLDERS_MAX + SHIPPED + 1];
    bool json;
};

static int complain(const struct options *options, int code, const char *text)
{
    (void)fprintf(stderr, "%s: %s\n", options->argv0, text);
    return code;
}

static bool add(const char *folders[])
{
    size_t n = 0;
    while (folders[n])
        n++;
    if (n == FOLDERS_MAX + SHIPPED)
        return false;
    folders[n] = optarg;
    return true;
}

static int read_options(int argc, char **argv, struct options *options)
{
    static const struct option names[] = {
        {"addresses", required_argument, NULL, 'a'}, {"config", required_argument, NULL, 'c'},
        {"dovecot", required_argument, NULL, 'd'},   {"json", no_argument, NULL, 'j'},
        {"mlmmj", required_argument, NULL, 'm'},     {"postfix", required_argument, NULL, 'p'},
        {"sieve", required_argument, NULL, 's'},     {NULL, 0, NULL, 0}};
    for (int option; (option = getopt_long(argc, argv, "c:", names, NULL)) != -1;) {
        if (option == 'a')
            options->addresses = optarg;
        else if (option == 'c')
            options->config = optarg;
        else if (option == 'd')
            options->dovecot = optarg;
        else if (option == 'j')
            options->json = true;
        else if (option == 'p')
            options->postfix = optarg;
        else if ((option == 's' && !add(options->sieve)) || (option == 'm' && !add(options->mlmmj)))
            return command_usage_error(argv[0], "more than %d folders", FOLDERS_MAX);
        else if (option == '?')
            return command_usage_error(argv[0], NULL);
    }
    if (optind == argc || strcmp(argv[optind], "forwards") != 0)
        return command_usage_error(
            argv[0], optind == argc ? "of what? forwards" : "there is no '%s': forwards", argv[optind]);
    if (optind + 1 < argc)
        return command_usage_error(argv[0], "'%s' is one word too many", argv[optind + 1]);
    return EX_OK;
}

static int exit_code(const struct forwards_report *report)
{
    if (report->n_forwards)
        return report->n_unread ? AUDIT_EXIT_FOUND_AND_UNREAD : AUDIT_EXIT_FOUND;
    return report->n_unread ? AUDIT_EXIT_UNREAD : EX_OK;
}

static int show(const struct options *options, const struct forwards_report *report)
{
    struct printer printer;
    printer_init(&printer, stdout);
    if (report->no_memory || (options->json && audit_json(stdout, report) != RESULT_OK))
        return complain(options, EX_TEMPFAIL, "no memory");
    if (!options->json)
        audit_text(&printer, report);
    return exit_code(report);
}

static int run_with(const struct options *options, const struct config *config, struct arena *arena)
{
    struct problem problem = {""};
    struct postfix *postfix = NULL;
    struct forwards_report report;
    enum result result = postfix_read(arena, options->postfix, &postfix, &problem);
    if (result != RESULT_OK)
        return complain(options, result == RESULT_BAD_INPUT ? EX_CONFIG : EX_TEMPFAIL, problem.text);
    const struct forwards_request request = {.arena = arena,
                                             .postfix = postfix,
                                             .local_domains = config->local_domains,
                                             .registry = config->registry,
                                             .lists = config->lists,
                                             .today_seconds = clock_wall_ms() / 1000,
                                             .sieve = options->sieve,
                                             .mlmmj = options->mlmmj,
                                             .dovecot = options->dovecot         ? options->dovecot
                                                        : file_is_there(DOVECOT) ? DOVECOT
                                                                                 : NULL,
                                             .addresses = options->addresses};
    forwards_find(&request, &report);
    return show(options, &report);
}

int cmd_audit(int argc, char **argv)
{
    struct options options = {.argv0 = argv[0],
                              .config = COMMAND_DEFAULT_CONFIG,
                              .sieve = {"/var/lib/dovecot/sieve"},
                              .mlmmj = {"/var/spool/mlmmj"}};
    struct scratch scratch = {.path = ""};
    struct problem problem = {""};
    const struct config *config = NULL;
    int code = read_options(argc, argv, &options);
    if (code != EX_OK)
        return code;
    enum result result = scratch_load(&scratch, options.config, &config, &problem);
    if (result != RESULT_OK)
        return complain(&options, result == RESULT_BAD_INPUT ? EX_CONFIG : EX_TEMPFAIL, problem.text);
    struct arena *arena = arena_new(0);
    code = arena ? run_with(&options, config, arena) : complain(&options, EX_TEMPFAIL, "no memory");
    arena_free(arena);
    config_unref(config);
    scratch_remove(&scratch);
    return code;
}
