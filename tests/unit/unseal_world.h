/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_TESTS_UNSEAL_WORLD_H
#define KHATM_TESTS_UNSEAL_WORLD_H

/* A khatm-sealer that opens, with the real gpg and its agent; a message that a peer signed and sealed for it;
 * and the question whether that message, changed in one place, is still taken for what it was. */

#include "seal/client.h"
#include "seal/workring.h"

#include "seal_world.h"

#include <openssl/evp.h>

enum { UNSEAL_BINARY_MAX = 256 * 1024, UNSEAL_MESSAGE_MAX = 512 * 1024, UNSEAL_MS = 60 * 1000 };

static const char UNSEAL_HEAD[] =
    "From: agent@peer.example\r\nSubject: Objet\r\nMIME-Version: 1.0\r\n"
    "Content-Type: multipart/encrypted; "
    "protocol=\"application/pgp-encrypted\";\r\n\tboundary=\"limite\"\r\n\r\n"
    "--limite\r\nContent-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n"
    "--limite\r\nContent-Type: application/octet-stream\r\n\r\n";
static const char UNSEAL_TAIL[] = "\r\n--limite--\r\n";

struct unseal_world {
    struct gpg_home at;
    char peer[41], own[41], work[128];
    struct sealing_settings settings;
    struct workring *ring;
    struct helper_process process; /* goes on after a refusal, unlike the daemon's */
    struct wire_frame frame;
    uint8_t binary[UNSEAL_BINARY_MAX]; /* the ciphertext */
    size_t binary_size;
    char message[UNSEAL_MESSAGE_MAX]; /* around it */
    size_t message_size;
    char inside[UNSEAL_MESSAGE_MAX];
    size_t inside_size;
    int output_fd;
};

static int unseal_setup(void **state)
{
    struct unseal_world *world = calloc(1, sizeof *world);
    struct problem problem = {""};
    char pinned[1][FINGERPRINT_HEX];
    *state = world;
    if (!world || !gpg_home_open(&world->at))
        return -1;
    struct gpg_home own = world->at;
    (void)snprintf(own.home, sizeof own.home, "%s/own", world->at.directory);
    world->output_fd = world->process.control = -1;
    if (!gpg_home_make_key(&world->at, "Peer <p@peer.example>", "ed25519", NULL, "never", "", world->peer) ||
        shell(&world->at, "mkdir -m 700 own") != 0 ||
        !gpg_home_make_key(&own, "Own <o@own.example>", "ed25519", "cv25519", "never", "", world->own) ||
        shell(&world->at, "gpg --homedir own --batch --export | gpg --batch --quiet --import") != 0)
        return -1;
    (void)snprintf(world->work, sizeof world->work, "%s/work", world->at.directory);
    world->settings = (struct sealing_settings){.program = KHATM_BUILD_DIR "/khatm-sealer",
                                                .gpg = "/usr/bin/gpg",
                                                .homedir = world->at.home,
                                                .secrets = strdup(own.home),
                                                .work_directory = world->work,
                                                .slots = 1,
                                                .wait_ms = UNSEAL_MS,
                                                .deadline_ms = UNSEAL_MS,
                                                .rsa_min_bits = 2048};
    memcpy(pinned[0], world->peer, FINGERPRINT_HEX);
    const struct pins pins = {.fingerprints = pinned, .n_fingerprints = 1};
    if (fd_open_unnamed(world->at.directory, &world->output_fd, &problem) == RESULT_OK &&
        workring_prepare(world->work, &problem) == RESULT_OK &&
        workring_new(&world->settings, &pins, clock_monotonic_ms() + UNSEAL_MS, &world->ring, &problem) ==
            RESULT_OK)
        return 0;
    (void)fprintf(stderr, "%s\n", problem.text);
    return -1;
}

static int unseal_teardown(void **state)
{
    struct unseal_world *world = *state;
    helper_kill(&world->process);
    (void)shell(&world->at, "for d in work/ring-*; do gpgconf --homedir \"$d\" --kill all; done");
    workring_unref(world->ring);
    fd_close(&world->output_fd);
    free((char *)(uintptr_t)world->settings.secrets);
    gpg_home_close(&world->at);
    free(world);
    return 0;
}

MAYBE static size_t unseal_read(const struct unseal_world *world, const char *name, void *bytes, size_t room)
{
    char path[256];
    (void)snprintf(path, sizeof path, "%s/%s", world->at.directory, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, room, file);
    assert_true(size && size < room);
    assert_int_equal(fclose(file), 0);
    return size;
}

/* The message around `size` bytes of binary ciphertext; checksum: of the armour, RFC 4880, 6.1, or NULL. */
MAYBE static void unseal_wrap(struct unseal_world *world, const uint8_t *binary, size_t size,
                              const char *checksum)
{
    char *to = stpcpy(stpcpy(world->message, UNSEAL_HEAD), "-----BEGIN PGP MESSAGE-----\r\n\r\n");
    for (size_t at = 0; at < size; at += 48) {
        to += EVP_EncodeBlock((unsigned char *)to, binary + at, size - at < 48 ? (int)(size - at) : 48);
        to = stpcpy(to, "\r\n");
    }
    to = stpcpy(to, checksum ? checksum : "");
    to = stpcpy(stpcpy(to, "-----END PGP MESSAGE-----\r\n"), UNSEAL_TAIL);
    world->message_size = (size_t)(to - world->message);
}

/* Signed by the peer and sealed for us, by gpg, with `size` bytes of text inside. */
MAYBE static void unseal_make(struct unseal_world *world, size_t size)
{
    static char armour[UNSEAL_MESSAGE_MAX], checksum[16];
    assert_int_equal(
        shell(&world->at,
              "printf 'Content-Type: text/plain\\r\\n\\r\\n' >inside; "
              "head -c %zu /dev/urandom | base64 -w 74 | sed 's/$/\\r/' | head -c %zu >>inside; "
              "rm -f binary; gpg --batch --quiet --trust-model always --compress-algo none -u %s -r %s "
              "--output binary --sign --encrypt inside && gpg --enarmor <binary >armour",
              size, size, world->peer, world->own),
        0);
    world->inside_size = unseal_read(world, "inside", world->inside, sizeof world->inside);
    world->binary_size = unseal_read(world, "binary", world->binary, sizeof world->binary);
    armour[unseal_read(world, "armour", armour, sizeof armour - 1)] = '\0';
    const char *line = strstr(armour, "\n=");
    assert_non_null(line);
    (void)snprintf(checksum, sizeof checksum, "%.5s\r\n", line + 1);
    unseal_wrap(world, world->binary, world->binary_size, checksum);
}

enum unseal_answer { ANSWER_REFUSED, ANSWER_NOT_OURS, ANSWER_OPENED, ANSWER_LATER };

/* What becomes of `size` bytes as a message. Opened is what is verified and holds what was put inside; that
 * anything else should be opened fails. */
MAYBE static enum unseal_answer unseal_ask(struct unseal_world *world, const void *message, size_t size,
                                           struct problem *problem)
{
    static char output[UNSEAL_MESSAGE_MAX];
    const char *const argv[] = {world->settings.program, world->settings.gpg, workring_path(world->ring),
                                NULL};
    struct unseal_outcome outcome;
    int fd = -1;
    problem->text[0] = '\0';
    assert_int_equal(fd_open_unnamed(world->at.directory, &fd, problem), RESULT_OK);
    assert_int_equal(fd_write_all(fd, message, size), RESULT_OK);
    assert_int_equal(ftruncate(world->output_fd, 0), 0);
    assert_int_equal(lseek(world->output_fd, 0, SEEK_SET), 0);
    if (!helper_alive(&world->process))
        assert_int_equal(helper_start(&world->process, argv, problem), RESULT_OK);
    const struct unseal_request request = {.message_fd = fd,
                                           .size = size,
                                           .limit = UNSEAL_MESSAGE_MAX,
                                           .signer = world->peer,
                                           .output_fd = world->output_fd};
    enum result result = client_unseal(&world->process, &world->frame, &request,
                                       clock_monotonic_ms() + UNSEAL_MS, &outcome, problem);
    free(outcome.fields);
    fd_close(&fd);
    if (result == RESULT_BAD_INPUT)
        return ANSWER_REFUSED;
    if (result != RESULT_OK)
        return ANSWER_LATER;
    if (outcome.state == UNSEAL_NOT_OURS)
        return ANSWER_NOT_OURS;
    assert_int_equal(outcome.state, UNSEAL_SIGNED);
    assert_int_equal(outcome.size, world->inside_size);
    assert_int_equal(fd_read_at(world->output_fd, output, outcome.size, 0), RESULT_OK);
    assert_memory_equal(output, world->inside, world->inside_size);
    return ANSWER_OPENED;
}

#endif
