/* SPDX-License-Identifier: Apache-2.0 */
/* The shipped files load; broken ones are refused with one line that names file, line, what and what to do.
 */
#include "config/config.h"
#include "policy/registry.h"
#include "policy/rules.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(table) (sizeof(table) / sizeof *(table))

enum { TEXT_MAX = 200000 };

static char folder[] = "/tmp/khatm-test-config-XXXXXX";
static const struct {
    const char *name, *from;
} files[] = {
    {"khatm.conf", "contrib/khatm/khatm.conf"},
    {"government.domains", "policy/registry/government.domains"},
    {"khatm.rules", "policy/rules/khatm.rules"},
    {"lists/consumer.domains", "policy/lists/consumer.domains"},
    {"markings/markings", "policy/markings/markings"},
    {"markings/headings", "policy/markings/headings"},
    {"markings/references", "policy/markings/references"},
    {"markings/personal", "policy/markings/personal"},
    {"markings/labels", "policy/markings/labels"},
    {"notices/fr/replies", "policy/notices/fr/replies"},
    {"notices/en/replies", "policy/notices/en/replies"},
};

static void path_of(const char *name, char *out, size_t room)
{
    (void)snprintf(out, room, "%s/%s", folder, name);
}

static size_t read_text(const char *path, char *text)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t size = fread(text, 1, TEXT_MAX - 1, file);
    text[size] = '\0';
    (void)fclose(file);
    return size;
}

static void write_text(const char *name, const char *text, size_t size)
{
    char path[300];
    path_of(name, path, sizeof path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, size, file), size);
    (void)fclose(file);
    assert_int_equal(chmod(path, 0644), 0);
}

/* Every test begins with the shipped files. */
static int fresh(void **state)
{
    static char text[TEXT_MAX];
    for (size_t i = 0; i < COUNT(files); i++) {
        char path[600];
        (void)snprintf(path, sizeof path, "%s/%s", KHATM_SOURCE_DIR, files[i].from);
        write_text(files[i].name, text, read_text(path, text));
    }
    return 0;
}

static enum result load(struct problem *problem)
{
    char path[300];
    const struct config *config;
    path_of("khatm.conf", path, sizeof path);
    enum result result = config_load(path, &config, problem);
    config_unref(config);
    return result;
}

static void the_shipped_files_load(void **state)
{
    char path[300];
    const struct config *config;
    struct problem problem = {""};
    path_of("khatm.conf", path, sizeof path);
    if (config_load(path, &config, &problem) != RESULT_OK)
        fail_msg("%s", problem.text);
    assert_int_equal(config->mode, MODE_OBSERVE);
    assert_true(config->seals_at_submission);
    assert_int_equal(config->spool.message_limit, 50 * 1024 * 1024);
    assert_int_equal(config->inspector.deadline_ms, 20000);
    assert_string_equal(config->languages[0], "fr");
    assert_int_equal(config_attach(config, "khatm-submission")->role, ROLE_SUBMISSION);
    assert_int_equal(config_attach(config, "khatm-submission")->tls_min, 12);
    assert_int_equal(config_attach(config, "nobody named it")->role, ROLE_INBOUND);
    assert_int_equal(config_attach(config, NULL)->role, ROLE_INBOUND);
    assert_int_equal(strlen(config->digest), 64);
    assert_int_equal(registry_count(config->registry), 4);
    assert_true(rules_count(config->rules) > 10);
    config_unref(config_ref(config));
    config_unref(config);
}

static void the_digest_is_of_all_files(void **state)
{
    char path[300], before[65];
    const struct config *config;
    path_of("khatm.conf", path, sizeof path);
    assert_int_equal(config_load(path, &config, NULL), RESULT_OK);
    memcpy(before, config->digest, sizeof before);
    config_unref(config);
    write_text("lists/consumer.domains", "gmail.com\n", 10);
    assert_int_equal(config_load(path, &config, NULL), RESULT_OK);
    assert_string_not_equal(config->digest, before);
    memcpy(before, config->digest, sizeof before);
    config_unref(config);
    write_text("markings/markings", "4\tfr\tSECRET\tS\n", 14);
    assert_int_equal(config_load(path, &config, NULL), RESULT_OK);
    assert_string_not_equal(config->digest, before);
    assert_int_equal(config->inspector.n_markings, 1);
    config_unref(config);
}

/* One thing broken. */

struct broken {
    const char *name, *file;
    const char *replace; /* NULL: append */
    const char *with;
    const char *says; /* after the folder's name */
};

static const struct broken broken[] = {
    {"unknown setting", "khatm.conf", NULL, "no-such-setting = 1\n",
     "khatm.conf:@: unknown setting 'no-such-setting'"},
    {"slip of the pen", "khatm.conf",
     "node          =", "nodde =", "khatm.conf:4: unknown setting 'nodde': did you mean 'node'?"},
    {"unknown in a section", "khatm.conf", "slots = 2", "slot = 2",
     "khatm.conf:31: unknown setting 'slot': did you mean 'slots'?"},
    {"missing", "khatm.conf", "node          =", "#", "khatm.conf:1: 'node' is missing or empty: add node ="},
    {"twice", "khatm.conf", NULL, "node = a.example\n", "khatm.conf:@: 'node' is set twice"},
    {"section twice", "khatm.conf", NULL, "spool { }\n", "khatm.conf:@: section 'spool' is there twice"},
    {"title twice", "khatm.conf", NULL, "attach \"*\" { role = local }\n", "khatm.conf:@: found duplicate"},
    {"unknown role", "khatm.conf", "role = local", "role = departure", "khatm.conf:23: role = departure: no"},
    {"near role", "khatm.conf", "role = local", "role = locale",
     "khatm.conf:23: role = locale: no such value: did you mean 'local'?"},
    {"no role", "khatm.conf", "role = local", "", "khatm.conf:23: 'role' is missing"},
    {"seal at egress", "khatm.conf", "seal-at   = submission", "seal-at = egress",
     "khatm.conf:8: seal-at = egress, and no section attach has role = egress: documents would"},
    {"number with letters", "khatm.conf", "workers = 2", "workers = many",
     "khatm.conf:29: workers = many is not a plain number"},
    {"number too great", "khatm.conf", "workers = 2", "workers = 9999",
     "khatm.conf:29: workers = 9999 is out of bounds: from 1 to 256"},
    {"no unit", "khatm.conf", "deadline = 20s", "deadline = 20",
     "khatm.conf:29: deadline = 20 has no unit: write it like 20s"},
    {"bad unit", "khatm.conf", "50M", "50X", "khatm.conf:28: message-limit = 50X has an unknown unit, X"},
    {"great size", "khatm.conf", "50M", "999999999999999G",
     "khatm.conf:28: message-limit = 999999999999999G is out of bounds: from 64K to 2G"},
    {"huge number", "khatm.conf", "50M", "99999999999999999999M", "khatm.conf:28: message-limit"},
    {"bad socket", "khatm.conf", "unix:/run/khatm/milter.sock", "carrier-pigeon:1",
     "khatm.conf:11: socket = carrier-pigeon:1 is no socket"},
    {"bad port", "khatm.conf", "unix:/run/khatm/milter.sock", "inet:99999@127.0.0.1",
     "khatm.conf:11: socket"},
    {"host name for an address", "khatm.conf", "unix:/run/khatm/milter.sock", "inet:8899@localhost",
     "khatm.conf:11: socket"},
    {"relative path", "khatm.conf", "/run/khatm/spool", "spool",
     "khatm.conf:28: directory = spool: write the whole path"},
    {"unknown mode", "khatm.conf", "= observe", "= perhaps", "khatm.conf:7: mode = perhaps: no such value"},
    {"unknown language", "khatm.conf", "\"ar\"", "\"zz\"", "khatm.conf:9: languages: 'zz'"},
    {"language twice", "khatm.conf", "\"ar\"", "\"fr\"", "khatm.conf:9: languages: 'fr' is not known or one"},
    {"no service", "khatm.conf", NULL, "attach \"\" { role = local }\n",
     "khatm.conf:@: attach \"\" names no"},
    {"local consumer", "khatm.conf", "\"interieur.gov.example", "\"yahoo.fr", "khatm.conf:5: local-domains"},
    {"bad local domain", "khatm.conf", "{ \"interieur.gov.example\" }", "{ \"a b\" }",
     "khatm.conf:5: local-domains: 'a b'"},
    {"no local domain", "khatm.conf", "{ \"interieur.gov.example\" }", "{ }",
     "khatm.conf:5: 'local-domains' is missing or empty"},
    {"bad client", "khatm.conf", NULL, "machine \"s\" { client = { \"10.0.0\" } from = a@b.example }\n",
     "khatm.conf:@: client: '10.0.0' is no IP address"},
    {"client: a user", "khatm.conf", NULL, "machine \"s\" { client = { \"uid:33\" } from = a@b.example }\n",
     "khatm.conf:@: client: 'uid:33': mail servers do not tell whose program it was"},
    {"relay: a name", "khatm.conf", NULL, "attach \"r\" { role = inbound relays = { \"mx.example\" } }\n",
     "khatm.conf:@: relays: 'mx.example' is no IP address or network: write it like 192.0.2.7"},
    {"relay: prefix too long", "khatm.conf", NULL,
     "attach \"r\" { role = inbound relays = { \"192.0.2.0/33\" } }\n",
     "khatm.conf:@: relays: '192.0.2.0/33' has a prefix that is no number from 0 to 32"},
    {"relay: prefix of nothing", "khatm.conf", NULL,
     "attach \"r\" { role = inbound relays = { \"2001:db8::/\" } }\n",
     "khatm.conf:@: relays: '2001:db8::/' has a prefix that is no number from 0 to 128"},
    {"relay: host bits", "khatm.conf", NULL,
     "attach \"r\" { role = inbound relays = { \"192.0.2.7/24\" } }\n",
     "khatm.conf:@: relays: '192.0.2.7/24' has bits set behind its prefix"},
    {"relay: everybody", "khatm.conf", NULL, "attach \"r\" { role = inbound relays = { \"0.0.0.0/0\" } }\n",
     "khatm.conf:@: relays: '0.0.0.0/0' would take strangers for relays of yours"},
    {"relay: IPv4 as IPv6", "khatm.conf", NULL,
     "attach \"r\" { role = inbound relays = { \"::ffff:192.0.2.0/120\" } }\n",
     "khatm.conf:@: relays: '::ffff:192.0.2.0/120' is IPv4 written as IPv6"},
    {"no client", "khatm.conf", NULL, "machine \"s\" { from = a@b.example }\n",
     "khatm.conf:@: machine \"s\" has no client"},
    {"bad address", "khatm.conf", NULL, "machine \"s\" { client = { \"10.0.0.1\" } from = a }\n",
     "khatm.conf:@: from = a is no mail address"},
    {"bad store", "khatm.conf", "sqlite:/var", "oracle:/var", "khatm.conf:@: store = oracle:/var"},
    {"unsealing with no key", "khatm.conf", NULL, "unsealing { unsigned = open }\n",
     "khatm.conf:@: unsealing without homedir"},
    {"unsealing a relative home", "khatm.conf", NULL, "unsealing { homedir = \"keys\" }\n",
     "khatm.conf:@: homedir = keys: write the whole path"},
    {"unsigned, a third way", "khatm.conf", NULL, "unsealing { homedir = \"/k\" unsigned = maybe }\n",
     "khatm.conf:@: unsigned"},
    {"variable", "khatm.conf", "gw1.", "gw${HOME}.", "khatm.conf:4: '${…}': variables are not expanded"},
    {"string never ends", "khatm.conf", "gw1.interieur.gov.example\"", "gw1.interieur.gov.example",
     "khatm.conf:"},
    {"brace never closed", "khatm.conf", NULL, "attach \"x\" {\n\trole = inbound\n",
     "khatm.conf:@: a '{' that is never closed"},
    {"brace too many", "khatm.conf", NULL, "}\n", "khatm.conf:@: a '}' that closes nothing"},
    {"comment never ends", "khatm.conf", NULL, "/* and so\non\n", "khatm.conf:@: a comment that never ends"},
    {"no value", "khatm.conf", NULL, "logins = \n", "khatm.conf:"},
    {"no name", "khatm.conf", NULL, "= 3\n", "khatm.conf:@: unexpected token"},
    {"file within", "khatm.conf", NULL, "include(\"/etc/passwd\")\n",
     "khatm.conf:@: unknown setting 'include'"},
    {"not UTF-8", "khatm.conf", NULL, "# \xff\n", "khatm.conf:@: is not UTF-8"},
    {"control byte", "khatm.conf", NULL, "\x1b\n", "khatm.conf:@: the control byte 0x1b"},
    {"no-break space", "khatm.conf", NULL, "logins\xc2\xa0= x\n", "khatm.conf:@: a no-break space outside"},
    {"curly quotes", "khatm.conf", NULL, "logins = \xe2\x80\x9cx\xe2\x80\x9d\n",
     "khatm.conf:@: a typographic quotation mark"},
    {"no registry", "khatm.conf", "\"government.domains\"", "\"nowhere\"",
     "khatm.conf:13: registry: there is no file"},
    {"no rules", "khatm.conf", "\"khatm.rules\"", "\"nowhere\"", "khatm.conf:14: rules: there is no file"},
    {"no lists", "khatm.conf", "\"lists\"", "\"nowhere\"", "khatm.conf:15: lists: there is no file"},
    {"no markings", "khatm.conf", "\"markings\"", "\"nowhere\"", "khatm.conf:16: markings: there is no file"},
    {"no replies", "khatm.conf", "\"notices\"", "\"nowhere\"", "khatm.conf:17: replies: there is no file"},
    {"no logins", "khatm.conf", NULL, "logins = \"nowhere\"\n", "khatm.conf:@: logins: there is no file"},
    {"a folder", "khatm.conf", "\"government.domains\"", "\"lists\"", "lists: is not a file"},

    {"registry: entry unclosed", "government.domains", NULL, "domain \"x.gov.example\" {\n",
     "government.domains:@: a '{' that is never closed"},
    {"registry: bad key", "government.domains", NULL,
     "domain \"x.gov.example\" {\n\tproof = dkim\n\tkey = \"XYZ\"\n}\n",
     "government.domains:46: the fingerprint has the byte 0x58"},
    {"registry: odd key", "government.domains", NULL, "domain \"x.gov.example\" { key = \"0123\xc2\xa0\" }\n",
     "government.domains:@: a no-break space within quotation marks"},
    {"registry: unknown proof", "government.domains", NULL, "domain \"x.gov.example\" { proof = honour }\n",
     "government.domains:@: proof = honour: no such value"},
    {"registry: twice", "government.domains", NULL, "domain \"finances.gov.example\" { }\n",
     "government.domains:@: found duplicate title"},
    {"registry: twice in other letters", "government.domains", NULL, "domain \"FINANCES.gov.example\" {\n}\n",
     "government.domains:@: 'finances.gov.example' is there twice"},
    {"registry: overlap", "government.domains", NULL, "domain \"gov.example\" {\n\tsubdomains = yes\n}\n",
     "government.domains:@: 'gov.example' (subdomains = yes) takes in"},
    {"registry: consumer", "government.domains", NULL, "domain \"yahoo.tn\" {\n}\n",
     "government.domains:@: 'yahoo.tn' is consumer mail by the entry 'yahoo.*'"},
    {"registry: bad name", "government.domains", NULL,
     "domain \"a\xc2\xa0"
     "b.gov.example\" { }\n",
     "government.domains:@: a no-break space within quotation marks"},
    {"registry: name that only an escape hides", "government.domains", NULL,
     "domain \"a\\xc2\\xa0b.gov.example\" { }\n",
     "government.domains:@: 'a' followed by a no-break space is not a mail domain"},
    {"registry: soft hyphen", "government.domains", NULL,
     "domain \"x.gov.example\" { contact = \"a\xc2\xad@x.gov.example\" }\n",
     "government.domains:@: a soft hyphen within quotation marks"},
    {"registry: mixed scripts", "government.domains", NULL, "domain \"just\xd0\xb0.gov.example\" { }\n",
     "government.domains:@: 'just\xd0\xb0' (xn--just-83d.gov.example) has Latin and Cyrillic letters"},
    {"registry: unknown setting", "government.domains", NULL, "domain \"x.gov.example\" { max-levle = 3 }\n",
     "government.domains:@: unknown setting 'max-levle': did you mean 'max-level'?"},
    {"authority: a key id", "khatm.conf", NULL, "authority = \"0123456789ABCDEF\"\n",
     "khatm.conf:@: authority: the fingerprint has 16 hexadecimal digits"},
    {"authority-key alone", "khatm.conf", NULL, "authority-key = \"a.asc\"\n",
     "khatm.conf:@: authority-key without authority: "},
    {"state: relative", "khatm.conf", NULL, "state = \"state\"\n",
     "khatm.conf:@: state = state: write the whole path"},
    {"registry: partner for ever", "government.domains", NULL, "partner \"p.example\" { reason = \"x\" }\n",
     "government.domains:@: partner 'p.example' has no last day"},
    {"registry: partner for nothing", "government.domains", NULL,
     "partner \"p.example\" { expires = \"2090-01-01\" }\n",
     "government.domains:@: partner 'p.example' has no reason"},
    {"registry: no such day", "government.domains", "2098-12-31", "2098-02-30",
     "government.domains:42: expires = 2098-02-30 is no day"},
    {"registry: expired", "government.domains", "2099-12-31", "2020-12-31",
     "government.domains:8: the registry expired, its last day was 2020-12-31"},
    {"registry: from the future", "government.domains", "2026-11-21", "2090-01-01",
     "government.domains:7: the registry is issued on 2090-01-01"},
    {"registry: no serial", "government.domains", "serial", "#", "government.domains:1: 'serial' is missing"},
    {"registry: level 9", "government.domains", "max-level  = 3", "max-level = 9",
     "government.domains:16: max-level = 9 is out of bounds: from 0 to 5"},
    {"registry: subdomains of a partner", "government.domains", NULL,
     "partner \"p.example\" { subdomains = yes }\n", "government.domains:@: unknown setting 'subdomains'"},

    {"rules: unknown action", "khatm.rules", "= reject", "= shrug",
     "khatm.rules:14: action = shrug: no such value"},
    {"rules: unknown reason", "khatm.rules", "= CONSUMER", "= WHIM",
     "khatm.rules:181: reason = WHIM: no such value"},
    {"rules: twice", "khatm.rules", NULL, "rule \"R03-level\" { }\n", "khatm.rules:@: found duplicate title"},
    {"rules: no action", "khatm.rules", NULL, "rule \"x\" {\n\tbasis = \"b\"\n}\n",
     "khatm.rules:@: 'action' is missing"},
    {"rules: no basis", "khatm.rules", NULL, "rule \"x\" {\n\taction = reject\n\treason = LEVEL\n}\n",
     "khatm.rules:@: rule 'x' has no basis"},
    {"rules: way out", "khatm.rules", NULL, "rule \"x\" {\n\taction = pass\n\tbasis = \"b\"\n}\n",
     "khatm.rules:@: rule 'x' lets documents out in clear"},
    {"rules: a return to anybody", "khatm.rules", NULL,
     "rule \"x\" {\n\taction = pass\n\treason = RETURN\n\tbasis = \"b\"\n}\n",
     "khatm.rules:@: rule 'x' gives the reason RETURN and is no return"},
    {"rules: a return without a ticket", "khatm.rules", NULL,
     "rule \"x\" {\n\taction = pass\n\tbasis = \"b\"\n\troles = { egress }\n\tcontent = { document }\n"
     "\tsender = { staff }\n\treturns = yes\n}\n",
     "khatm.rules:@: rule 'x' lets documents out in clear"},
    {"rules: empty list", "khatm.rules", NULL, "rule \"x\" { action = reject roles = { } }\n",
     "khatm.rules:@: roles = {} is empty"},
    {"rules: unknown class", "khatm.rules", NULL, "rule \"x\" { recipient = { gouvernment } }\n",
     "khatm.rules:@: "},

    {"lists: not a domain", "lists/consumer.domains", NULL, "a@b\n",
     "lists/consumer.domains:@: 'a@b' is not a mail domain"},
    {"lists: everything", "lists/consumer.domains", NULL, "*.*\n",
     "lists/consumer.domains:@: '*.*' is no pattern"},
    {"markings: no level", "markings/markings", NULL, "6\tfr\tX\tS\n", "markings/markings:@: '6' is no rank"},
    {"markings: two meanings", "markings/markings", NULL, "3\tfr\tSecret\tS\n",
     "markings/markings:@: 'Secret' is written like 'SECRET' above"},
    {"headings: kind", "markings/headings", NULL, "3\tfr\tking\tX\n",
     "markings/headings:@: 'king' is no kind"},
    {"references: word", "markings/references", NULL, "x\tfr\tX\n",
     "markings/references:@: 'x' is unknown here"},
    {"personal: count", "markings/personal", NULL, "alone\t-1\n", "markings/personal:@: '-1' is no count"},
    {"labels: scheme", "markings/labels", NULL, "x\tX\t3\n", "markings/labels:@: 'x' is no scheme"},
    {"replies: accent", "notices/fr/replies", "donnez la", "donnez l\xc3\xa0",
     "notices/fr/replies:@: the byte 0xc3"},
    {"replies: unknown field", "notices/fr/replies", "{suggestion} ; le", "{sugestion} ; le",
     "notices/fr/replies:@: unknown field"},
    {"replies: BOM", "notices/fr/replies", "# Texts", "\xef\xbb\xbf#",
     "notices/fr/replies:1: begins with a b"},
    {"replies: a reason without words", "notices/fr/replies", "[CONSUMER]", "#", "notices/fr/replies:"},
};

static unsigned count_lines(const char *text)
{
    unsigned n = 1;
    for (; *text; text++)
        n += *text == '\n';
    return n;
}

/* '@' in what a row expects is the line that was changed, or the first that was appended. */
static void break_file(const struct broken *row, char *expected, size_t room)
{
    static char text[TEXT_MAX], changed[TEXT_MAX + 1000];
    char path[300];
    path_of(row->file, path, sizeof path);
    (void)read_text(path, text);
    char *at = row->replace ? strstr(text, row->replace) : NULL;
    unsigned line = count_lines(text) - (at ? count_lines(at) - 1 : 0);
    assert_true(!row->replace == !at);
    if (at)
        (void)snprintf(changed, sizeof changed, "%.*s%s%s", (int)(at - text), text, row->with,
                       at + strlen(row->replace));
    else
        (void)snprintf(changed, sizeof changed, "%s%s", text, row->with);
    write_text(row->file, changed, strlen(changed));
    const char *mark = strstr(row->says, ":@");
    if (mark)
        (void)snprintf(expected, room, "%s/%.*s:%u%s", folder, (int)(mark - row->says), row->says, line,
                       mark + 2);
    else
        (void)snprintf(expected, room, "%s/%s", folder, row->says);
}

static void one_thing_broken(void **state)
{
    const struct broken *row = *state;
    char expected[600];
    struct problem problem = {""};
    (void)fresh(NULL);
    break_file(row, expected, sizeof expected);
    enum result result = load(&problem);
    if (result != RESULT_BAD_INPUT || strncmp(problem.text, expected, strlen(expected)) != 0)
        fail_msg("%s: expected '%s…', got %s '%s'", row->name, expected, result_name(result), problem.text);
    const char *what = strstr(problem.text, ": ");
    assert_true(what && strstr(what + 2, ": ")); /* and what to do */
    assert_null(strchr(problem.text, '\n'));
}

static void who_may_write_the_registry_matters(void **state)
{
    char path[300];
    struct problem problem = {""};
    path_of("government.domains", path, sizeof path);
    assert_int_equal(chmod(path, 0664), 0);
    assert_int_equal(load(&problem), RESULT_BAD_INPUT);
    assert_non_null(strstr(problem.text, "may be written by its group: chmod go-w"));
    assert_int_equal(chmod(path, 0646), 0);
    assert_int_equal(load(&problem), RESULT_BAD_INPUT);
    assert_non_null(strstr(problem.text, "may be written by everybody"));
}

static void what_is_no_text_is_refused(void **state)
{
    static char big[TEXT_MAX];
    char path[300];
    struct problem problem = {""};
    memset(big, '{', sizeof big);
    write_text("khatm.conf", big, sizeof big);
    assert_int_equal(load(&problem), RESULT_BAD_INPUT);
    assert_non_null(strstr(problem.text, "khatm.conf:1: braces nested"));
    write_text("khatm.conf", "node = a\0b\n", 11);
    assert_int_equal(load(&problem), RESULT_BAD_INPUT);
    assert_non_null(strstr(problem.text, "khatm.conf:1: a NUL byte"));
    write_text("khatm.conf", "", 0);
    assert_int_equal(load(&problem), RESULT_BAD_INPUT);
    assert_non_null(strstr(problem.text, "khatm.conf:1: 'node' is missing"));
    memset(big, 'x', sizeof big);
    write_text("khatm.conf", big, sizeof big);
    assert_int_equal(load(&problem), RESULT_BAD_INPUT);
    assert_non_null(strstr(problem.text, "unknown setting 'xxx"));
    path_of("khatm.conf", path, sizeof path);
    assert_int_equal(truncate(path, 10 * 1024 * 1024), 0);
    assert_int_equal(load(&problem), RESULT_BAD_INPUT);
    assert_non_null(strstr(problem.text, "is over 1048576 bytes"));
}

static void lines_are_counted_whatever_stands_before(void **state)
{
    static const char text[] = "# one\n/* two\nthree */\n// four\nnode = \"a.example\" # "
                               "five\n\nlocal-domains = {\n  \"a.example\",\n"
                               "  # nine\n  \"b.example\" }\nspool {\n  # twelve\n  message-limit = 5\n}\n";
    struct problem problem = {""};
    write_text("khatm.conf", text, sizeof text - 1);
    assert_int_equal(load(&problem), RESULT_BAD_INPUT);
    assert_non_null(strstr(problem.text, "khatm.conf:13: message-limit = 5 is out of bounds"));
}

static void logins_are_read(void **state)
{
    static const char text[] =
        "# who may write as whom\n\nagent : agent@interieur.gov.example, chef@interieur.gov.example\r\n"
        "adjoint: adjoint@interieur.gov.example";
    char path[300];
    const struct config *config;
    struct broken row = {"", "khatm.conf", NULL, "logins = \"logins\"\n", ""};
    break_file(&row, path, sizeof path);
    write_text("logins", text, sizeof text - 1);
    path_of("khatm.conf", path, sizeof path);
    assert_int_equal(config_load(path, &config, NULL), RESULT_OK);
    assert_int_equal(config->n_logins, 2);
    assert_string_equal(config->logins[0].login, "agent");
    assert_string_equal(config->logins[0].addresses[1], "chef@interieur.gov.example");
    assert_null(config->logins[0].addresses[2]);
    assert_string_equal(config->logins[1].addresses[0], "adjoint@interieur.gov.example");
    config_unref(config);
    struct problem problem = {""};
    write_text("logins", "a: b@c.example\nagent\n", 21);
    assert_int_equal(load(&problem), RESULT_BAD_INPUT);
    assert_non_null(strstr(problem.text, "logins:2: no colon after the login"));
    write_text("logins", "agent: \n", 8);
    assert_int_equal(load(&problem), RESULT_BAD_INPUT);
    assert_non_null(strstr(problem.text, "logins:1: login 'agent' has no address"));
}

static void remove_folder(void)
{
    char command[300];
    (void)snprintf(command, sizeof command, "rm -rf %s", folder);
    (void)!system(command);
}

int main(void)
{
    static const char *const folders[] = {"lists", "markings", "notices", "notices/fr", "notices/en"};
    static struct CMUnitTest tests[COUNT(broken) + 10] = {
        cmocka_unit_test_setup(the_shipped_files_load, fresh),
        cmocka_unit_test_setup(the_digest_is_of_all_files, fresh),
        cmocka_unit_test_setup(who_may_write_the_registry_matters, fresh),
        cmocka_unit_test_setup(what_is_no_text_is_refused, fresh),
        cmocka_unit_test_setup(lines_are_counted_whatever_stands_before, fresh),
        cmocka_unit_test_setup(logins_are_read, fresh),
    };
    size_t n = 6;
    if (!mkdtemp(folder))
        return 1;
    for (size_t i = 0; i < COUNT(folders); i++) {
        char path[300];
        path_of(folders[i], path, sizeof path);
        if (mkdir(path, 0755) != 0)
            return 1;
    }
    for (size_t i = 0; i < COUNT(broken); i++)
        tests[n++] = (struct CMUnitTest){.name = broken[i].name,
                                         .test_func = one_thing_broken,
                                         .initial_state = (void *)(uintptr_t)&broken[i]};
    cmocka_set_message_output(CM_OUTPUT_TAP);
    int failed = _cmocka_run_group_tests("configuration", tests, n, NULL, NULL);
    remove_folder();
    return failed;
}
