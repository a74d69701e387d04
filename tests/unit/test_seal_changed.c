/* SPDX-License-Identifier: Apache-2.0 */

/* Signed and unsigned: the ciphertext on its way from gpg to the sealer: cut off behind every byte and with
 * every byte changed, under a gpg that says that all went well, and its session keys dropped, added and
 * exchanged. What is not whole, or not for exactly the keys that were asked for, never counts as sealed. What
 * was changed where only the recipient can see it, within what is encrypted, leaves sealed, and nothing else
 * does. */

#include "replay.h"

enum {
    SMALL = 4096,
    LARGE = 100000,
    PACKETS_MAX = 8,
    MARKS_MAX = 256,
    ID_AT = 1,      /* in a session-key packet, behind tag and length: RFC 4880, 5.1 */
    NUMBER_AT = 10, /* its first number's count of bits */
    RSA_KEY = 1,
};

/* The packets of a ciphertext of gpg's: session keys, then the encrypted data. Marks: the octets that say how
 * it is laid out. */
struct layout {
    size_t n, at[PACKETS_MAX], size[PACKETS_MAX], head[PACKETS_MAX];
    size_t n_marks, marks[MARKS_MAX];
    size_t n_parts, parts[MARKS_MAX]; /* where a part of the data begins, its length first */
};

static void mark(struct layout *layout, size_t at, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        assert_true(layout->n_marks < MARKS_MAX);
        layout->marks[layout->n_marks++] = at + i;
    }
}

static void mark_session_key(struct layout *layout, const uint8_t *bytes, size_t at, size_t head)
{
    const uint8_t *body = bytes + at + head;
    size_t octets = (size_t)(((body[NUMBER_AT] << 8 | body[NUMBER_AT + 1]) + 7) / 8);
    mark(layout, at, head + NUMBER_AT + 2);
    if (body[NUMBER_AT - 1] == RSA_KEY)
        return;
    mark(layout, at + head + NUMBER_AT + 2, 1); /* how the point is written */
    mark(layout, at + head + NUMBER_AT + 2 + octets, 1);
}

/* Parts of 2^k octets and a last one (RFC 4880, 4.2.2.4). */
static void mark_data(struct layout *layout, const uint8_t *bytes, size_t at, size_t size)
{
    bool more = true;
    mark(layout, at++, 1);
    for (size_t first = at + 1; more && at < size;) {
        size_t octets = bytes[at] == 255 ? 5 : bytes[at] >= 192 && bytes[at] < 224 ? 2 : 1;
        more = bytes[at] >= 224 && bytes[at] < 255;
        layout->parts[layout->n_parts++] = at;
        mark(layout, at, octets);
        if (at + 1 == first)
            mark(layout, at + octets, 1); /* version */
        at += more ? octets + ((size_t)1 << (bytes[at] & 31)) : size;
    }
}

static struct layout lay_out(const uint8_t *bytes, size_t size)
{
    struct layout layout = {0};
    for (size_t at = 0; at < size; at += layout.size[layout.n++]) {
        bool key = (bytes[at] & 0x7c) == 1 << 2;
        size_t head = bytes[at] & 1 ? 3 : 2;
        assert_true(layout.n < PACKETS_MAX && (bytes[at] & 0x80));
        layout.at[layout.n] = at;
        layout.head[layout.n] = key ? head : 1;
        layout.size[layout.n] = !key        ? size - at
                                : head == 3 ? head + ((size_t)bytes[at + 1] << 8 | bytes[at + 2])
                                            : head + bytes[at + 1];
        if (key)
            mark_session_key(&layout, bytes, at, head);
        else
            mark_data(&layout, bytes, at, size);
    }
    assert_int_equal(layout.n, 3);
    return layout;
}

static bool is_mark(const struct layout *layout, size_t at)
{
    for (size_t i = 0; i < layout->n_marks; i++)
        if (layout->marks[i] == at)
            return true;
    return false;
}

static void cut_at(struct replay *replay, size_t size)
{
    replay_set(replay, size, 0, 0, "success");
    replay_expect_refusal(replay, size ? "ends in the middle" : "it is empty");
}

static void what_is_cut_off_is_never_sealed(void **state)
{
    struct replay *replay = *state;
    replay_record(replay, SMALL);
    for (size_t size = 0; size < replay->size; size += SWEEP_STEP)
        cut_at(replay, size);
    cut_at(replay, replay->size - 1);
    replay_set(replay, replay->size, 0, 0, "success");
    replay_expect_sealed(replay, replay->bytes, replay->size);
}

/* It is refused, or leaves as gpg wrote it, for the keys that were asked for. */
static void change_at(struct replay *replay, size_t at, unsigned bits, bool is_layout)
{
    replay_set(replay, replay->size, at, bits, "success");
    replay->bytes[at] ^= (uint8_t)bits;
    enum result result = replay_seal(replay);
    if (is_layout && result != RESULT_TRY_LATER)
        fail_msg("octet %zu changed by %02x: %s", at, bits, result_name(result));
    if (result == RESULT_OK) {
        replay_decode(replay);
        assert_int_equal(replay->decoded_size, replay->size);
        assert_memory_equal(replay->decoded, replay->bytes, replay->size);
    }
    replay->bytes[at] ^= (uint8_t)bits;
}

static void what_is_changed_is_refused_or_still_sealed(void **state)
{
    struct replay *replay = *state;
    replay_record(replay, SMALL);
    struct layout layout = lay_out(replay->bytes, replay->size);
    for (size_t at = 0; at < replay->size; at++) {
        if (!is_mark(&layout, at) && at % SWEEP_STEP == 0)
            change_at(replay, at, 1U << at % 8, false);
        for (unsigned bit = 0; bit < 8 && is_mark(&layout, at); bit += INSTRUMENTED ? 3 : 1)
            change_at(replay, at, 1U << bit, true);
    }
}

/* gpg writes what is longer in parts: an end at the end of a part must not look like the end. */
static void parts_of_a_large_one(void **state)
{
    struct replay *replay = *state;
    replay_record(replay, LARGE);
    struct layout layout = lay_out(replay->bytes, replay->size);
    assert_true(layout.n_parts > 10);
    for (size_t i = 0; i < layout.n_parts; i++) {
        for (size_t size = layout.parts[i] - 1; size < layout.parts[i] + 3; size++)
            cut_at(replay, size);
        /* A part of another length may end by chance where another begins. */
        for (unsigned bit = 0; bit < 8; bit += INSTRUMENTED ? 3 : 1)
            change_at(replay, layout.parts[i], 1U << bit, false);
    }
    for (size_t i = 1; i < layout.n; i++)
        for (size_t size = layout.at[i] - 1; size < layout.at[i] + 3; size++)
            cut_at(replay, size);
    replay_set(replay, replay->size, 0, 0, "success");
    replay_expect_sealed(replay, replay->bytes, replay->size);
}

/* --- whose keys --- */

struct draft {
    uint8_t bytes[REPLAY_MAX];
    size_t size;
};

static void add(struct draft *draft, const struct replay *replay, const struct layout *layout, size_t i)
{
    memcpy(draft->bytes + draft->size, replay->bytes + layout->at[i], layout->size[i]);
    draft->size += layout->size[i];
}

/* keys: of the packets, in this order, before the encrypted data; 'A' and 'B' as gpg wrote them; 'a': A's for
 * another key id; 'z': A's with no key id. */
static void make(struct draft *draft, const struct replay *replay, const struct layout *layout,
                 const char *keys)
{
    draft->size = 0;
    for (; *keys; keys++) {
        size_t at = draft->size;
        add(draft, replay, layout, *keys == 'B');
        uint8_t *id = draft->bytes + at + layout->head[*keys == 'B'] + ID_AT;
        if (*keys == 'a')
            id[0] ^= 0x55;
        else if (*keys == 'z')
            memset(id, 0, 8);
    }
    add(draft, replay, layout, 2);
}

static void expect_others_noticed(struct replay *replay, const struct layout *layout)
{
    static const char *const wrong[] = {"A",  "B",   "AA",  "BB",  "aB",  "zB",
                                        "az", "ABa", "aAB", "ABA", "ABz", "BAB"};
    static struct draft draft;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        make(&draft, replay, layout, wrong[i]);
        replay_give(replay, draft.bytes, draft.size);
        replay_expect_refusal(replay, "encrypted to other keys");
    }
    make(&draft, replay, layout, "");
    replay_give(replay, draft.bytes, draft.size);
    replay_expect_refusal(replay, "encrypted to nobody");
}

static void session_keys_for_others_are_noticed(void **state)
{
    static struct draft draft;
    struct replay *replay = *state;
    replay_record(replay, SMALL);
    struct layout layout = lay_out(replay->bytes, replay->size);
    expect_others_noticed(replay, &layout);
    for (const char *const *right = (const char *const[]){"AB", "BA", NULL}; *right; right++) {
        make(&draft, replay, &layout, *right);
        replay_give(replay, draft.bytes, draft.size);
        replay_expect_sealed(replay, draft.bytes, draft.size);
    }
}

/* Who may not be seen in what leaves has been seen before. */
static void hidden_session_keys_for_others_are_noticed(void **state)
{
    static struct draft draft;
    struct replay *replay = *state;
    replay_record(replay, SMALL);
    struct layout layout = lay_out(replay->bytes, replay->size);
    replay->hide = true;
    expect_others_noticed(replay, &layout);
    make(&draft, replay, &layout, "AB");
    replay_give(replay, draft.bytes, draft.size);
    for (size_t i = 0; i < 2; i++)
        memset(draft.bytes + layout.at[i] + layout.head[i] + ID_AT, 0, 8);
    replay_expect_sealed(replay, draft.bytes, draft.size);
}

/* --- how it ends --- */

static void an_end_that_is_not_one(void **state)
{
    static const char *const endings[] = {"silent", "failing", "killed"};
    struct replay *replay = *state;
    replay_record(replay, SMALL);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        for (size_t left = 0; left < replay->size; left += 499) {
            replay_set(replay, replay->size - left, 0, 0, endings[i]);
            replay_expect_refusal(replay, "gpg");
        }
    /* It read nothing of the message, and has its whole ciphertext. */
    replay_record(replay, LARGE * 5);
    replay_set(replay, replay->size, 0, 0, "hasty");
    replay_expect_refusal(replay, "shorter than the message");
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(what_is_cut_off_is_never_sealed),
    cmocka_unit_test(what_is_changed_is_refused_or_still_sealed),
    cmocka_unit_test(parts_of_a_large_one),
    cmocka_unit_test(session_keys_for_others_are_noticed),
    cmocka_unit_test(hidden_session_keys_for_others_are_noticed),
    cmocka_unit_test(an_end_that_is_not_one),
};

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    int failed = cmocka_run_group_tests(tests, replay_setup, replay_teardown);
    return failed + cmocka_run_group_tests_name("signed", tests, replay_setup_signing, replay_teardown);
}
