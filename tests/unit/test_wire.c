/* SPDX-License-Identifier: Apache-2.0 */

/* The protocol between daemon and helpers: what is written is read, what is not a frame is refused,
 * descriptors never leak, and what an inspector in strange hands could send does not get into findings. */

#include "base/clock.h"
#include "base/fd.h"
#include "helper/wire.h"
#include "inspect/collect.h"
#include "inspect/protocol.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { SOON_MS = 50, IN_TIME_MS = 20 * 1000 };

struct ends {
    int a, b;
    struct wire_frame out, in;
};

static int set_up(void **state)
{
    int pair[2];
    struct ends *ends = malloc(sizeof *ends);
    if (!ends || wire_pair(pair) != RESULT_OK)
        return -1;
    ends->a = pair[0];
    ends->b = pair[1];
    *state = ends;
    return 0;
}

static int tear_down(void **state)
{
    struct ends *ends = *state;
    fd_close(&ends->a);
    fd_close(&ends->b);
    free(ends);
    return 0;
}

static int64_t soon(void)
{
    return clock_monotonic_ms() + SOON_MS;
}

/* For what comes: a busy machine may stop us anywhere. */
static int64_t in_time(void)
{
    return clock_monotonic_ms() + IN_TIME_MS;
}

static unsigned open_descriptors(void)
{
    unsigned count = 0;
    DIR *directory = opendir("/proc/self/fd");
    assert_non_null(directory);
    while (readdir(directory))
        count++;
    (void)closedir(directory);
    return count;
}

static void what_is_written_is_read(void **state)
{
    struct ends *ends = *state;
    struct wire_field field;
    size_t cursor = 0;
    uint64_t number = 0;
    wire_begin(&ends->out, 7);
    wire_put_text(&ends->out, 1, "bonjour", 4);
    wire_put_text(&ends->out, 2, NULL, 4);
    wire_put_number(&ends->out, 3, UINT64_MAX - 1);
    wire_put_bytes(&ends->out, 4, "", 0);
    assert_int_equal(wire_send(ends->a, &ends->out, in_time()), RESULT_OK);
    assert_int_equal(wire_receive(ends->b, &ends->in, in_time()), RESULT_OK);
    assert_int_equal(wire_type(&ends->in), 7);
    assert_int_equal(wire_next(&ends->in, &cursor, &field), RESULT_OK);
    assert_int_equal(field.tag, 1);
    assert_int_equal(field.size, 4);
    assert_memory_equal(field.bytes, "bonj", 4);
    assert_int_equal(wire_next(&ends->in, &cursor, &field), RESULT_OK);
    assert_int_equal(wire_number(&field, &number), RESULT_OK);
    assert_true(number == UINT64_MAX - 1);
    assert_int_equal(wire_next(&ends->in, &cursor, &field), RESULT_OK);
    assert_int_equal(field.size, 0);
    assert_int_equal(wire_number(&field, &number), RESULT_BAD_INPUT);
    assert_int_equal(wire_next(&ends->in, &cursor, &field), RESULT_NOT_FOUND);
}

static void descriptors_travel(void **state)
{
    struct ends *ends = *state;
    int fd = memfd_create("x", MFD_CLOEXEC);
    unsigned before = open_descriptors();
    wire_begin(&ends->out, 1);
    wire_put_fd(&ends->out, fd);
    wire_put_fd(&ends->out, fd);
    assert_int_equal(wire_send(ends->a, &ends->out, in_time()), RESULT_OK);
    assert_int_equal(wire_receive(ends->b, &ends->in, in_time()), RESULT_OK);
    assert_int_equal(ends->in.n_fds, 2);
    assert_int_equal(open_descriptors(), before + 2);
    wire_close_fds(&ends->in);
    assert_int_equal(open_descriptors(), before);
    fd_close(&fd);
}

static void largest_frame_fits_and_a_larger_one_is_a_bug(void **state)
{
    struct ends *ends = *state;
    char *bytes = calloc(1, WIRE_FRAME_MAX);
    assert_non_null(bytes);
    wire_begin(&ends->out, 1);
    wire_put_bytes(&ends->out, 1, bytes, WIRE_FRAME_MAX - 7);
    assert_int_equal(wire_send(ends->a, &ends->out, in_time()), RESULT_OK);
    assert_int_equal(wire_receive(ends->b, &ends->in, in_time()), RESULT_OK);
    assert_int_equal(ends->in.size, WIRE_FRAME_MAX);
    wire_put_number(&ends->out, 2, 1);
    assert_int_equal(wire_send(ends->a, &ends->out, in_time()), RESULT_BUG);
    free(bytes);
}

static void waiting_ends_and_a_dead_peer_is_told(void **state)
{
    struct ends *ends = *state;
    int64_t start = clock_monotonic_ms();
    assert_int_equal(wire_receive(ends->b, &ends->in, soon()), RESULT_TRY_LATER);
    assert_true(clock_monotonic_ms() - start >= SOON_MS - 1);
    fd_close(&ends->a);
    assert_int_equal(wire_receive(ends->b, &ends->in, soon()), RESULT_NOT_FOUND);
    wire_begin(&ends->out, 1);
    assert_int_equal(wire_send(ends->b, &ends->out, soon()), RESULT_TRY_LATER);
}

static void full_socket_is_waited_for(void **state)
{
    struct ends *ends = *state;
    enum result result = RESULT_OK;
    wire_begin(&ends->out, 1);
    for (int i = 0; i < 100000 && result == RESULT_OK; i++)
        result = wire_send(ends->a, &ends->out, soon());
    assert_int_equal(result, RESULT_TRY_LATER);
}

static void what_is_no_frame_is_refused(void **state)
{
    static const struct {
        const char *name;
        size_t size;
        const char *bytes;
    } rows[] = {
        {"one byte", 1, "\1"},
        {"another version", 2, "\2\1"},
        {"field header cut", 6, "\1\1\1\0\0\0"},
        {"field past the end", 8, "\1\1\1\0\0\0\2x"},
        {"field of 4 GB", 8, "\1\1\1\xff\xff\xff\xffx"},
        {"second field cut", 10, "\1\1\1\0\0\0\1x\2\0"},
    };
    struct ends *ends = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(send(ends->a, rows[i].bytes, rows[i].size, 0), rows[i].size);
        enum result result = wire_receive(ends->b, &ends->in, soon());
        if (result != RESULT_BAD_INPUT)
            fail_msg("%s: %s", rows[i].name, result_name(result));
    }
}

static void descriptors_of_a_refused_frame_are_closed(void **state)
{
    struct ends *ends = *state;
    unsigned before = open_descriptors();
    wire_begin(&ends->out, 1);
    wire_put_fd(&ends->out, 0);
    ends->out.bytes[0] = 9;
    assert_int_equal(wire_send(ends->a, &ends->out, in_time()), RESULT_OK);
    assert_int_equal(wire_receive(ends->b, &ends->in, in_time()), RESULT_BAD_INPUT);
    assert_int_equal(open_descriptors(), before);
}

/* --- findings from a child that lies -----------------------------------------------------------------------
 */

static void put_part(struct wire_frame *frame)
{
    wire_put_text(frame, FOUND_PART, "1", 10);
}

static void put_unknown_tag(struct wire_frame *frame)
{
    wire_put_number(frame, 200, 1);
}

static void put_job_tag(struct wire_frame *frame)
{
    wire_put_number(frame, JOB_SIZE, 1);
}

static void put_flags_without_part(struct wire_frame *frame)
{
    wire_put_number(frame, FOUND_FLAGS, 1);
}

static void put_unknown_flag(struct wire_frame *frame)
{
    put_part(frame);
    wire_put_number(frame, FOUND_FLAGS, 1u << 30);
}

static void put_empty_path(struct wire_frame *frame)
{
    wire_put_text(frame, FOUND_PART, "", 10);
}

static void put_path_with_slash(struct wire_frame *frame)
{
    wire_put_text(frame, FOUND_PART, "../1", 10);
}

static void put_long_path(struct wire_frame *frame)
{
    char path[INSPECT_PATH_MAX + 2];
    memset(path, '1', sizeof path);
    wire_put_bytes(frame, FOUND_PART, path, sizeof path - 1);
}

static void put_name_with_newline(struct wire_frame *frame)
{
    put_part(frame);
    wire_put_text(frame, FOUND_NAME, "a\nb", 10);
}

static void put_name_with_nul(struct wire_frame *frame)
{
    put_part(frame);
    wire_put_bytes(frame, FOUND_NAME, "a\0b", 3);
}

static void put_name_not_utf8(struct wire_frame *frame)
{
    put_part(frame);
    wire_put_text(frame, FOUND_NAME, "\xc3(", 10);
}

static void put_long_name(struct wire_frame *frame)
{
    char name[INSPECT_NAME_MAX + 1];
    memset(name, 'a', sizeof name);
    put_part(frame);
    wire_put_bytes(frame, FOUND_NAME, name, sizeof name);
}

static void put_short_digest(struct wire_frame *frame)
{
    put_part(frame);
    wire_put_bytes(frame, FOUND_SHA256, "x", 1);
}

static void put_size_past_reason(struct wire_frame *frame)
{
    put_part(frame);
    wire_put_number(frame, FOUND_SIZE, UINT64_MAX);
}

static void put_unknown_address_field(struct wire_frame *frame)
{
    wire_put_number(frame, FOUND_ADDRESS_FIELD, ADDRESS_REPLY + 1);
}

static void put_too_many_from(struct wire_frame *frame)
{
    wire_put_number(frame, FOUND_N_FROM, UINT32_MAX);
}

static void put_many_parts(struct wire_frame *frame)
{
    for (unsigned i = 0; i < 100; i++) {
        char path[16];
        (void)snprintf(path, sizeof path, "%u", i);
        wire_put_text(frame, FOUND_PART, path, sizeof path);
    }
}

static void put_many_addresses(struct wire_frame *frame)
{
    for (unsigned i = 0; i <= INSPECT_ADDRESSES_MAX; i++)
        wire_put_text(frame, FOUND_ADDRESS, "a@b", 10);
}

static void lies_are_refused(void **state)
{
    static const struct {
        const char *name;
        void (*put)(struct wire_frame *frame);
        enum result result;
    } rows[] = {
        {"a part", put_part, RESULT_OK},
        {"unknown tag", put_unknown_tag, RESULT_BAD_INPUT},
        {"tag of a job", put_job_tag, RESULT_BAD_INPUT},
        {"flags without a part", put_flags_without_part, RESULT_BAD_INPUT},
        {"unknown flag", put_unknown_flag, RESULT_BAD_INPUT},
        {"empty path", put_empty_path, RESULT_BAD_INPUT},
        {"path with a slash", put_path_with_slash, RESULT_BAD_INPUT},
        {"long path", put_long_path, RESULT_BAD_INPUT},
        {"name with a newline", put_name_with_newline, RESULT_BAD_INPUT},
        {"name with NUL", put_name_with_nul, RESULT_BAD_INPUT},
        {"name that is not UTF-8", put_name_not_utf8, RESULT_BAD_INPUT},
        {"long name", put_long_name, RESULT_BAD_INPUT},
        {"short digest", put_short_digest, RESULT_BAD_INPUT},
        {"size past reason", put_size_past_reason, RESULT_BAD_INPUT},
        {"unknown address field", put_unknown_address_field, RESULT_BAD_INPUT},
        {"too many From", put_too_many_from, RESULT_BAD_INPUT},
        {"too many parts", put_many_parts, RESULT_BAD_INPUT},
        {"too many addresses", put_many_addresses, RESULT_BAD_INPUT},
    };
    struct ends *ends = *state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct arena *arena = arena_new(0);
        struct collect *collect = collect_new(arena, 10);
        assert_non_null(collect);
        wire_begin(&ends->out, INSPECT_END);
        rows[i].put(&ends->out);
        enum result result = collect_frame(collect, &ends->out);
        if (result != rows[i].result || collect_findings(collect)->complete != (result == RESULT_OK))
            fail_msg("%s: %s", rows[i].name, result_name(result));
        arena_free(arena);
    }
}

static void say_part(struct collect *collect, struct wire_frame *frame, uint8_t type, uint64_t flags)
{
    wire_begin(frame, type);
    wire_put_text(frame, FOUND_PART, "1", 10);
    wire_put_number(frame, FOUND_FLAGS, flags);
    assert_int_equal(collect_frame(collect, frame), RESULT_OK);
}

static void findings_only_rise(void **state)
{
    struct ends *ends = *state;
    struct arena *arena = arena_new(0);
    struct collect *collect = collect_new(arena, 10);
    assert_non_null(collect);
    say_part(collect, &ends->out, INSPECT_FINDINGS, PART_DOCUMENT);
    say_part(collect, &ends->out, INSPECT_FINDINGS, 0);
    say_part(collect, &ends->out, INSPECT_FINDINGS, PART_UNREAD);
    assert_false(collect_findings(collect)->complete);
    wire_begin(&ends->out, INSPECT_FINDINGS);
    wire_put_text(&ends->out, FOUND_INCOMPLETE, "x", 10);
    assert_int_equal(collect_frame(collect, &ends->out), RESULT_OK);
    say_part(collect, &ends->out, INSPECT_END, 0);
    const struct findings *findings = collect_findings(collect);
    assert_int_equal(findings->n_parts, 1);
    assert_int_equal(findings->parts[0].flags, PART_DOCUMENT | PART_UNREAD);
    assert_false(findings->complete);
    arena_free(arena);
}

/* What the fuzzer found worth keeping: none of it may be taken for a whole answer unless it says END itself.
 */
static void frames_of_the_fuzzer_do_no_harm(void **state)
{
    static const char folder[] = KHATM_SOURCE_DIR "/tests/corpus/fuzz/wire";
    struct ends *ends = *state;
    unsigned count = 0;
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        char path[512];
        uint8_t bytes[1024];
        (void)snprintf(path, sizeof path, "%s/%.255s", folder, entry->d_name);
        FILE *file = entry->d_name[0] == '.' ? NULL : fopen(path, "r");
        if (!file)
            continue;
        size_t size = fread(bytes, 1, sizeof bytes, file);
        (void)fclose(file);
        count++;
        if (!size)
            continue;
        struct arena *arena = arena_new(0);
        struct collect *collect = collect_new(arena, 10);
        assert_non_null(collect);
        assert_int_equal(send(ends->a, bytes, size, 0), size);
        if (wire_receive(ends->b, &ends->in, soon()) == RESULT_OK) {
            bool good = collect_frame(collect, &ends->in) == RESULT_OK;
            bool ended = wire_type(&ends->in) == INSPECT_END;
            assert_true((good && ended) || !collect_findings(collect)->complete);
        }
        arena_free(arena);
    }
    (void)closedir(directory);
    assert_true(count > 10);
}

#define ROW(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        ROW(what_is_written_is_read),
        ROW(descriptors_travel),
        ROW(largest_frame_fits_and_a_larger_one_is_a_bug),
        ROW(waiting_ends_and_a_dead_peer_is_told),
        ROW(full_socket_is_waited_for),
        ROW(what_is_no_frame_is_refused),
        ROW(descriptors_of_a_refused_frame_are_closed),
        ROW(lies_are_refused),
        ROW(findings_only_rise),
        ROW(frames_of_the_fuzzer_do_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
