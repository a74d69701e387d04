/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/explain.h"

#include "admin/command.h"
#include "admin/eml.h"
#include "admin/number.h"
#include "admin/scratch.h"
#include "admin/source.h"
#include "base/ip.h"
#include "base/text.h"
#include "gather/gather.h"
#include "growth.h"
#include "policy/names.h"
#include "policy/recipient.h"
#include "policy/registry.h"
#include "seal/seal.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

const char usage_explain[] =
    "usage: khatm explain [--json] [--config FILE] [--role ROLE]\n"
    "                     [--client-ip ADDRESS] [--helo NAME] [--login LOGIN]\n"
    "                     [--tls-version VERSION] --from ADDRESS --rcpt ADDRESS...\n"
    "                     FILE|-\n"
    "       khatm explain [--json] [--config FILE] --reference KH-XXXX-XXXX\n"
    "\n"
    "What would be decided of this message, and why; or what was decided, by its\n"
    "reference. Nothing is sent, changed or journalled.\n"
    "\n"
    "  --role ROLE            submission (default), inbound, local or egress\n"
    "  --client-ip ADDRESS    of the client\n"
    "  --helo NAME            what the client calls itself\n"
    "  --login LOGIN          SASL login; none without it\n"
    "  --tls-version VERSION  of the client's connection: TLSv1.2 ... or none;\n"
    "                         TLSv1.3 with a login\n"
    "  --from ADDRESS         envelope sender; <> for none\n"
    "  --rcpt ADDRESS         envelope recipient; again for each further one\n"
    "  --reference REFERENCE  explain a journalled decision instead\n"
    "  --json                 one object, docs/explain.schema.json\n"
    "  --config FILE          the gateway's configuration (" COMMAND_DEFAULT_CONFIG ")\n"
    "\n"
    "Exit: 0 pass, 10 seal, 11 unseal, 20 reject, 64 usage, 65 message or reference\n"
    "unreadable, 75 try later, 78 configuration\n";

enum { EXIT_PASS = 0, EXIT_SEAL = 10, EXIT_UNSEAL = 11, EXIT_REJECT = 20, OTHER_KEYS = 2 };

struct options {
    const char *argv0, *config, *client_ip, *helo, *login, *tls_version, *from, *reference, *file;
    const char **rcpts;
    size_t n_rcpts;
    enum policy_role role;
    bool json;
};

/* All that has to be let go of at the end. */
struct explain {
    const struct options *options;
    const struct config *config;
    struct attach_settings attach; /* for a role that no section of the file has */
    struct scratch scratch;
    struct message *message;
    struct inspector *inspector;
    struct sealer *sealer;
    struct sealer *unsealer; /* NULL: nothing is opened */
    struct authenticator *authenticator;
    struct journal *journal;
    struct decision *decision;
    const struct gathered *gathered;
};

/* pass 0, seal 10, unseal 11, reject 20, try-later 75. */
static int exit_code(enum verdict verdict)
{
    switch (verdict) {
    case VERDICT_PASS:
        return EXIT_PASS;
    case VERDICT_SEAL:
        return EXIT_SEAL;
    case VERDICT_UNSEAL:
        return EXIT_UNSEAL;
    case VERDICT_TRY_LATER:
        return EX_TEMPFAIL;
    case VERDICT_REJECT:
        return EXIT_REJECT;
    }
    return EX_SOFTWARE;
}

static int complain(const struct explain *explain, int code, const char *text)
{
    (void)fprintf(stderr, "%s: %s\n", explain->options->argv0, text);
    return code;
}

/* What is put together before the message can be looked at. */

static const struct attach_settings *attach_of(struct explain *explain)
{
    const struct config *config = explain->config;
    for (size_t i = 0; i < config->n_attaches; i++)
        if (config->attaches[i].role == explain->options->role)
            return &config->attaches[i];
    explain->attach = *config_attach(config, NULL);
    explain->attach.role = explain->options->role;
    return &explain->attach;
}

static int read_message(struct explain *explain)
{
    const struct options *options = explain->options;
    struct problem problem = {""};
    bool from_stdin = !strcmp(options->file, "-");
    enum result result = message_new(explain->config, attach_of(explain), &explain->message, &problem);
    if (result != RESULT_OK)
        return complain(explain, EX_TEMPFAIL, problem.text);
    struct message *message = explain->message;
    message->client_address = options->client_ip;
    message->helo = options->helo;
    message->login = options->login;
    message->tls_version = options->tls_version;
    result = message_set_from(message, options->from);
    for (size_t i = 0; result == RESULT_OK && i < options->n_rcpts; i++)
        result = message_add_rcpt(message, options->rcpts[i], NULL);
    if (result != RESULT_OK)
        return complain(explain, EX_TEMPFAIL, "no memory, or too many recipients");
    FILE *file = from_stdin ? stdin : fopen(options->file, "re");
    if (!file) {
        (void)fprintf(stderr, "%s: %s: %s\n", options->argv0, options->file, strerror(errno));
        return EX_DATAERR;
    }
    result = eml_read(file, message, &problem);
    if (!from_stdin)
        (void)fclose(file);
    if (result == RESULT_OK)
        return EX_OK;
    (void)fprintf(stderr, "%s: %s: %s\n", options->argv0, options->file, problem.text);
    return result == RESULT_BAD_INPUT ? EX_DATAERR : EX_TEMPFAIL;
}

/* By which a key that gpg cannot encrypt to is told from a gpg that cannot encrypt. */
static size_t add_others(const struct registry *registry, const struct registry_entry **entries, size_t n)
{
    size_t end = n + OTHER_KEYS;
    for (size_t i = 0; i < registry_count(registry) && n < end; i++) {
        const struct registry_entry *entry = registry_get(registry, i);
        if (entry->key_fingerprint)
            entries[n++] = entry;
    }
    return n;
}

/* Only the keys of these recipients and a few: a ring of all ministries is not needed to explain one message.
 * Without keys each of them is unknown, and the explanation says so. */
static void open_keys(struct explain *explain)
{
    const struct config *config = explain->config;
    struct problem problem = {""};
    const struct registry_entry **entries = calloc(explain->message->n_rcpts + OTHER_KEYS, sizeof *entries);
    size_t n = 0;
    for (size_t i = 0; entries && i < explain->message->n_rcpts; i++) {
        struct recipient recipient;
        recipient_classify(explain->message->rcpts[i], config->local_domains, config->registry, config->lists,
                           (int64_t)time(NULL), &recipient);
        if (recipient.entry && recipient.entry->key_fingerprint)
            entries[n++] = recipient.entry;
    }
    if (n)
        n = add_others(config->registry, entries, n);
    if (n && (sealer_new_for_entries(&config->sealing, entries, n, &explain->sealer, &problem) != RESULT_OK ||
              sealer_trouble(explain->sealer, &problem) != RESULT_OK))
        (void)complain(explain, 0, problem.text);
    free(entries);
}

/* One message needs one process. Without it nothing is proved, and the explanation says so. */
static void open_authenticator(struct explain *explain)
{
    const struct config *config = explain->config;
    struct authenticator_settings settings = config->authenticator;
    struct problem problem = {""};
    settings.processes = 1;
    if (explain->options->role == ROLE_INBOUND &&
        authenticator_new(&settings, &config->resolver, &explain->authenticator, &problem) != RESULT_OK)
        (void)complain(explain, 0, problem.text);
}

/* Where the daemon opens what is sealed for it, so does this. Whoever may not read the secret key is told,
 * and sees what the envelope alone says. */
static void open_unsealer(struct explain *explain)
{
    const struct config *config = explain->config;
    struct sealing_settings settings = config->sealing;
    struct problem problem = {""};
    size_t count = registry_count(config->registry), n = 0;
    settings.secrets = config->unsealing.homedir;
    settings.slots = 1;
    if (!settings.secrets || explain->options->role != ROLE_INBOUND)
        return;
    const char **fingerprints = calloc(2 * count + 1, sizeof *fingerprints);
    for (size_t i = 0; fingerprints && i < count; i++) {
        const struct registry_entry *entry = registry_get(config->registry, i);
        if (entry->key_fingerprint)
            fingerprints[n++] = entry->key_fingerprint;
        if (entry->signing_fingerprint)
            fingerprints[n++] = entry->signing_fingerprint;
    }
    if (!fingerprints || sealer_new(&settings, fingerprints, n, &explain->unsealer, &problem) != RESULT_OK)
        (void)complain(explain, 0, problem.text);
    free(fingerprints);
}

static int decide(struct explain *explain, struct problem *problem)
{
    const struct config *config = explain->config;
    if (inspector_new(&config->inspector, &explain->inspector, problem) != RESULT_OK)
        return EX_TEMPFAIL;
    open_keys(explain);
    /* Absent before the first message, closed to ordinary users: then it is not known what it knows. */
    if (journal_open_readonly(config->journal.store, &explain->journal, NULL) != RESULT_OK)
        explain->journal = NULL;
    open_authenticator(explain);
    open_unsealer(explain);
    struct stages stages = {explain->inspector, explain->sealer ? sealer_keys(explain->sealer) : NULL,
                            explain->journal, explain->authenticator, explain->unsealer};
    if (gather(explain->message, &stages, &explain->gathered, problem) != RESULT_OK)
        return EX_TEMPFAIL;
    if (policy_decide(config->rules, &explain->gathered->facts, &explain->decision) != POLICY_OK) {
        (void)problem_set(problem, RESULT_TRY_LATER, "no memory for a decision");
        return EX_TEMPFAIL;
    }
    return EX_OK;
}

/* As the daemon does: no rule decides any more. */
static void refuse_growth(const struct explain *explain, struct explanation *told)
{
    if (!growth_over_limit(explain->message, &explain->gathered->facts, explain->decision))
        return;
    told->verdict = VERDICT_REJECT;
    told->reason = REASON_TOO_BIG;
    told->rule = NULL;
    told->decision = NULL;
    told->detail = "sealed it would be over sealing.size-limit";
}

static int explain_message(struct explain *explain)
{
    struct problem problem = {""};
    const struct message *message = explain->message;
    struct explanation told = {.observe = explain->config->mode == MODE_OBSERVE};
    const char *excess = message_excess(message);
    if (excess) {
        told.verdict = VERDICT_REJECT;
        told.reason = REASON_TOO_BIG;
        told.detail = excess;
    } else if (decide(explain, &problem) == EX_OK) {
        told.verdict = explain->decision->verdict;
        told.reason = explain->decision->reason;
        told.rule = explain->decision->rule;
        told.decision = explain->decision;
        refuse_growth(explain, &told);
    } else {
        (void)complain(explain, 0, problem.text);
        told.verdict = VERDICT_TRY_LATER;
        told.reason = REASON_INTERNAL;
        told.detail = problem.text;
    }
    told.facts = explain->gathered ? &explain->gathered->facts : NULL;
    if (!explain->options->json)
        explain_text(&told, stdout);
    else if (!explain_json(&told, stdout))
        return complain(explain, EX_TEMPFAIL, "no memory");
    return exit_code(told.verdict);
}

static int explain_file(const struct options *options)
{
    struct explain explain = {.options = options};
    struct problem problem = {""};
    enum result result = scratch_load(&explain.scratch, options->config, &explain.config, &problem);
    if (result != RESULT_OK)
        return complain(&explain, result == RESULT_BAD_INPUT ? EX_CONFIG : EX_TEMPFAIL, problem.text);
    if (explain.config->registry_file.trust == REGISTRY_KEPT)
        (void)complain(&explain, EX_OK, explain.config->registry_file.refused);
    int code = read_message(&explain);
    if (code == EX_OK)
        code = explain_message(&explain);
    decision_free(explain.decision);
    message_free(explain.message);
    journal_close(explain.journal);
    authenticator_free(explain.authenticator);
    sealer_free(explain.sealer);
    sealer_free(explain.unsealer);
    inspector_free(explain.inspector);
    scratch_remove(&explain.scratch);
    config_unref(explain.config);
    return code;
}

/* A decision of the past. */

struct look_up {
    const struct options *options;
    int code;
};

static int print_found(const struct record *record, void *context)
{
    struct look_up *look_up = context;
    struct printer printer;
    look_up->code = exit_code(record->verdict);
    if (look_up->options->json)
        return explain_record_json(record, stdout) ? 1 : -1;
    printer_init(&printer, stdout);
    (void)printf("verdict     %s", verdict_name(record->verdict));
    if (record->reason != REASON_NONE)
        (void)printf(" %s (%s)", reason_name(record->reason),
                     reason_status_of(record->reason, record->lacks));
    (void)printf("%s\n\n", record->observed ? "; mode observe: nothing was enforced" : "");
    printer_record(&printer, record);
    return 1;
}

static int explain_reference(const struct options *options)
{
    struct look_up look_up = {options, EX_DATAERR};
    struct problem problem = {""};
    struct journal *journal = NULL;
    char reference[REFERENCE_BYTES];
    if (!number_reference(options->reference, reference)) {
        (void)fprintf(stderr,
                      "%s: '%s' is no reference: it looks like KH-7F3K-29QX, at the end of the reply\n",
                      options->argv0, options->reference);
        return EX_DATAERR;
    }
    const struct source source = {options->argv0, options->config, NULL};
    int code = source_open(&source, &journal);
    if (code != EX_OK) /* one exit code for all that may heal: 75 */
        return code == EX_IOERR ? EX_TEMPFAIL : code;
    const struct journal_query query = {.reference = reference};
    enum result result = journal_find(journal, &query, print_found, &look_up, &problem);
    if (result != RESULT_OK && result != RESULT_NOT_FOUND)
        look_up.code = source_failed(&source, &problem) == EX_CONFIG ? EX_CONFIG : EX_TEMPFAIL;
    else if (look_up.code == EX_DATAERR)
        (void)fprintf(stderr, "%s: %s is not in the journal: check the reference\n", options->argv0,
                      reference);
    journal_close(journal);
    return look_up.code;
}

/* Options. */

/* "1.2" and "TLSv1.2" are the same; a login is taken to have come over a good connection unless told
 * otherwise. */
static const char *tls_version_of(const struct options *options)
{
    static const char *const names[] = {"TLSv1.0", "TLSv1.1", "TLSv1.2", "TLSv1.3"};
    const char *version = options->tls_version;
    if (!version)
        return options->login ? "TLSv1.3" : NULL;
    if (!strcmp(version, "none"))
        return NULL;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (!strcmp(version, names[i] + 4) || text_equal_nocase(version, names[i]))
            return names[i];
    return version;
}

static int read_option(struct options *options, int option)
{
    struct ip ip;
    switch (option) {
    case 'j':
        options->json = true;
        return EX_OK;
    case 'c':
        options->config = optarg;
        return EX_OK;
    case 'R':
        if (role_parse(optarg, &options->role))
            return EX_OK;
        return command_usage_error(options->argv0, "there is no role '%s'", optarg);
    case 'i':
        options->client_ip = optarg;
        return ip_parse(optarg, &ip)
                   ? EX_OK
                   : command_usage_error(options->argv0, "--client-ip: '%s' is no IP address", optarg);
    case 'h':
        options->helo = optarg;
        return EX_OK;
    case 'l':
        options->login = optarg;
        return EX_OK;
    case 't':
        options->tls_version = optarg;
        return EX_OK;
    case 'f':
        options->from = optarg;
        return EX_OK;
    case 'r':
        options->rcpts[options->n_rcpts++] = optarg;
        return EX_OK;
    case 'k':
        options->reference = optarg;
        return EX_OK;
    default:
        return command_usage_error(options->argv0, NULL);
    }
}

static int read_options(int argc, char **argv, struct options *options)
{
    static const struct option names[] = {{"json", no_argument, NULL, 'j'},
                                          {"config", required_argument, NULL, 'c'},
                                          {"role", required_argument, NULL, 'R'},
                                          {"client-ip", required_argument, NULL, 'i'},
                                          {"helo", required_argument, NULL, 'h'},
                                          {"login", required_argument, NULL, 'l'},
                                          {"tls-version", required_argument, NULL, 't'},
                                          {"from", required_argument, NULL, 'f'},
                                          {"rcpt", required_argument, NULL, 'r'},
                                          {"reference", required_argument, NULL, 'k'},
                                          {NULL, 0, NULL, 0}};
    int option, code = EX_OK;
    while (code == EX_OK && (option = getopt_long(argc, argv, "c:", names, NULL)) != -1)
        code = read_option(options, option);
    if (code != EX_OK)
        return code;
    if (options->reference)
        return optind < argc ? command_usage_error(argv[0], "--reference wants no message file") : EX_OK;
    for (; optind + 1 < argc; optind++) /* --rcpt a b c FILE */
        options->rcpts[options->n_rcpts++] = argv[optind];
    if (optind == argc)
        return command_usage_error(argv[0], "which message? name a file, or - for standard input");
    options->file = argv[optind];
    if (!options->from || !options->n_rcpts)
        return command_usage_error(argv[0], "%s is missing", options->from ? "--rcpt" : "--from");
    options->tls_version = tls_version_of(options);
    return EX_OK;
}

int cmd_explain(int argc, char **argv)
{
    struct options options = {.argv0 = argv[0],
                              .config = COMMAND_DEFAULT_CONFIG,
                              .role = ROLE_SUBMISSION,
                              .rcpts = calloc((size_t)argc + 1, sizeof *options.rcpts)};
    if (!options.rcpts)
        return EX_TEMPFAIL;
    int code = read_options(argc, argv, &options);
    if (code == EX_OK)
        code = options.reference ? explain_reference(&options) : explain_file(&options);
    free(options.rcpts);
    return code;
}
