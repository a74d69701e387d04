/* SPDX-License-Identifier: Apache-2.0 */

/* What libmilter reads of a connection: every octet, in order, however the MTA wrote it; and when it has
 * ended. */

#include "mta/stream.h"

#include "base/digest.h"
#include "base/fd.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

/* Long enough that a test which waits for it has failed. */
enum { BYTES = 300000, LONG_MS = 60000, PREFIX = 5 };

struct pair {
    int ours, theirs;
};

/* On an abstract address of the kernel's choice. */
static struct pair connected(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct sockaddr_storage bound, peer;
    socklen_t bound_size = sizeof bound, peer_size = sizeof peer;
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct pair pair = {.theirs = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    assert_true(listener >= 0 && pair.theirs >= 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, sizeof(sa_family_t)), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&bound, &bound_size), 0);
    assert_int_equal(connect(pair.theirs, (struct sockaddr *)&bound, bound_size), 0);
    pair.ours = stream_accept(listener, (struct sockaddr *)&peer, &peer_size);
    assert_true(pair.ours >= 0);
    (void)close(listener);
    return pair;
}

static void disconnect(struct pair pair)
{
    (void)close(pair.theirs);
    assert_int_equal(stream_close(pair.ours), 0);
}

static int readable(int fd, int timeout_ms)
{
    struct pollfd one = {.fd = fd, .events = POLLIN | POLLPRI};
    int n = stream_poll(&one, 1, timeout_ms);
    assert_true(n == 0 || one.revents);
    return n;
}

/* As libmilter does: it waits before each read and takes what is missing with the next. */
static void take(int fd, uint8_t *to, size_t size)
{
    while (size) {
        assert_int_equal(readable(fd, LONG_MS), 1);
        ssize_t got = stream_read(fd, to, size);
        assert_true(got > 0 && (size_t)got <= size);
        to += got;
        size -= (size_t)got;
    }
}

struct writing {
    int fd;
    const uint8_t *bytes;
    size_t piece;
};

static void *write_pieces(void *context)
{
    const struct writing *w = context;
    for (size_t at = 0; at < BYTES; at += w->piece)
        if (fd_write_all(w->fd, w->bytes + at, BYTES - at < w->piece ? BYTES - at : w->piece) != RESULT_OK)
            abort();
    return NULL;
}

/* Command after command of some length, each with its prefix; what is left in one go. */
static void take_commands(int fd, uint8_t *to, size_t length)
{
    size_t at = 0;
    for (; BYTES - at >= PREFIX + length; at += PREFIX + length) {
        take(fd, to + at, PREFIX);
        take(fd, to + at + PREFIX, length);
    }
    take(fd, to + at, BYTES - at);
}

static void test_every_octet(void **state)
{
    static const size_t lengths[] = {1, 15, 4090, 4091, 4092, 4096, 4097, 8192, 65535};
    static const size_t pieces[] = {3, 1000, 4095, 4096, 4097, 65536, BYTES};
    uint8_t *sent = malloc(BYTES), *got = malloc(BYTES);
    assert_true(sent && got && random_bytes(sent, BYTES) == RESULT_OK);
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        for (size_t k = 0; k < sizeof pieces / sizeof *pieces; k++) {
            pthread_t writer;
            struct pair pair = connected();
            struct writing writing = {pair.theirs, sent, pieces[k]};
            memset(got, 0, BYTES);
            assert_int_equal(pthread_create(&writer, NULL, write_pieces, &writing), 0);
            take_commands(pair.ours, got, lengths[i]);
            (void)pthread_join(writer, NULL);
            if (memcmp(sent, got, BYTES) != 0)
                fail_msg("commands of %zu octets written in pieces of %zu", lengths[i], pieces[k]);
            assert_int_equal(readable(pair.ours, 0), 0);
            disconnect(pair);
        }
    free(sent);
    free(got);
}

static void test_all_is_taken_at_once(void **state)
{
    struct pair pair = connected();
    char bytes[100] = "";
    int left = -1;
    assert_int_equal(readable(pair.ours, 0), 0);
    assert_int_equal(write(pair.theirs, bytes, sizeof bytes), sizeof bytes);
    assert_int_equal(readable(pair.ours, LONG_MS), 1);
    assert_int_equal(stream_read(pair.ours, bytes, PREFIX), PREFIX);
    assert_int_equal(ioctl(pair.ours, FIONREAD, &left), 0);
    assert_int_equal(left, 0);
    assert_int_equal(readable(pair.ours, 0), 1);
    assert_int_equal(stream_read(pair.ours, bytes, sizeof bytes), sizeof bytes - PREFIX);
    assert_int_equal(readable(pair.ours, 0), 0);
    disconnect(pair);
}

/* What came before the end is handed out before it. */
static void test_the_end(void **state)
{
    struct pair pair = connected();
    char bytes[8];
    assert_int_equal(write(pair.theirs, "quit", 4), 4);
    (void)shutdown(pair.theirs, SHUT_RDWR);
    assert_int_equal(readable(pair.ours, LONG_MS), 1);
    assert_int_equal(stream_read(pair.ours, bytes, 2), 2);
    assert_int_equal(stream_read(pair.ours, bytes, sizeof bytes), 2);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(readable(pair.ours, LONG_MS), 1);
        assert_int_equal(stream_read(pair.ours, bytes, sizeof bytes), 0);
    }
    disconnect(pair);
}

/* Who still waits for an answer has not ended, and who has is seen while nobody reads. */
static void test_hung_up(void **state)
{
    struct pair pair = connected();
    char byte;
    assert_int_equal(write(pair.theirs, "eom", 3), 3);
    take(pair.ours, (uint8_t *)&byte, 1);
    assert_false(stream_ended());
    take(pair.ours, (uint8_t *)&byte, 1);
    take(pair.ours, (uint8_t *)&byte, 1);
    assert_false(stream_ended());
    (void)shutdown(pair.theirs, SHUT_RDWR);
    assert_true(stream_ended());
    disconnect(pair);
}

/* The next connection has the number of one that was closed with octets unread. */
static void test_nothing_is_left_for_the_next(void **state)
{
    struct pair first = connected();
    char bytes[8];
    assert_int_equal(write(first.theirs, "a secret", 8), 8);
    assert_int_equal(readable(first.ours, LONG_MS), 1);
    assert_int_equal(stream_read(first.ours, bytes, 1), 1);
    assert_int_equal(stream_close(first.ours), 0);
    struct pair second = connected();
    assert_int_equal(readable(second.ours, 0), 0);
    assert_int_equal(write(second.theirs, "mine", 4), 4);
    take(second.ours, (uint8_t *)bytes, 4);
    assert_memory_equal(bytes, "mine", 4);
    (void)close(first.theirs);
    disconnect(second);
}

/* libmilter's own pipe, and any descriptor above our table. */
static void test_other_descriptors(void **state)
{
    int ends[2];
    char byte = 0;
    assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
    assert_int_equal(readable(ends[0], 0), 0);
    assert_int_equal(write(ends[1], "xy", 2), 2);
    assert_int_equal(readable(ends[0], 0), 1);
    assert_int_equal(stream_read(ends[0], &byte, 1), 1);
    assert_int_equal(byte, 'x');
    assert_int_equal(stream_close(ends[0]), 0);
    assert_int_equal(stream_close(ends[1]), 0);
    assert_int_equal(stream_close(-1), -1);
}

/* A helper that is being started elsewhere must not inherit it. */
static void test_closed_on_exec(void **state)
{
    struct pair pair = connected();
    assert_int_equal(fcntl(pair.ours, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
    disconnect(pair);
}

int main(void)
{
    (void)alarm(300); /* a writer whose octets nobody takes would wait for ever */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_octet),
        cmocka_unit_test(test_all_is_taken_at_once),
        cmocka_unit_test(test_the_end),
        cmocka_unit_test(test_hung_up),
        cmocka_unit_test(test_nothing_is_left_for_the_next),
        cmocka_unit_test(test_other_descriptors),
        cmocka_unit_test(test_closed_on_exec),
    };
    return cmocka_run_group_tests_name("stream", tests, NULL, NULL);
}
