/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/command.h"
#include "admin/scratch.h"
#include "config/config.h"
#include "dkimsign/dkimsign.h"
#include "policy/decide.h"
#include "policy/lists.h"
#include "policy/names.h"
#include "policy/registry.h"
#include "policy/rules.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

const char usage_check[] = "usage: khatm check [--config FILE]\n"
                           "\n"
                           "Reads the configuration and all files it names, as khatmd would, and says in\n"
                           "short what it found. The first thing that is wrong is named with file, line and\n"
                           "remedy. Cases that no rule answers are warnings.\n"
                           "\n"
                           "  --config FILE   the gateway's configuration (" COMMAND_DEFAULT_CONFIG ")\n"
                           "\n"
                           "Exit: 0 good (warnings included), 64 usage, 78 configuration\n";

enum { CONTENT_SETS = 16, UNDECIDED_SHOWN = 20 };

struct sweep {
    const struct rules *rules;
    struct policy_facts facts;
    struct rcpt_facts rcpt;
    size_t n_undecided;
    bool no_memory;
};

/* What was found. */

static void print_registry(const struct registry *registry)
{
    size_t with_key = 0, partners = 0, n = registry_count(registry);
    for (size_t i = 0; i < n; i++) {
        const struct registry_entry *entry = registry_get(registry, i);
        with_key += entry->key_fingerprint != NULL;
        partners += entry->kind == REGISTRY_PARTNER;
    }
    (void)printf("registry  serial %lld, %zu government, %zu partner; %zu with a key, %zu without\n",
                 (long long)registry_serial(registry), n - partners, partners, with_key, n - with_key);
}

static void print_rules(const struct rules *rules)
{
    size_t by_mode[3] = {0, 0, 0};
    for (size_t i = 0; i < rules_count(rules); i++)
        by_mode[rules_get(rules, i)->mode]++;
    (void)printf("rules     %zu enforced, %zu monitored, %zu off\n", by_mode[RULE_ENFORCE],
                 by_mode[RULE_MONITOR], by_mode[RULE_OFF]);
}

static void print_summary(const struct config *config)
{
    (void)printf("node      %s, mode %s, seals at %s\n", config->node,
                 config->mode == MODE_ENFORCE ? "enforce" : "observe",
                 config->seals_at_submission ? "submission" : "egress");
    (void)printf("socket    %s\n", config->socket);
    for (size_t i = 0; i < config->n_attaches; i++)
        (void)printf("attach    %s: %s\n", config->attaches[i].daemon_name,
                     role_name(config->attaches[i].role));
    for (size_t i = 0; config->local_domains[i]; i++)
        (void)printf("local     %s\n", config->local_domains[i]);
    print_registry(config->registry);
    print_rules(config->rules);
    (void)printf("lists     %zu consumer domains and patterns\n", lists_count_consumer(config->lists));
    (void)printf("markings  %zu forms\n", config->inspector.n_markings);
    (void)printf("journal   %s\n", config->journal.store);
    (void)printf("digest    %s\n", config->digest);
}

/* Cases that no rule answers. */

static void say_undecided(struct sweep *sweep)
{
    char content[64];
    if (sweep->n_undecided++ >= UNDECIDED_SHOWN)
        return;
    content_names(sweep->facts.content, content, sizeof content);
    (void)fprintf(
        stderr,
        "khatm check: warning: no rule answers: role %s, sender %s, content %s, recipient %s, key %s: "
        "such mail is refused (UNDECIDED)\n",
        role_name(sweep->facts.role), sender_class_name(sweep->facts.sender.class), content,
        rcpt_class_name(sweep->rcpt.class), key_state_name(sweep->rcpt.key));
}

static void try_case(struct sweep *sweep)
{
    struct decision *decision = NULL;
    if (policy_decide(sweep->rules, &sweep->facts, &decision) != POLICY_OK) {
        sweep->no_memory = true;
        return;
    }
    if (decision->reason == REASON_UNDECIDED)
        say_undecided(sweep);
    decision_free(decision);
}

/* One line a case is enough: only recipients we could seal for have keys that differ. */
static void try_keys(struct sweep *sweep)
{
    bool sealable = sweep->rcpt.class == RCPT_GOVERNMENT || sweep->rcpt.class == RCPT_PARTNER;
    bool known = sweep->facts.sender.class == SENDER_STAFF || sweep->facts.sender.class == SENDER_SERVICE;
    /* At egress whoever is known is known by a ticket. */
    sweep->rcpt.ticket = sweep->facts.role == ROLE_EGRESS && known ? FACT_YES : FACT_NO;
    for (int key = KEY_USABLE; key < (sealable ? (int)KEY_STATE_COUNT : KEY_USABLE + 1); key++) {
        sweep->rcpt.key = sealable ? (enum key_state)key : KEY_MISSING;
        try_case(sweep);
    }
}

static void try_rcpts(struct sweep *sweep)
{
    for (unsigned content = 1; content < CONTENT_SETS; content++) {
        sweep->facts.content = content;
        for (int rcpt = 0; rcpt < RCPT_CLASS_COUNT; rcpt++) {
            sweep->rcpt.class = (enum rcpt_class)rcpt;
            try_keys(sweep);
        }
    }
}

/* Who can be seen where: a login counts on outgoing services alone, proofs of a domain on inbound ones. */
static bool can_be(enum policy_role role, enum sender_class sender)
{
    if (role != ROLE_INBOUND)
        return sender != SENDER_GOVERNMENT;
    return sender != SENDER_STAFF && sender != SENDER_SERVICE;
}

/* Whatever a claimed sender lacks, whether or not a government's documents must come sealed. */
static void try_sender(struct sweep *sweep, enum sender_class class)
{
    struct sender_facts *sender = &sweep->facts.sender;
    *sender = (struct sender_facts){.class = class};
    for (int lack = LACK_LOGIN; class == SENDER_CLAIMED && lack < SENDER_LACK_COUNT; lack++) {
        sender->lacks = (enum sender_lack)lack;
        try_rcpts(sweep);
    }
    for (int seal = FACT_NO; class == SENDER_GOVERNMENT && seal <= FACT_YES; seal++) {
        sender->must_seal = (enum fact)seal;
        try_rcpts(sweep);
    }
    if (class != SENDER_CLAIMED && class != SENDER_GOVERNMENT)
        try_rcpts(sweep);
}

static void warn_of_gaps(const struct config *config)
{
    static const enum policy_role roles[] = {ROLE_SUBMISSION, ROLE_LOCAL, ROLE_INBOUND, ROLE_EGRESS};
    size_t n_roles = sizeof roles / sizeof *roles - (config->seals_at_submission ? 1 : 0);
    struct sweep sweep = {.rules = config->rules};
    sweep.rcpt = (struct rcpt_facts){.address = "x@y.example", .in_circle = FACT_YES, .in_headers = FACT_YES};
    sweep.facts = (struct policy_facts){
        .rcpts = &sweep.rcpt, .n_rcpts = 1, .level = 1, .reply_to_consumer = FACT_NO, .known = FACT_NO};
    for (size_t i = 0; i < n_roles; i++) {
        bool before = roles[i] == ROLE_SUBMISSION || roles[i] == ROLE_LOCAL;
        sweep.facts.role = roles[i];
        sweep.facts.seals_here =
            roles[i] == ROLE_EGRESS || (before && config->seals_at_submission) ? FACT_YES : FACT_NO;
        for (int sender = 0; sender < SENDER_CLASS_COUNT; sender++) {
            if (can_be(roles[i], (enum sender_class)sender))
                try_sender(&sweep, (enum sender_class)sender);
        }
    }
    if (sweep.n_undecided > UNDECIDED_SHOWN)
        (void)fprintf(stderr,
                      "khatm check: warning: and %zu more cases: compare with the shipped khatm.rules\n",
                      sweep.n_undecided - UNDECIDED_SHOWN);
    if (sweep.no_memory)
        (void)fputs("khatm check: warning: not all cases could be tried: no memory\n", stderr);
}

static void say_warnings(const struct config *config)
{
    for (size_t i = 0; config->warnings[i]; i++)
        (void)fprintf(stderr, "khatm check: warning: %s\n", config->warnings[i]);
    if (config->tickets.closed)
        (void)fprintf(stderr,
                      "khatm check: warning: %s may not be read by this user: its keys were not looked at\n",
                      config->tickets.path);
}

static void warn_of_attaches(const struct config *config)
{
    bool submission = false;
    for (size_t i = 0; i < config->n_attaches; i++)
        submission = submission || config->attaches[i].role == ROLE_SUBMISSION;
    if (!submission)
        (void)fprintf(stderr,
                      "khatm check: warning: %s: no section attach has role = submission: nobody's documents "
                      "will be sealed; name the service that staff log in to\n",
                      config->path);
}

/* Others read the same registry. */
static void warn_of_entries(const struct config *config)
{
    for (size_t i = 0; config->local_domains[i]; i++)
        if (!registry_find(config->registry, config->local_domains[i]))
            (void)fprintf(stderr,
                          "khatm check: warning: %s: local domain %s is in no entry of the registry: other "
                          "administrations refuse to send it documents, and take its own for a stranger's; "
                          "ask the authority for an entry\n",
                          config->path, config->local_domains[i]);
}

/* Whose word the registry is. EX_CONFIG: the file is refused. */
static int say_trust(const struct config *config)
{
    const struct registry_settings *file = &config->registry_file;
    if (file->trust == REGISTRY_BY_FILE)
        (void)fprintf(
            stderr,
            "khatm check: warning: %s: no authority is pinned: the registry is not signed, and whoever can "
            "write %s decides who is government; set authority, see government.domains(5)\n",
            config->path, file->path);
    if (file->serial_unchecked)
        (void)fprintf(stderr,
                      "khatm check: warning: %s may not be read: whether the serial is older is not known\n",
                      config->state);
    if (file->trust != REGISTRY_KEPT)
        return EX_OK;
    (void)fprintf(stderr, "khatm check: %s\n", file->refused);
    (void)fprintf(stderr, "khatm check: until then the last good registry, serial %lld, is in force\n",
                  (long long)registry_serial(config->registry));
    return EX_CONFIG;
}

static bool pins_a_key(const struct config *config)
{
    for (size_t i = 0; i < registry_count(config->registry); i++)
        if (registry_get(config->registry, i)->key_fingerprint)
            return true;
    return false;
}

/* Without which khatmd does not start. EX_CONFIG: one of them is not there. */
static int say_missing(const struct config *config)
{
    static const char install[] = "install it, or name another";
    int code = EX_OK;
    char ring[PATH_MAX];
    (void)snprintf(ring, sizeof ring, "%s/pubring.gpg", config->sealing.homedir);
    if (access(ring, F_OK) != 0)
        (void)snprintf(ring, sizeof ring, "%s/pubring.kbx", config->sealing.homedir);
    const struct {
        const char *setting, *path;
        int mode;
        const char *mend;
    } needs[] = {
        {"inspector.program", config->inspector.program, X_OK, install},
        {"inspector.reader", config->inspector.reader, X_OK, install},
        {"ocr.program", config->inspector.ocr.languages ? config->inspector.ocr.program : NULL, X_OK,
         install},
        {"sealing.program", config->sealing.program, X_OK, install},
        {"sealing.gpg", config->sealing.gpg, X_OK, install},
        {"authenticator.program", config->authenticator.program, X_OK, install},
        {"dkim.program", config->dkim.n_keys ? config->dkim.program : NULL, X_OK, install},
        {"sealing.homedir", pins_a_key(config) ? ring : NULL, F_OK,
         "take the registry's keys in with khatm keys import FILE"},
        {"unsealing.homedir", config->unsealing.homedir, F_OK,
         "make the domain's key there, see docs/unsealing.md"},
    };
    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++) {
        if (!needs[i].path || access(needs[i].path, needs[i].mode) == 0 ||
            (needs[i].mode == F_OK && errno != ENOENT))
            continue;
        code = EX_CONFIG;
        (void)fprintf(stderr, "khatm check: %s: %s: %s: %s, so khatmd would not start: %s\n", config->path,
                      needs[i].setting, needs[i].path, strerror(errno), needs[i].mend);
    }
    return code;
}

/* The program that will hold the keys says what they are. */
static int say_dkim(const struct config *config)
{
    struct dkimsign *dkimsign = NULL;
    struct problem problem = {""};
    size_t n = 0;
    if (!config->dkim.n_keys)
        return EX_OK;
    if (dkimsign_new(&config->dkim, &dkimsign, &problem) != RESULT_OK) {
        (void)fprintf(stderr, "khatm check: %s\n", problem.text);
        return EX_CONFIG;
    }
    const struct dkimsign_key *keys = dkimsign_keys(dkimsign, &n);
    for (size_t i = 0; i < n; i++)
        (void)printf("dkim      %s: %s of %u bits\n", keys[i].name,
                     keys[i].kind == DKIMSIGN_RSA ? "RSA" : "Ed25519", keys[i].bits);
    dkimsign_free(dkimsign);
    return EX_OK;
}

int cmd_check(int argc, char **argv)
{
    static const struct option options[] = {{"config", required_argument, NULL, 'c'}, {NULL, 0, NULL, 0}};
    const char *path = COMMAND_DEFAULT_CONFIG;
    const struct config *config;
    struct problem problem = {""};
    int option;
    while ((option = getopt_long(argc, argv, "c:", options, NULL)) != -1) {
        if (option != 'c')
            return command_usage_error(argv[0], NULL);
        path = optarg;
    }
    if (optind < argc)
        return command_usage_error(argv[0], "'%s' is one word too many", argv[optind]);
    struct scratch scratch = {.path = ""};
    if (scratch_load(&scratch, path, &config, &problem) != RESULT_OK) {
        (void)fprintf(stderr, "%s: %s\n", argv[0], problem.text);
        return EX_CONFIG;
    }
    int code = say_trust(config);
    print_summary(config);
    int missing = say_missing(config), dkim = missing == EX_OK ? say_dkim(config) : EX_OK;
    say_warnings(config);
    warn_of_attaches(config);
    warn_of_entries(config);
    warn_of_gaps(config);
    config_unref(config);
    scratch_remove(&scratch);
    return code == EX_OK && missing == EX_OK ? dkim : EX_CONFIG;
}
