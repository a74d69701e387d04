/* SPDX-License-Identifier: Apache-2.0 */

/* DKIM signatures of ours: the real program signs messages of every shape, and what khatm-authenticator is
 * made of verifies them, and no other message; keys that are none are told by name; a program that dies,
 * hangs or lies makes no signature. */

#include "authenticator/dkim_library.h"
#include "base/fd.h"
#include "dkimsign/dkimsign.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { KEYS = 2, TEXT_MAX = 64 * 1024, BIG_BYTES = 5 * 1024 * 1024 };

static const char fake[] = KHATM_SOURCE_DIR "/tests/support/fake-dkim-signer";
static const char real[] = KHATM_BUILD_DIR "/khatm-dkim-signer";
static const char names[] = "From:To:Cc:Subject:Date:Message-ID:MIME-Version:Content-Type:Reply-To";
static char folder[] = "/tmp/khatm-dkim-XXXXXX";

static const char *in_folder(const char *name)
{
    static char paths[KEYS][200];
    static unsigned turn;
    char *path = paths[turn++ % KEYS];
    (void)snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void run_command(const char *words)
{
    char command[600];
    (void)snprintf(command, sizeof command, "cd %s && %s", folder, words);
    if (system(command) != 0) /* NOLINT(cert-env33-c): a test's own words */
        fail_msg("%s", command);
}

static int make_keys(void **state)
{
    assert_non_null(mkdtemp(folder));
    run_command("openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa");
    run_command("openssl rsa -in rsa -traditional -out rsa.old 2>/dev/null");
    run_command("openssl genpkey -algorithm ED25519 -out ed25519");
    run_command("openssl genpkey -quiet -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out short");
    run_command("openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out ec");
    run_command("openssl genpkey -algorithm ED25519 -aes256 -pass pass:x -out locked");
    run_command("openssl pkey -in ed25519 -pubout -out public");
    run_command("head -c 2000 /dev/urandom >garbage; : >empty; mkdir folder; cp ed25519 open");
    run_command("chmod 600 * && chmod 640 open");
    return 0;
}

static int remove_one(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    return remove(path);
}

static int remove_keys(void **state)
{
    return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

struct world {
    struct dkim_key_settings keys[KEYS];
    struct dkim_settings settings;
    struct dkimsign *dkimsign;
    struct arena *arena;
    struct problem problem;
};

static void set_up(struct world *world, const char *program, const char *first, const char *second)
{
    *world = (struct world){.arena = arena_new(0)};
    world->keys[0] = (struct dkim_key_settings){"a.b._domainkey.interieur.gov.example",
                                                "interieur.gov.example", in_folder(first), 1};
    if (second)
        world->keys[1] = (struct dkim_key_settings){"ed._domainkey.interieur.gov.example",
                                                    "interieur.gov.example", in_folder(second), 1};
    world->settings = (struct dkim_settings){.program = program,
                                             .processes = 1,
                                             .wait_ms = 30000,
                                             .deadline_ms = 20000,
                                             .names = names,
                                             .keys = world->keys,
                                             .n_keys = second ? 2 : 1};
}

static enum result open_pool(struct world *world)
{
    return dkimsign_new(&world->settings, &world->dkimsign, &world->problem);
}

static void tear_down(struct world *world)
{
    dkimsign_free(world->dkimsign);
    arena_free(world->arena);
}

static int file_of(const char *text, size_t size)
{
    int fd = memfd_create("text", MFD_CLOEXEC);
    assert_int_equal(fd_write_all(fd, text, size), RESULT_OK);
    return fd;
}

static enum result sign(struct world *world, const char *fields, const char *body, size_t body_size,
                        const char *const **values_out)
{
    struct dkimsign_message message = {.fields_fd = file_of(fields, strlen(fields)),
                                       .fields_size = strlen(fields),
                                       .body_fd = file_of(body, body_size),
                                       .body_size = body_size,
                                       .domain = "interieur.gov.example"};
    enum result result = dkimsign_run(world->dkimsign, &message, world->arena, values_out, &world->problem);
    fd_close(&message.fields_fd);
    fd_close(&message.body_fd);
    return result;
}

/* --- what is signed verifies
 * --------------------------------------------------------------------------------------- */

/* How many of the signatures hold, by the other halves that the pool told. */
static size_t verify(struct world *world, const char *fields, const char *const *values, const char *body,
                     size_t body_size)
{
    struct header header;
    struct problem problem;
    struct dkim_library *library;
    struct dkim_signature signatures[KEYS];
    char text[TEXT_MAX];
    const char *why = "";
    size_t n_keys, n = 0, good = 0, used = 0;
    const struct dkimsign_key *keys = dkimsign_keys(world->dkimsign, &n_keys);
    for (; values[n]; n++)
        used += (size_t)snprintf(text + used, sizeof text - used, "DKIM-Signature:%s\r\n", values[n]);
    used += (size_t)snprintf(text + used, sizeof text - used, "%s\r\n", fields);
    assert_int_equal(n, n_keys);
    int fd = file_of(text, used);
    assert_int_equal(fd_write_all(fd, body, body_size), RESULT_OK);
    assert_int_equal(dkim_library_new(&library, &problem), RESULT_OK);
    assert_int_equal(header_read(fd, used, world->arena, &header, &why), RESULT_OK);
    for (size_t i = 0; i < n; i++) {
        const char *record =
            arena_printf(world->arena, "v=DKIM1; k=%s; p=%s",
                         keys[i].kind == DKIMSIGN_RSA ? "rsa" : "ed25519", keys[i].public_text);
        const struct dns_record key = {.bytes = (const uint8_t *)record, .size = strlen(record)};
        const struct dns_answer answer = {.status = DNS_FOUND, .why = "", .records = &key, .n_records = 1};
        assert_int_equal(
            dkim_signature_read(&header, &header.fields[i], time(NULL), world->arena, &signatures[i]),
            RESULT_OK);
        assert_int_equal(dkim_signature_take_key(&signatures[i], &answer, world->arena), RESULT_OK);
    }
    const struct dkim_work work = {&header, signatures, n, fd, used, used + body_size};
    assert_int_equal(dkim_library_verify(library, &work), RESULT_OK);
    for (size_t i = 0; i < n; i++)
        good += signatures[i].proof.signature_matches && signatures[i].proof.body_hash_matches &&
                !signatures[i].proof.has_length;
    dkim_library_free(library);
    fd_close(&fd);
    return good;
}

static const char ordinary[] = "From: Agent <agent@interieur.gov.example>\r\n"
                               "To: a@finances.gov.example, b@finances.gov.example\r\n"
                               "Subject: Mouvement\r\n"
                               "Date: Sun, 22 Nov 2026 10:00:00 +0100\r\n"
                               "Content-Type: text/plain;\r\n\tcharset=utf-8\r\n";

static const struct {
    const char *name, *fields, *body;
} shapes[] = {
    {"ordinary", ordinary, "Bonjour.\r\n"},
    {"no body", ordinary, ""},
    {"an empty line", ordinary, "\r\n"},
    {"empty lines at the end", ordinary, "a\r\n\r\n\r\n"},
    {"blanks", ordinary, "  a \t b  \r\n \r\nc\t\r\n"},
    {"dots and From at the start of lines", ordinary, ".\r\n..\r\nFrom me\r\n"},
    {"8-bit", ordinary, "Arr\xc3\xaat\xc3\xa9 \xff\xfe\r\n"},
    {"no line end", ordinary, "abc"},
    {"From alone", "From: agent@interieur.gov.example\r\n", "a\r\n"},
    {"no blank behind the colon", "From:agent@interieur.gov.example\r\nSubject:x\r\n", "a\r\n"},
    {"folded, with blanks",
     "From: agent@interieur.gov.example\r\nSubject:  a\r\n\tb \r\n  c  \r\nTo:\r\n a@example.org\r\n",
     "a\r\n"},
    {"UTF-8 in fields", "From: \xc3\x89mile <agent@interieur.gov.example>\r\nSubject: \xd8\xb3\xd9\x84\r\n",
     "a\r\n"},
    {"empty fields", "From: agent@interieur.gov.example\r\nSubject:\r\nCc: \r\n", "a\r\n"},
    {"fields twice", "Cc: a@example.org\r\nFrom: agent@interieur.gov.example\r\nCc: b@example.org\r\n",
     "a\r\n"},
    {"other case", "FROM: agent@interieur.gov.example\r\nsubject: x\r\n", "a\r\n"},
};

static void test_signed_messages_verify(void **state)
{
    struct world world;
    set_up(&world, real, "rsa", "ed25519");
    assert_int_equal(open_pool(&world), RESULT_OK);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        const char *const *values = NULL;
        size_t size = strlen(shapes[i].body);
        if (sign(&world, shapes[i].fields, shapes[i].body, size, &values) != RESULT_OK)
            fail_msg("%s: %s", shapes[i].name, world.problem.text);
        if (verify(&world, shapes[i].fields, values, shapes[i].body, size) != KEYS)
            fail_msg("%s: does not verify:%s", shapes[i].name, values[0]);
        if (verify(&world, shapes[i].fields, values, "x\r\n", 3) != 0)
            fail_msg("%s: verifies with another body", shapes[i].name);
    }
    tear_down(&world);
}

/* Changed, taken out, put in once more above what was signed. */
static void test_other_fields_do_not_verify(void **state)
{
    static const char *const others[] = {"From: Chef <chef@interieur.gov.example>\r\n",
                                         "Subject: Autre\r\n",
                                         "Reply-To: a@example.org\r\n",
                                         "Cc: c@example.org\r\n",
                                         "MIME-Version: 1.0\r\n",
                                         "Content-Type: text/html\r\n"};
    struct world world;
    char fields[2000];
    const char *const *values = NULL;
    set_up(&world, real, "rsa.old", NULL);
    assert_int_equal(open_pool(&world), RESULT_OK);
    assert_int_equal(sign(&world, ordinary, "a\r\n", 3, &values), RESULT_OK);
    assert_int_equal(verify(&world, ordinary, values, "a\r\n", 3), 1);
    assert_non_null(strstr(values[0], "c=relaxed/relaxed"));
    assert_null(strstr(values[0], "x="));
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        (void)snprintf(fields, sizeof fields, "%s%s", others[i], ordinary);
        if (verify(&world, fields, values, "a\r\n", 3) != 0)
            fail_msg("verifies below another %s", others[i]);
    }
    (void)snprintf(fields, sizeof fields, "X-Other: y\r\n%s", ordinary);
    assert_int_equal(verify(&world, fields, values, "a\r\n", 3), 1);
    tear_down(&world);
}

static void test_lifetime_is_told(void **state)
{
    struct world world;
    const char *const *values = NULL;
    set_up(&world, real, "ed25519", NULL);
    world.settings.lifetime_s = 86400;
    assert_int_equal(open_pool(&world), RESULT_OK);
    assert_int_equal(sign(&world, ordinary, "a\r\n", 3, &values), RESULT_OK);
    const char *made = strstr(values[0], "t="), *ends = strstr(values[0], "x=");
    assert_true(made && ends);
    assert_int_equal(strtoll(ends + 2, NULL, 10) - strtoll(made + 2, NULL, 10), 86400);
    assert_int_equal(verify(&world, ordinary, values, "a\r\n", 3), 1);
    tear_down(&world);
}

static void test_large_body(void **state)
{
    struct world world;
    const char *const *values = NULL;
    char *body = malloc(BIG_BYTES);
    for (size_t i = 0; body && i < BIG_BYTES; i++)
        body[i] = i % 77 == 75 ? '\r' : i % 77 == 76 ? '\n' : (char)('!' + i * 7 % 90);
    set_up(&world, real, "rsa", "ed25519");
    assert_int_equal(open_pool(&world), RESULT_OK);
    assert_int_equal(sign(&world, ordinary, body, BIG_BYTES - BIG_BYTES % 77, &values), RESULT_OK);
    assert_int_equal(verify(&world, ordinary, values, body, BIG_BYTES - BIG_BYTES % 77), KEYS);
    body[BIG_BYTES / 2] ^= 1;
    assert_int_equal(verify(&world, ordinary, values, body, BIG_BYTES - BIG_BYTES % 77), 0);
    free(body);
    tear_down(&world);
}

/* --- what cannot be signed as it is
 * --------------------------------------------------------------------------------------- */

/* `n` times the line behind those of the ordinary message. */
static const char *with_many(struct world *world, const char *line, size_t n)
{
    char *fields = arena_alloc(world->arena, sizeof ordinary + n * strlen(line) + 1, 1);
    char *end = stpcpy(fields, ordinary);
    for (size_t i = 0; i < n; i++)
        end = stpcpy(end, line);
    return fields;
}

static size_t times_listed(const char *value, const char *name)
{
    size_t n = 0, size = strlen(name);
    const char *list = strstr(value, " h=");
    if (!list)
        list = strstr(value, "\th=");
    for (const char *at = list + 2; *at && *at != ';'; at++)
        n += strchr("=: \t\n", at[0]) && strncmp(at + 1, name, size) == 0 && strchr(":; \t\n", at[1 + size]);
    return n;
}

/* What shows author, recipients, subject and kind stays signed, and closed against another of its name. */
static void test_many_fields_are_signed_over_those_that_come_once(void **state)
{
    static const char with_resent[] = "From:To:Cc:Subject:Date:Content-Type:Reply-To:Resent-To:Comments";
    static const struct {
        const char *line;
        size_t n, listed;
    } rows[] = {
        {"Resent-To: a@example.org\r\n", 59, 60},  /* 64 in all: each, and once more */
        {"Resent-To: a@example.org\r\n", 60, 0},   /* one more */
        {"resent-to: a@example.org\r\n", 1500, 0}, /* as many as a relay lets through */
        {"Comments: a\r\n", 60, 0},
        {"Cc: a@example.org\r\n", 59, 60},
    };
    struct world world;
    set_up(&world, real, "rsa", "ed25519");
    world.settings.names = with_resent;
    assert_int_equal(open_pool(&world), RESULT_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *const *values = NULL;
        const char *fields = with_many(&world, rows[i].line, rows[i].n);
        char name[20];
        (void)snprintf(name, sizeof name, "%.*s", (int)strcspn(rows[i].line, ":"), rows[i].line);
        if (sign(&world, fields, "a\r\n", 3, &values) != RESULT_OK)
            fail_msg("%s: %s", name, world.problem.text);
        if (verify(&world, fields, values, "a\r\n", 3) != KEYS)
            fail_msg("%s, %zu times: does not verify:%s", name, rows[i].n, values[0]);
        if (times_listed(values[0], name) != rows[i].listed)
            fail_msg("%s, %zu times: listed %zu times", name, rows[i].n, times_listed(values[0], name));
        if (times_listed(values[0], "From") != 2 || times_listed(values[0], "Reply-To") != 1)
            fail_msg("%s: open at From or Reply-To:%s", name, values[0]);
        const char *forged = arena_printf(world.arena, "Reply-To: a@example.org\r\n%s", fields);
        if (verify(&world, forged, values, "a\r\n", 3) != 0)
            fail_msg("%s, %zu times: another Reply-To verifies", name, rows[i].n);
    }
    tear_down(&world);
}

/* At once and for ever, in words for whoever wrote it; the process goes on. */
static void test_what_can_never_be_signed(void **state)
{
    static const struct {
        const char *name, *line;
        size_t n;
        const char *says;
    } rows[] = {
        {"a line break of a word processor", "Subject: Note\vsuite\r\n", 1,
         "the field Subject has a control character"},
        {"in a fold", "Cc: a@example.org,\r\n b@example.org\x1b\r\n", 1,
         "the field Cc has a control character"},
        {"DEL", "Reply-To: a\x7f@example.org\r\n", 1, "the field Reply-To has a control character"},
        {"CR", "Subject: a\rb\r\n", 1, "the field Subject has a control character"},
        {"sixty Cc", "Cc: a@example.org\r\n", 60, "it has more than 64 fields to be signed"},
    };
    struct world world;
    const char *const *values = NULL;
    set_up(&world, real, "ed25519", NULL);
    assert_int_equal(open_pool(&world), RESULT_OK);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *fields = with_many(&world, rows[i].line, rows[i].n);
        if (sign(&world, fields, "a\r\n", 3, &values) != RESULT_NOT_FOUND || values)
            fail_msg("%s: is no refusal: %s", rows[i].name, world.problem.text);
        if (strcmp(world.problem.text, rows[i].says) != 0)
            fail_msg("%s: says %s", rows[i].name, world.problem.text);
    }
    assert_int_equal(sign(&world, ordinary, "a\r\n", 3, &values), RESULT_OK);
    assert_int_equal(verify(&world, ordinary, values, "a\r\n", 3), 1);
    tear_down(&world);
}

/* --- keys
 * ----------------------------------------------------------------------------------------------------------
 */

static void test_keys_that_are_none(void **state)
{
    static const struct {
        const char *file, *second, *says;
    } rows[] = {
        {"missing", NULL, "No such file"},     {"open", NULL, "chmod 600"},
        {"short", NULL, "of 1024 bits"},       {"ec", NULL, "neither an RSA nor an Ed25519"},
        {"locked", NULL, "has a passphrase"},  {"garbage", NULL, "is no private key"},
        {"empty", NULL, "is no private key"},  {"folder", NULL, "is no file"},
        {"public", NULL, "is no private key"}, {"ed25519", "ed25519", "has a key of this kind already"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world world;
        set_up(&world, real, rows[i].file, rows[i].second);
        if (open_pool(&world) == RESULT_OK)
            fail_msg("%s: taken", rows[i].file);
        if (!strstr(world.problem.text, rows[i].says) || !strstr(world.problem.text, folder))
            fail_msg("%s: says %s", rows[i].file, world.problem.text);
        tear_down(&world);
    }
}

/* --- a program that misbehaves
 * ------------------------------------------------------------------------------------- */

static void test_misbehaviour_at_start(void **state)
{
    static const char *const modes[] = {"absent", "fails", "other-key", "keyless"};
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
        struct world world;
        set_up(&world, fake, modes[i], NULL);
        if (open_pool(&world) != RESULT_TRY_LATER)
            fail_msg("%s: started", modes[i]);
        assert_true(*world.problem.text);
        tear_down(&world);
    }
}

static void test_misbehaviour_at_work(void **state)
{
    static const struct {
        const char *mode, *says;
    } rows[] = {
        {"dies", "died at work"},   {"hangs", "did not answer in time"},
        {"short", "nonsense"},      {"other", "nonsense"},
        {"stranger", "nonsense"},   {"fewer", "nonsense"},
        {"line", "nonsense"},       {"control", "nonsense"},
        {"descriptor", "nonsense"}, {"excuse", "cannot be read"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world world;
        const char *const *values = NULL;
        set_up(&world, fake, rows[i].mode, "second");
        if (strcmp(rows[i].mode, "hangs") == 0)
            world.settings.deadline_ms = 300;
        assert_int_equal(open_pool(&world), RESULT_OK);
        if (sign(&world, ordinary, "a\r\n", 3, &values) != RESULT_TRY_LATER || values)
            fail_msg("%s: signed", rows[i].mode);
        if (!strstr(world.problem.text, rows[i].says))
            fail_msg("%s: says %s", rows[i].mode, world.problem.text);
        tear_down(&world);
    }
    struct world world;
    const char *const *values = NULL;
    set_up(&world, fake, "never", "second");
    assert_int_equal(open_pool(&world), RESULT_OK);
    assert_int_equal(sign(&world, ordinary, "a\r\n", 3, &values), RESULT_NOT_FOUND);
    assert_string_equal(world.problem.text, "the field Subject has a control character");
    tear_down(&world);
    set_up(&world, fake, "honest", "second");
    assert_int_equal(open_pool(&world), RESULT_OK);
    assert_int_equal(sign(&world, ordinary, "a\r\n", 3, &values), RESULT_OK);
    assert_true(values && values[0] && values[1] && !values[2]);
    tear_down(&world);
}

static long the_child(void)
{
    long pid = 0;
    FILE *file = fopen("/proc/thread-self/children", "re");
    assert_non_null(file);
    if (fscanf(file, "%ld", &pid) != 1) /* NOLINT(cert-err34-c): the kernel's own */
        pid = 0;
    (void)fclose(file);
    return pid;
}

/* libopendkim 2.11 leaves half a kilobyte behind with each signature by an Ed25519 key. */
static void test_a_process_is_replaced_before_it_grows(void **state)
{
    struct world world;
    const char *const *values = NULL;
    long first = 0;
    set_up(&world, real, "ed25519", NULL);
    assert_int_equal(open_pool(&world), RESULT_OK);
    for (unsigned i = 0; i < DKIMSIGN_JOBS_MAX; i++) {
        assert_int_equal(sign(&world, ordinary, "a\r\n", 3, &values), RESULT_OK);
        first = i ? first : the_child();
        assert_true(first > 0 && (the_child() == first || i == DKIMSIGN_JOBS_MAX - 1));
    }
    assert_int_equal(sign(&world, ordinary, "a\r\n", 3, &values), RESULT_OK);
    assert_true(values[0] && the_child() != first);
    tear_down(&world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signed_messages_verify),
        cmocka_unit_test(test_other_fields_do_not_verify),
        cmocka_unit_test(test_lifetime_is_told),
        cmocka_unit_test(test_large_body),
        cmocka_unit_test(test_many_fields_are_signed_over_those_that_come_once),
        cmocka_unit_test(test_what_can_never_be_signed),
        cmocka_unit_test(test_keys_that_are_none),
        cmocka_unit_test(test_misbehaviour_at_start),
        cmocka_unit_test(test_misbehaviour_at_work),
        cmocka_unit_test(test_a_process_is_replaced_before_it_grows),
    };
    return cmocka_run_group_tests(tests, make_keys, remove_keys);
}
