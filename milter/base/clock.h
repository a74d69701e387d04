/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_BASE_CLOCK_H
#define KHATM_BASE_CLOCK_H

/* Two clocks, never mixed: the monotonic one for deadlines (a jump of the wall clock must not hang or fail a
 * message), the wall clock for what people read. Thread-safe. */

#include <stdint.h>

int64_t clock_monotonic_ms(void);
/* Processor time that this process has used. */
int64_t clock_cpu_ms(void);
/* Milliseconds since 1970-01-01 UTC. */
int64_t clock_wall_ms(void);
/* Milliseconds left until a monotonic instant, never negative, at most INT_MAX: fit for poll(2). */
int clock_left_ms(int64_t deadline_ms);
/* "2026-11-21T21:34:05Z" for seconds since 1970. `text` holds 21 bytes. */
void clock_format_utc(int64_t seconds, char text[21]);

#endif
