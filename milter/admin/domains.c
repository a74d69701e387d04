/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/domains.h"

#include "admin/scratch.h"
#include "policy/date.h"
#include "policy/registry.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char usage_domains[] =
    "usage: khatm domains list [--json] [--config FILE]\n"
    "       khatm domains check [--config FILE]\n"
    "       khatm domains lint [--consumers FILE] REGISTRY\n"
    "       khatm domains sign --key FINGERPRINT [--gpg FILE] [--consumers FILE]\n"
    "                          REGISTRY\n"
    "       khatm domains test [--selector S]... [--server ADDRESS@PORT]... [--json]\n"
    "                          [--config FILE] DOMAIN\n"
    "\n"
    "The registry of government domains: what is in it, whether it may be believed,\n"
    "and, for its authority, how it is signed; and what a domain publishes about its\n"
    "mail.\n"
    "\n"
    "  list    every entry: kind, proof demanded, key and its state, duties, last day\n"
    "  check   verify this gateway's registry: signature, serial, contents\n"
    "  lint    look at a registry before it is signed; names file, line and remedy\n"
    "  sign    lint, then sign with gpg: writes REGISTRY.asc\n"
    "  test    ask DNS for SPF, DKIM, DMARC and MX of DOMAIN: can it show what its\n"
    "          entry demands?\n"
    "\n"
    "  --config FILE      the gateway's configuration (" COMMAND_DEFAULT_CONFIG ")\n"
    "  --consumers FILE   the list that no entry may be in\n"
    "                     (" DOMAINS_CONSUMERS ")\n"
    "  --gpg FILE         the gpg that has the key (/usr/bin/gpg); its home is\n"
    "                     GNUPGHOME's or the usual one\n"
    "  --json             print one JSON object\n"
    "  --key FINGERPRINT  the authority's key, 40 hexadecimal digits\n"
    "  --selector S       a DKIM selector of DOMAIN: s= of its signatures (up to 16)\n"
    "  --server ADDRESS@PORT\n"
    "                     ask this DNS server instead of the usual ones (up to 8)\n"
    "\n"
    "Exit: 0 good, 20 DOMAIN cannot show what its entry demands, 64 usage,\n"
    "65 REGISTRY is not good, 73 the signature cannot be made, 75 try later, 78 the\n"
    "registry or the configuration is refused\n";

int domains_complain(const struct domains_options *options, int code, const char *text)
{
    (void)fprintf(stderr, "%s: %s\n", options->argv0, text);
    return code;
}

static void print_day(const char *what, int64_t seconds, int64_t days_less)
{
    char day[DATE_ROOM];
    date_format(seconds - days_less * DAY_SECONDS, day);
    if (seconds)
        (void)printf("%s%s\n", what, day);
}

static int check(const struct domains_options *options)
{
    struct scratch scratch = {.path = ""};
    struct problem problem = {""};
    const struct config *config = NULL;
    enum result result = scratch_load(&scratch, options->config, &config, &problem);
    if (result != RESULT_OK)
        return domains_complain(options, result == RESULT_BAD_INPUT ? EX_CONFIG : EX_TEMPFAIL, problem.text);
    const struct registry_settings *file = &config->registry_file;
    int code = EX_OK;
    if (file->trust == REGISTRY_KEPT)
        code = domains_complain(options, EX_CONFIG, file->refused);
    if (file->trust == REGISTRY_KEPT)
        (void)fprintf(stderr, "%s: until then the last good one stays in force\n", options->argv0);
    if (file->serial_unchecked)
        (void)fprintf(stderr, "%s: warning: %s may not be read: whether the serial is older is not known\n",
                      options->argv0, config->state);
    if (file->trust == REGISTRY_BY_FILE)
        (void)fprintf(stderr,
                      "%s: warning: no authority is pinned in %s: nobody verifies who wrote the registry\n",
                      options->argv0, config->path);
    (void)printf("registry   %s\n", file->trust == REGISTRY_KEPT ? "the last good one" : file->path);
    (void)printf("serial     %lld\n", (long long)registry_serial(config->registry));
    print_day("issued     ", registry_issued(config->registry), 0);
    print_day("last day   ", registry_expires(config->registry), 1);
    (void)printf("entries    %zu\n", registry_count(config->registry));
    if (file->authority)
        (void)printf("signed by  %s\n", file->authority);
    print_day("signed on  ", file->times.created, 0);
    print_day("signature  good until ", file->times.expires, 0);
    print_day("key        good until ", file->times.key_expires, 0);
    print_day("refused    from ", config_registry_ends(config), 0);
    config_unref(config);
    scratch_remove(&scratch);
    return code;
}

int domains_read_draft(const struct domains_options *options, struct registry_draft *draft_out)
{
    struct problem problem = {""};
    const char *consumers = options->consumers;
    if (!consumers && access(DOMAINS_CONSUMERS, F_OK) == 0)
        consumers = DOMAINS_CONSUMERS;
    if (!consumers)
        (void)fprintf(stderr,
                      "%s: warning: there is no " DOMAINS_CONSUMERS
                      ": entries are not compared with consumer mail; name a list with --consumers\n",
                      options->argv0);
    enum result result = config_read_draft(options->object, consumers, draft_out, &problem);
    if (result == RESULT_OK)
        return EX_OK;
    return domains_complain(options, result == RESULT_TRY_LATER ? EX_TEMPFAIL : EX_DATAERR, problem.text);
}

static int lint(const struct domains_options *options)
{
    struct registry_draft draft;
    int code = domains_read_draft(options, &draft);
    if (code != EX_OK)
        return code;
    (void)printf("%s: serial %lld, %zu entries: good\n", options->object,
                 (long long)registry_serial(draft.registry), registry_count(draft.registry));
    config_free_draft(&draft);
    return EX_OK;
}

/* False: there are too many. */
static bool add(const char *list[], size_t *n, size_t most)
{
    if (*n == most)
        return false;
    list[(*n)++] = optarg;
    return true;
}

static int read_options(int argc, char **argv, struct domains_options *options)
{
    static const struct option names[] = {
        {"config", required_argument, NULL, 'c'}, {"consumers", required_argument, NULL, 'l'},
        {"gpg", required_argument, NULL, 'g'},    {"json", no_argument, NULL, 'j'},
        {"key", required_argument, NULL, 'k'},    {"selector", required_argument, NULL, 's'},
        {"server", required_argument, NULL, 'd'}, {NULL, 0, NULL, 0}};
    for (int option; (option = getopt_long(argc, argv, "c:", names, NULL)) != -1;) {
        if (option == 'c')
            options->config = optarg;
        else if (option == 'l')
            options->consumers = optarg;
        else if (option == 'g')
            options->gpg = optarg;
        else if (option == 'j')
            options->json = true;
        else if (option == 'k')
            options->key = optarg;
        else if (option == 's' && !add(options->selectors, &options->n_selectors, DOMAINS_SELECTORS_MAX))
            return command_usage_error(argv[0], "more than %d selectors", DOMAINS_SELECTORS_MAX);
        else if (option == 'd' && !add(options->servers, &options->n_servers, DOMAINS_SERVERS_MAX))
            return command_usage_error(argv[0], "more than %d servers", DOMAINS_SERVERS_MAX);
        else if (option == '?')
            return command_usage_error(argv[0], NULL);
    }
    return EX_OK;
}

int cmd_domains(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(const struct domains_options *options);
        const char *asks; /* for what it is about; NULL: nothing */
        bool wants_key;
    } words[] = {{"list", domains_list, NULL, false},
                 {"check", check, NULL, false},
                 {"lint", lint, "which registry? name its file", false},
                 {"sign", domains_sign, "which registry? name its file", true},
                 {"test", domains_test, "which domain?", false}};
    struct domains_options options = {
        .argv0 = argv[0], .config = COMMAND_DEFAULT_CONFIG, .gpg = "/usr/bin/gpg"};
    int code = read_options(argc, argv, &options);
    if (code != EX_OK)
        return code;
    if (optind == argc)
        return command_usage_error(argv[0], "list, check, lint, sign or test?");
    const char *word = argv[optind++];
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcmp(word, words[i].name) != 0)
            continue;
        options.object = words[i].asks && optind < argc ? argv[optind++] : NULL;
        if (words[i].asks && !options.object)
            return command_usage_error(argv[0], "%s: %s", word, words[i].asks);
        if (words[i].wants_key && !options.key)
            return command_usage_error(argv[0], "%s: --key is missing", word);
        if (optind < argc)
            return command_usage_error(argv[0], "'%s' is one word too many", argv[optind]);
        return words[i].run(&options);
    }
    return command_usage_error(argv[0], "there is no '%s': list, check, lint, sign or test", word);
}
