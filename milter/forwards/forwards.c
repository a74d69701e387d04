/* SPDX-License-Identifier: Apache-2.0 */
#include "forwards/audit.h"

#include "policy/domain.h"

#include <glob.h>
#include <string.h>

enum { KEYS_MAX = 64 * 1024 * 1024, DOMAINS_MAX = 4096 };

/* Settings that list domains whose mail Postfix delivers itself, or whose aliases it expands. Left to itself
 * the second names the alias maps: there a left-hand side without an @ is a domain. */
static const char *const delivered_by[] = {"mydestination", "virtual_alias_domains",
                                           "virtual_mailbox_domains"};

struct domains {
    struct audit *audit;
    const char **all;
    size_t n;
};

static void add_domain(struct domains *domains, const char *name)
{
    char canonical[DOMAIN_ROOM];
    if (domains->n < DOMAINS_MAX - 1 && domain_canonical(name, canonical)) {
        domains->all[domains->n] = arena_strdup(domains->audit->request->arena, canonical);
        domains->n += domains->all[domains->n] != NULL;
    }
}

static void on_entry(void *context, const struct table_entry *entry)
{
    /* A pattern names no domain; what it would deliver here is listed, which is the safe side. */
    if (!entry->is_pattern)
        add_domain(context, entry->key);
}

static void on_unread(void *context, const char *what, const char *why)
{
    const struct domains *domains = context;
    audit_unread(domains->audit, what, why);
}

static void on_question(void *context, const char *table)
{
    struct audit *audit = ((const struct domains *)context)->audit;
    if (audit->n_domain_tables < AUDIT_DOMAIN_TABLES_MAX)
        audit->domain_tables[audit->n_domain_tables++] = table;
}

static void on_file(void *context, const char *path)
{
    const struct domains *domains = context;
    (void)path;
    domains->audit->report.n_files++;
}

/* A file of names, one or more a line. */
static void read_names(struct domains *domains, const char *path)
{
    const char *text = audit_read(domains->audit, path, NULL), *word = NULL;
    while (text && (word = tables_word(domains->audit->request->arena, &text)))
        add_domain(domains, word);
}

static void read_delivered(struct audit *audit, struct domains *domains)
{
    const struct forwards_request *request = audit->request;
    const struct table_request tables = {.arena = request->arena,
                                         .postfix = request->postfix,
                                         .reader = {.context = domains,
                                                    .entry = on_entry,
                                                    .unread = on_unread,
                                                    .question = on_question,
                                                    .file = on_file}};
    for (size_t i = 0; i < sizeof delivered_by / sizeof *delivered_by; i++) {
        const char *rest = postfix_value(request->postfix, delivered_by[i]), *word = NULL;
        while ((word = tables_word(request->arena, &rest))) {
            if (*word == '/')
                read_names(domains, word);
            else if (strchr(word, ':'))
                tables_read(&tables, word);
            else
                add_domain(domains, word);
        }
    }
}

/* myorigin may be a file whose first line it is. */
static const char *origin_of(struct audit *audit)
{
    const char *value = postfix_value(audit->request->postfix, "myorigin");
    const char *text = *value == '/' ? audit_read(audit, value, NULL) : value;
    const char *line = text ? arena_strndup(audit->request->arena, text, strcspn(text, " \t\r\n")) : NULL;
    return line && *line ? line : postfix_value(audit->request->postfix, "myhostname");
}

static void ask_questions(struct audit *audit)
{
    const char *more = audit->request->addresses;
    const char *text = more ? audit_read(audit, more, NULL) : NULL;
    if (more && !text)
        audit_unread(audit, more, "no addresses to ask for");
    buffer_puts(&audit->keys, text ? text : "");
    for (size_t i = 0; audit->request->local_domains[i]; i++)
        buffer_printf(&audit->keys, "\n@%s", audit->request->local_domains[i]);
    buffer_puts(&audit->keys, "\n");
    audit->report.no_memory = audit->report.no_memory || audit->keys.failed;
    for (size_t i = 0; i < audit->n_questions; i++) {
        size_t failed = audit->report.n_unread;
        audit_ask(audit, &audit->questions[i]);
        if (!more && audit->report.n_unread == failed)
            audit_unread(audit, audit->questions[i].table,
                         "answers only what it is asked, and was asked for the accounts and aliases of this "
                         "machine: name all its addresses with --addresses");
    }
}

/* Places where Mailman keeps members in a form of its own. */
static void look_for_mailman(struct audit *audit)
{
    static const char *const folders[] = {"/var/lib/mailman3", "/var/lib/mailman/lists"};
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        if (file_is_there(folders[i]))
            audit_unread(audit, folders[i],
                         "Mailman keeps the members of its lists in a form of its own: look with "
                         "'mailman members' or 'list_members'");
}

/* Of everybody; procmail reads those of the folder only when somebody names one. */
static void read_procmail(struct audit *audit)
{
    glob_t found = {0};
    audit_procmail(audit, "/etc/procmailrc", NULL, "everybody", NULL);
    int code = glob("/etc/procmailrcs/*", 0, NULL, &found);
    for (size_t i = 0; code == 0 && i < found.gl_pathc; i++) {
        const char *path = arena_strdup(audit->request->arena, found.gl_pathv[i]);
        if (path)
            audit_procmail(audit, path, NULL, path, NULL);
    }
    globfree(&found);
}

void forwards_find(const struct forwards_request *request, struct forwards_report *report_out)
{
    struct audit audit = {.request = request};
    struct domains domains = {.audit = &audit};
    *report_out = (struct forwards_report){.no_memory = true};
    domains.all = arena_alloc(request->arena, DOMAINS_MAX, sizeof *domains.all);
    if (!domains.all)
        return;
    buffer_init(&audit.keys, KEYS_MAX);
    audit.delivered = domains.all;
    audit.origin = origin_of(&audit);
    read_delivered(&audit, &domains);
    audit_settings(&audit);
    audit_users(&audit);
    read_procmail(&audit);
    if (request->dovecot)
        audit_dovecot(&audit, request->dovecot);
    for (size_t i = 0; request->sieve[i]; i++)
        audit_sieve_folder(&audit, request->sieve[i], NULL, NULL);
    for (size_t i = 0; request->mlmmj[i]; i++)
        audit_mlmmj_folder(&audit, request->mlmmj[i]);
    look_for_mailman(&audit);
    ask_questions(&audit);
    buffer_free(&audit.keys);
    *report_out = audit.report;
}
