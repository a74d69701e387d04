/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/keys.h"
#include "admin/printer.h"
#include "base/fd.h"
#include "policy/domain.h"
#include "policy/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const char FIELDS[] = "Content-Type: text/plain\r\n";
static const char BODY[] = "khatm keys test\r\n";
static const char SEALED[] =
    "MIME-Version: 1.0\r\n"
    "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=\"khatm-test\"\r\n"
    "\r\n";

enum { SEALED_MAX = 1024 * 1024 };

static int memory_file(const void *bytes, size_t size)
{
    int fd = memfd_create("khatm", MFD_CLOEXEC);
    if (fd >= 0 && fd_write_all(fd, bytes, size) != RESULT_OK)
        fd_close(&fd);
    return fd;
}

/* Something small, as a message is sealed. *sealed_out: the sealed message, the caller's to close. */
static enum result seal_to(struct sealer *sealer, const char *fingerprint, int *sealed_out,
                           struct problem *problem)
{
    struct seal_outcome outcome;
    const char *const fingerprints[] = {fingerprint};
    struct seal_request request = {.message_fd = memory_file(BODY, sizeof BODY - 1),
                                   .body_size = sizeof BODY - 1,
                                   .inner_header = FIELDS,
                                   .inner_header_size = sizeof FIELDS - 1,
                                   .boundary = "khatm-test",
                                   .fingerprints = fingerprints,
                                   .n_fingerprints = 1,
                                   .output_fd = memory_file("", 0)};
    enum result result = RESULT_TRY_LATER;
    char *body = malloc(SEALED_MAX);
    if (body && request.message_fd >= 0 && request.output_fd >= 0)
        result = sealer_seal(sealer, &request, &outcome, problem);
    else
        problem_set(problem, result, "no memory");
    if (result == RESULT_OK) {
        ssize_t size = pread(request.output_fd, body, SEALED_MAX, 0);
        *sealed_out = memory_file(SEALED, sizeof SEALED - 1);
        if (size <= 0 || *sealed_out < 0 || fd_write_all(*sealed_out, body, (size_t)size) != RESULT_OK)
            result = problem_set(problem, RESULT_TRY_LATER, "no memory");
    }
    free(body);
    fd_close(&request.message_fd);
    fd_close(&request.output_fd);
    return result;
}

static bool is_what_was_sealed(int fd, const struct unseal_outcome *outcome)
{
    char body[sizeof BODY];
    return outcome->size == outcome->body_offset + sizeof BODY - 1 &&
           pread(fd, body, sizeof body, (off_t)outcome->body_offset) == (ssize_t)sizeof BODY - 1 &&
           memcmp(body, BODY, sizeof BODY - 1) == 0;
}

static enum result open_again(struct sealer *opener, int sealed, struct problem *problem)
{
    struct unseal_outcome outcome = {.fields = NULL};
    off_t size = lseek(sealed, 0, SEEK_END);
    struct unseal_request request = {.message_fd = sealed,
                                     .size = (uint64_t)(size > 0 ? size : 0),
                                     .limit = SEALED_MAX,
                                     .output_fd = memory_file("", 0)};
    enum result result = request.output_fd >= 0 ? sealer_unseal(opener, &request, &outcome, problem)
                                                : problem_set(problem, RESULT_TRY_LATER, "no memory");
    if (result == RESULT_OK && outcome.state == UNSEAL_NOT_OURS)
        result = problem_set(problem, RESULT_TRY_LATER, "its secret key is not in unsealing.homedir");
    else if (result == RESULT_OK && !is_what_was_sealed(request.output_fd, &outcome))
        result = problem_set(problem, RESULT_TRY_LATER, "what came out is not what was sealed");
    free(outcome.fields);
    fd_close(&request.output_fd);
    return result;
}

struct test {
    struct keys_world *world;
    const char *domain; /* NULL: all */
    struct printer printer;
    struct sealer *opener; /* NULL: nothing is opened here */
    struct problem closed; /* why there is none though there should be */
    bool signs;
    size_t n_tested, n_failed;
};

/* Or says why not when it is to seal. False: it was not made to. */
static bool can_sign(struct sealer *sealer, int64_t now)
{
    int64_t ends = 0;
    struct problem said;
    return sealer_can_sign(sealer, now, &ends, &said) != RESULT_NOT_FOUND;
}

/* Sealed to it, and opened again where it is our own. */
static bool test_key(void *context, const struct outlook *outlook, struct keys_tested *tested)
{
    struct test *test = context;
    struct keys_world *world = test->world;
    struct problem *problem = &tested->text;
    const struct key_info *key = &outlook->key;
    bool own = keys_is_own(world, outlook->entry) && !outlook->address;
    bool opens = own && world->config->unsealing.homedir;
    struct sealer *sealer = own && world->own ? world->own : world->sealer;
    /* Nobody seals to himself: what is opened here comes unsigned, or from another gateway. */
    bool signs = test->signs && sealer == world->sealer;
    enum result result = RESULT_TRY_LATER;
    int sealed = -1;
    if (outlook->stage == OUTLOOK_NONE || (test->domain && strcmp(test->domain, outlook->entry->domain) != 0))
        return false;
    *tested = (struct keys_tested){.good = false};
    if (key->state != KEY_USABLE)
        problem_set(problem, result, "%s%s%s", key_state_name(key->state), key->why[0] ? ": " : "", key->why);
    else if (signs && !can_sign(sealer, world->now))
        *problem = world->closed;
    else
        result = seal_to(sealer, key->fingerprint, &sealed, problem);
    if (result == RESULT_OK && opens)
        result = test->opener ? open_again(test->opener, sealed, problem) : RESULT_TRY_LATER;
    if (result != RESULT_OK && !problem->text[0])
        *problem = test->closed;
    if (result == RESULT_OK)
        problem_set(problem, result, "encrypted to it%s%s", signs ? " and signed" : "",
                    opens ? ", and opened again" : "");
    fd_close(&sealed);
    tested->good = result == RESULT_OK;
    test->n_tested++;
    test->n_failed += tested->good ? 0 : 1;
    return true;
}

static void print_key(void *context, const struct outlook *outlook)
{
    struct test *test = context;
    struct keys_tested tested;
    if (!test_key(test, outlook, &tested))
        return;
    printer_column(&test->printer, tested.good ? "good" : "failed", 8, tested.good ? TINT_GOOD : TINT_BAD);
    printer_column(&test->printer, outlook->address ? outlook->address : outlook->entry->domain, 34,
                   TINT_NONE);
    printer_put(&test->printer, tested.text.text);
    (void)fputc('\n', test->printer.out);
}

static int run(struct keys_world *world, const char *domain)
{
    struct test test = {.world = world, .domain = domain, .signs = world->config->signing.homedir};
    struct sealing_settings opening = world->config->sealing;
    struct problem problem = {""};
    int code = EX_OK;
    printer_init(&test.printer, stdout);
    opening.secrets = world->config->unsealing.homedir;
    opening.slots = 1;
    /* gpg-agent must find the home's owner. */
    if (opening.secrets && keys_become_owner(world, opening.secrets, &problem) != RESULT_OK)
        return keys_complain(world->options, EX_TEMPFAIL, problem.text);
    world->seals = true;
    keys_ask(world);
    if (world->trouble.text[0])
        (void)keys_complain(world->options, 0, world->trouble.text);
    if (opening.secrets && sealer_new(&opening, NULL, 0, &test.opener, &test.closed) != RESULT_OK)
        test.opener = NULL;
    if (world->options->json)
        code = keys_print_json(world, test_key, &test);
    else
        keys_each(world, print_key, &test);
    sealer_free(test.opener);
    if (world->trouble.text[0])
        return EX_TEMPFAIL;
    if (code != EX_OK || test.n_tested)
        return code != EX_OK ? code : test.n_failed ? KEYS_EXIT_UNUSABLE : EX_OK;
    return keys_complain(world->options, domain ? EX_DATAERR : EX_OK, "there is no key to test");
}

int keys_test(const struct keys_options *options)
{
    struct keys_world world;
    char domain[DOMAIN_ROOM];
    int code = keys_open(options, &world);
    if (code == EX_OK && options->object && !domain_canonical(options->object, domain))
        code = keys_complain(options, EX_DATAERR, "that is not a domain");
    else if (code == EX_OK)
        code = run(&world, options->object ? domain : NULL);
    keys_close(&world);
    return code;
}
