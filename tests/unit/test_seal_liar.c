/* SPDX-License-Identifier: Apache-2.0 */

/* The daemon's side against a khatm-sealer that lies: this program itself, started with a lie where gpg's
 * path goes. Every lie is refused, in time, and an honest answer is taken, so that the refusals mean
 * something. */

#include "base/clock.h"
#include "base/fd.h"
#include "helper/process.h"
#include "helper/wire.h"
#include "seal/protocol.h"
#include "seal/seal.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define KEY    "0123456789ABCDEF0123456789ABCDEF01234567"
#define SIGNER "76543210FEDCBA9876543210FEDCBA9876543210"

enum { KEY_ID = 0x1234, BODY = 1000, CIPHERTEXT = 2000, OUTPUT = 3000, DEADLINE_MS = 3000 };

static const struct lie {
    const char *name, *problem; /* NULL: honest */
    bool in_ring;               /* told while the ring is made: sealer_new fails */
    bool hide;
} lies[] = {
    {"honest", NULL, false, false},
    {"honest-hidden", NULL, false, true},
    {"signed-honestly", NULL, false, false},
    {"signed-unasked", "signed by another key", false, false},
    {"signed-by-other", "signed by another key", false, false},
    {"signed-by-nobody", "signed by another key", false, false},
    {"signed-too-short", "shorter", false, false},
    {"signed-no-signer", "nonsense", true, false},
    {"signed-cannot", "out of luck", false, false},
    {"result-failed", "out of luck", false, false},
    {"result-99", "nonsense", false, false},
    {"no-result", "did not say why", false, false},
    {"unknown-tag", "nonsense", false, false},
    {"wrong-type", "nonsense", false, false},
    {"not-a-frame", "nonsense", false, false},
    {"descriptor", "nonsense", false, false},
    {"other-id", "other keys", false, false},
    {"one-id-more", "other keys", false, false},
    {"no-id", "other keys", false, false},
    {"id-hidden", "other keys", false, true},
    {"size-longer", "shorter", false, false},
    {"size-shorter", "shorter", false, false},
    {"ciphertext-short", "shorter", false, false},
    {"armour-short", "shorter", false, false},
    {"no-digest", "shorter", false, false},
    {"dies", "died", false, false},
    {"hangs", "in time", false, false},
    {"fewer-keys", "listed", true, false},
    {"key-without-id", "nonsense", true, false},
};

/* --- the liar
 * ------------------------------------------------------------------------------------------------- */

static bool lying(const char *lie, const char *name)
{
    return strcmp(lie, name) == 0;
}

static void put_key(struct wire_frame *frame, const char *lie)
{
    wire_begin(frame, SEAL_KEY);
    wire_put_text(frame, SEAL_TAG_FINGERPRINT, KEY, SEAL_FINGERPRINT_SIZE);
    wire_put_number(frame, SEAL_TAG_FLAGS, 0);
    if (lying(lie, "key-without-id"))
        return;
    wire_put_number(frame, SEAL_TAG_KEY_ID, KEY_ID);
    wire_put_number(frame, SEAL_TAG_FLAGS, SEAL_KEY_ENCRYPTS | SEAL_KEY_CURVE | SEAL_KEY_PRIMARY);
}

static void put_ids(struct wire_frame *frame, const char *lie)
{
    if (lying(lie, "no-id"))
        return;
    wire_put_number(frame, SEAL_TAG_KEY_ID,
                    lying(lie, "id-hidden")  ? 0
                    : lying(lie, "other-id") ? 0x4321
                                             : KEY_ID);
    if (lying(lie, "one-id-more"))
        wire_put_number(frame, SEAL_TAG_KEY_ID, 0x4321);
}

/* All whose lie begins with "signed" are asked to sign, but for one. */
static bool must_sign(const char *lie)
{
    return strncmp(lie, "signed", 6) == 0 && !lying(lie, "signed-unasked");
}

static void put_signer(struct wire_frame *frame, const char *lie)
{
    if (lying(lie, "signed-by-nobody") || strncmp(lie, "signed", 6) != 0)
        return;
    wire_put_text(frame, SEAL_TAG_SIGNER, lying(lie, "signed-by-other") ? KEY : SIGNER,
                  SEAL_FINGERPRINT_SIZE);
}

static void put_added(struct wire_frame *frame, const char *lie)
{
    wire_begin(frame, SEAL_REPLY);
    wire_put_number(frame, SEAL_TAG_RESULT, lying(lie, "signed-cannot") ? RESULT_BAD_INPUT : 0);
    if (lying(lie, "signed-cannot"))
        wire_put_text(frame, SEAL_TAG_PROBLEM, "out of luck", 100);
    else if (!lying(lie, "signed-no-signer"))
        wire_put_text(frame, SEAL_TAG_SIGNER, SIGNER, SEAL_FINGERPRINT_SIZE);
    wire_put_number(frame, SEAL_TAG_KEY_EXPIRES, 0);
}

static void put_sealed(struct wire_frame *frame, const char *lie, size_t payload, int output_fd)
{
    static const uint8_t zeroes[OUTPUT];
    size_t size = lying(lie, "ciphertext-short")   ? payload
                  : lying(lie, "signed-too-short") ? BODY + 2 + SEAL_OVERHEAD_MIN + SEAL_SIGNATURE_MIN - 1
                                                   : CIPHERTEXT;
    size_t written = lying(lie, "armour-short") ? 2200 : OUTPUT;
    if (fd_write_all(output_fd, zeroes, written) != RESULT_OK)
        exit(1);
    wire_begin(frame, lying(lie, "wrong-type") ? SEAL_KEY : SEAL_REPLY);
    if (!lying(lie, "no-result"))
        wire_put_number(frame, SEAL_TAG_RESULT,
                        lying(lie, "result-99")       ? 99
                        : lying(lie, "result-failed") ? RESULT_TRY_LATER
                                                      : 0);
    if (lying(lie, "result-failed"))
        wire_put_text(frame, SEAL_TAG_PROBLEM, "out of luck", 100);
    wire_put_number(frame, SEAL_TAG_BODY_SIZE,
                    written + (lying(lie, "size-longer") ? 1U : 0U) - (lying(lie, "size-shorter") ? 1U : 0U));
    wire_put_number(frame, SEAL_TAG_CIPHERTEXT_SIZE, size);
    if (!lying(lie, "no-digest"))
        wire_put_bytes(frame, SEAL_TAG_SHA256, zeroes, 32);
    put_ids(frame, lie);
    put_signer(frame, lie);
    if (lying(lie, "unknown-tag"))
        wire_put_number(frame, 200, 1);
    if (lying(lie, "descriptor"))
        wire_put_fd(frame, 0);
}

/* Only what is put before a lie's name decides where it is told: to try a key, or to seal a message. */
static bool is_trial(const struct wire_frame *frame)
{
    struct wire_field field;
    size_t cursor = 0;
    char boundary[SEAL_BOUNDARY_MAX + 1] = "";
    while (wire_next(frame, &cursor, &field) == RESULT_OK)
        if (field.tag == SEAL_TAG_BOUNDARY && wire_text(&field, boundary, sizeof boundary) != RESULT_OK)
            exit(1);
    return strcmp(boundary, "khatm-trial") == 0;
}

static const char TRIAL[] = "trial-";

static void answer(struct wire_frame *frame, const char *lie)
{
    bool in_trial = strncmp(lie, TRIAL, sizeof TRIAL - 1) == 0;
    if (in_trial)
        lie += sizeof TRIAL - 1;
    if (wire_type(frame) == SEAL_MESSAGE && is_trial(frame) != in_trial)
        lie = !is_trial(frame) && strncmp(lie, "signed", 6) == 0 ? "signed-honestly" : "honest";
    int64_t soon = clock_monotonic_ms() + 1000;
    uint8_t type = wire_type(frame);
    int output_fd = frame->fds[2];
    if (type == SEAL_LIST && !lying(lie, "fewer-keys")) {
        put_key(frame, lie);
        (void)!wire_send(HELPER_CONTROL_FD, frame, soon);
    }
    if (type == SEAL_MESSAGE && lying(lie, "dies"))
        exit(0);
    if (type == SEAL_MESSAGE && lying(lie, "hangs"))
        pause();
    if (type == SEAL_MESSAGE && lying(lie, "not-a-frame") &&
        write(HELPER_CONTROL_FD, "\1\100\1\0\0\0\377", 7) == 7)
        return;
    if (type == SEAL_MESSAGE) {
        put_sealed(frame, lie, in_trial ? 40 : BODY + 2, output_fd);
    } else if (type == SEAL_ADD_SIGNER) {
        put_added(frame, lie);
    } else {
        wire_begin(frame, SEAL_REPLY);
        wire_put_number(frame, SEAL_TAG_RESULT, 0);
        wire_put_number(frame, SEAL_TAG_COUNT, 1);
    }
    (void)!wire_send(HELPER_CONTROL_FD, frame, soon);
}

static int be_the_liar(const char *path)
{
    static struct wire_frame frame;
    const char *slash = strrchr(path, '/');
    while (wire_receive(HELPER_CONTROL_FD, &frame, clock_monotonic_ms() + INT_MAX) == RESULT_OK)
        answer(&frame, slash ? slash + 1 : path);
    return 0;
}

/* --- the daemon's side
 * ---------------------------------------------------------------------------------------- */

struct world {
    char directory[64], work[128], self[PATH_MAX];
    int message_fd;
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    static const uint8_t bytes[BODY];
    struct problem problem;
    *state = world;
    if (!world)
        return -1;
    (void)snprintf(world->directory, sizeof world->directory, "/tmp/khatm-unit-XXXXXX");
    if (!mkdtemp(world->directory) || readlink("/proc/self/exe", world->self, sizeof world->self - 1) < 0)
        return -1;
    (void)snprintf(world->work, sizeof world->work, "%s/work", world->directory);
    return fd_open_unnamed(world->directory, &world->message_fd, &problem) == RESULT_OK &&
                   fd_write_all(world->message_fd, bytes, sizeof bytes) == RESULT_OK
               ? 0
               : -1;
}

static int teardown(void **state)
{
    struct world *world = *state;
    fd_close(&world->message_fd);
    (void)rmdir(world->work);
    bool left = rmdir(world->directory) != 0;
    free(world);
    return left ? -1 : 0; /* a ring was left behind */
}

static enum result seal(struct world *world, struct sealer *sealer, bool hide, struct problem *problem)
{
    static const char *const keys[] = {KEY};
    struct seal_outcome outcome;
    int output_fd = -1;
    assert_int_equal(fd_open_unnamed(world->directory, &output_fd, problem), RESULT_OK);
    const struct seal_request request = {
        .message_fd = world->message_fd,
        .body_size = BODY,
        .inner_header = "",
        .boundary = "b",
        .fingerprints = keys,
        .n_fingerprints = 1,
        .hide_key_ids = hide,
        .output_fd = output_fd,
    };
    enum result result = sealer_seal(sealer, &request, &outcome, problem);
    fd_close(&output_fd);
    return result;
}

/* Told while the keys are tried: nothing is believed of any key, and nothing is sealed. */
static void check_trial(struct sealer *sealer, const struct lie *lie)
{
    struct problem problem = {""};
    struct key_info info;
    enum result result = sealer_trouble(sealer, &problem);
    assert_int_equal(keys_find(sealer_keys(sealer), KEY, clock_wall_ms() / 1000, &info), RESULT_OK);
    if (result != RESULT_TRY_LATER || !strstr(problem.text, lie->problem) || info.state != KEY_UNKNOWN)
        fail_msg("%s: %s, %s, %d", lie->name, result_name(result), problem.text, (int)info.state);
}

static void check_lie(struct world *world, const struct lie *lie, bool in_trial)
{
    static const char *const keys[] = {KEY};
    char gpg[128];
    struct problem problem = {""};
    struct sealer *sealer = NULL;
    (void)snprintf(gpg, sizeof gpg, "/a/%s%s", in_trial ? TRIAL : "", lie->name);
    const struct signing_settings signing = {"/nonexistent/sign", SIGNER};
    const struct sealing_settings settings = {
        .signing = must_sign(lie->name) && !in_trial ? &signing : NULL,
        .program = world->self,
        .gpg = gpg,
        .homedir = "/nonexistent",
        .work_directory = world->work,
        .slots = 1,
        .wait_ms = 100,
        .deadline_ms = DEADLINE_MS,
        .rsa_min_bits = 2048,
    };
    int64_t before_ms = clock_monotonic_ms();
    enum result result = sealer_new(&settings, keys, 1, &sealer, &problem);
    if (in_trial) {
        assert_int_equal(result, RESULT_OK);
        check_trial(sealer, lie);
        sealer_free(sealer);
        return;
    }
    if (!lie->in_ring) {
        assert_int_equal(result, RESULT_OK);
        result = seal(world, sealer, lie->hide, &problem);
        if (clock_monotonic_ms() - before_ms > 5 * DEADLINE_MS)
            fail_msg("%s: too slow", lie->name);
    }
    sealer_free(sealer);
    if (result != (lie->problem ? RESULT_TRY_LATER : RESULT_OK) ||
        (lie->problem && !strstr(problem.text, lie->problem)))
        fail_msg("%s: %s, %s", lie->name, result_name(result), problem.text);
}

static void every_lie_is_refused(void **state)
{
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++)
        check_lie(*state, &lies[i], false);
}

/* The trial never asks for a signature, nor to hide key ids. */
static void every_lie_at_the_trial_is_refused(void **state)
{
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++)
        if (lies[i].problem && !lies[i].in_ring && !must_sign(lies[i].name))
            check_lie(*state, &lies[i], true);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(every_lie_is_refused),
    cmocka_unit_test(every_lie_at_the_trial_is_refused),
};

int main(int argc, char *argv[])
{
    if (argc == 3)
        return be_the_liar(argv[1]);
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, setup, teardown);
}
