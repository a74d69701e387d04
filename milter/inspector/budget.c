/* SPDX-License-Identifier: Apache-2.0 */
#include "inspector/budget.h"

#include "base/clock.h"
#include "inspect/findings.h"

enum { QUESTIONS_A_LOOK = 64 };

static bool no(struct budget *budget, unsigned limit, const char *why)
{
    if (!budget->exhausted)
        budget->exhausted = why;
    budget->limits |= limit;
    return false;
}

static bool take(struct budget *budget, uint64_t *left, uint64_t size, const char *why)
{
    if (budget->exhausted)
        return false;
    if (*left < size)
        return no(budget, LIMIT_SIZE, why);
    *left -= size;
    return true;
}

static bool in_time(struct budget *budget)
{
    if (budget->exhausted)
        return false;
    bool left = clock_monotonic_ms() < budget->deadline_ms && clock_cpu_ms() < budget->cpu_ms;
    return left || no(budget, LIMIT_TIME, "takes too long to read");
}

int64_t budget_cpu_ms(uint64_t message_size)
{
    uint64_t megabytes = message_size / (1024 * 1024);
    if (megabytes > BUDGET_CPU_MAX_MS / BUDGET_CPU_MS)
        return BUDGET_CPU_MAX_MS;
    int64_t allowed_ms = BUDGET_CPU_FREE_MS + (int64_t)megabytes * BUDGET_CPU_MS;
    return allowed_ms < BUDGET_CPU_MAX_MS ? allowed_ms : BUDGET_CPU_MAX_MS;
}

void budget_open(struct budget *budget, uint64_t message_size, unsigned entries, unsigned depth_max,
                 int64_t deadline_ms)
{
    uint64_t bytes = BUDGET_BYTES_FREE;
    bytes += message_size < BUDGET_BYTES_MAX ? message_size * BUDGET_RATIO : BUDGET_BYTES_MAX;
    *budget = (struct budget){.bytes_left = bytes < BUDGET_BYTES_MAX ? bytes : BUDGET_BYTES_MAX,
                              .text_left = BUDGET_TEXT_MAX,
                              .entries_left = entries,
                              .depth_max = depth_max < BUDGET_DEPTH_MAX ? depth_max : BUDGET_DEPTH_MAX,
                              .deadline_ms = deadline_ms,
                              .cpu_ms = clock_cpu_ms() + budget_cpu_ms(message_size)};
}

bool budget_bytes(struct budget *budget, uint64_t size)
{
    return in_time(budget) && take(budget, &budget->bytes_left, size, "too much is packed in it");
}

bool budget_text(struct budget *budget, uint64_t size)
{
    return budget_time(budget) && take(budget, &budget->text_left, size, "too much text in it");
}

bool budget_entry(struct budget *budget)
{
    if (budget->exhausted)
        return false;
    if (!budget->entries_left)
        return no(budget, LIMIT_PARTS, "too many files in it");
    budget->entries_left--;
    return in_time(budget);
}

bool budget_time(struct budget *budget)
{
    if (budget->questions++ % QUESTIONS_A_LOOK)
        return !budget->exhausted;
    return in_time(budget);
}

bool budget_enter(struct budget *budget)
{
    if (budget->exhausted)
        return false;
    if (budget->depth >= budget->depth_max)
        return false;
    budget->depth++;
    return true;
}

void budget_leave(struct budget *budget)
{
    budget->depth--;
}
