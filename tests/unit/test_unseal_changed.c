/* SPDX-License-Identifier: Apache-2.0 */

/* A sealed message on its way to the gateway that opens it: cut off behind every byte, with every byte
 * changed, as it stands in the mail and as gpg sees it. It is opened and verified with what was put inside,
 * or it is refused, or it is not taken for one of ours and stays as it came; it never waits to be tried again
 * for what will not change. */

#include "unseal_world.h"

enum { SMALL = 4096, LARGE = 60000 };

struct tally {
    size_t refused, not_ours, opened;
};

static void count(struct tally *tally, enum unseal_answer answer, size_t at, const struct problem *problem)
{
    if (answer == ANSWER_LATER)
        fail_msg("octet %zu: try later, %s", at, problem->text);
    tally->refused += answer == ANSWER_REFUSED;
    tally->not_ours += answer == ANSWER_NOT_OURS;
    tally->opened += answer == ANSWER_OPENED;
}

static void expect_opened(struct unseal_world *world)
{
    struct problem problem;
    if (unseal_ask(world, world->message, world->message_size, &problem) != ANSWER_OPENED)
        fail_msg("not opened: %s", problem.text);
}

static void message_cut_off(void **state)
{
    struct unseal_world *world = *state;
    struct tally tally = {0};
    struct problem problem;
    unseal_make(world, SMALL);
    expect_opened(world);
    size_t whole = world->message_size - 2; /* to the end of the last delimiter */
    for (size_t size = 1; size < world->message_size; size++) {
        enum unseal_answer answer = unseal_ask(world, world->message, size, &problem);
        count(&tally, answer, size, &problem);
        if ((answer == ANSWER_OPENED) != (size >= whole))
            fail_msg("cut off at %zu of %zu: %d, %s", size, world->message_size, (int)answer, problem.text);
    }
    print_message("# %zu refused, %zu not ours\n", tally.refused, tally.not_ours);
    assert_true(tally.refused > SMALL);
    expect_opened(world);
}

static void message_changed(void **state)
{
    struct unseal_world *world = *state;
    struct tally tally = {0};
    struct problem problem;
    unseal_make(world, SMALL);
    for (size_t at = 0; at < world->message_size; at++) {
        world->message[at] ^= (char)(1 << at % 8);
        count(&tally, unseal_ask(world, world->message, world->message_size, &problem), at, &problem);
        world->message[at] ^= (char)(1 << at % 8);
    }
    print_message("# %zu refused, %zu not ours, %zu opened\n", tally.refused, tally.not_ours, tally.opened);
    assert_true(tally.refused > SMALL);
    expect_opened(world);
}

/* With an armour that fits what it holds: what the checksum of the armour sees is left to gpg. */
static void ciphertext_changed(void **state)
{
    struct unseal_world *world = *state;
    struct tally tally = {0};
    struct problem problem;
    unseal_make(world, SMALL);
    for (size_t at = 0; at < world->binary_size; at += SWEEP_STEP) {
        world->binary[at] ^= (uint8_t)(1 << at % 8);
        unseal_wrap(world, world->binary, world->binary_size, NULL);
        count(&tally, unseal_ask(world, world->message, world->message_size, &problem), at, &problem);
        world->binary[at] ^= (uint8_t)(1 << at % 8);
    }
    print_message("# %zu refused, %zu not ours, %zu opened\n", tally.refused, tally.not_ours, tally.opened);
    assert_true(tally.not_ours <= 8 && tally.opened <= 1);
    unseal_wrap(world, world->binary, world->binary_size, NULL);
    expect_opened(world);
}

static void ciphertext_cut_off(void **state)
{
    struct unseal_world *world = *state;
    struct tally tally = {0};
    struct problem problem;
    unseal_make(world, SMALL);
    for (size_t size = 0; size < world->binary_size; size++) {
        unseal_wrap(world, world->binary, size, NULL);
        count(&tally, unseal_ask(world, world->message, world->message_size, &problem), size, &problem);
    }
    assert_int_equal(tally.refused, world->binary_size);
}

/* What is longer comes in parts (RFC 4880, 4.2.2.4): cut and changed where each begins. */
static void parts_of_a_large_one(void **state)
{
    struct unseal_world *world = *state;
    struct tally tally = {0};
    struct problem problem;
    unseal_make(world, LARGE);
    size_t at = 3 + (size_t)world->binary[1], n = 0;
    assert_int_equal(world->binary[0], 0x84);
    assert_int_equal(world->binary[at - 1], 0xd2);
    for (; world->binary[at] >= 224 && world->binary[at] < 255;
         at += 1 + ((size_t)1 << (world->binary[at] & 31)), n++) {
        for (size_t size = at - 1; size < at + 3; size++) {
            unseal_wrap(world, world->binary, size, NULL);
            count(&tally, unseal_ask(world, world->message, world->message_size, &problem), size, &problem);
        }
        for (unsigned bit = 0; bit < 8; bit++) {
            world->binary[at] ^= (uint8_t)(1U << bit);
            unseal_wrap(world, world->binary, world->binary_size, NULL);
            count(&tally, unseal_ask(world, world->message, world->message_size, &problem), at, &problem);
            world->binary[at] ^= (uint8_t)(1U << bit);
        }
    }
    assert_true(n > 5);
    assert_int_equal(tally.refused, n * 12);
    unseal_wrap(world, world->binary, world->binary_size, NULL);
    expect_opened(world);
}

static const struct CMUnitTest tests[] = {
    cmocka_unit_test(message_cut_off),      cmocka_unit_test(message_changed),
    cmocka_unit_test(ciphertext_cut_off),   cmocka_unit_test(ciphertext_changed),
    cmocka_unit_test(parts_of_a_large_one),
};

int main(void)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, unseal_setup, unseal_teardown);
}
