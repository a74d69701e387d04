/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_HELPER_HEAP_H
#define KHATM_HELPER_HEAP_H

/* The heap of a process that only forks from now on. What was freed while it warmed up lies scattered, and a
 * child that is given these pieces copies a page for nearly every one of them (measured: 30 of 100 pages).
 * Taken once in the template, all that a child allocates comes from one end and fresh pages. What the C
 * library keeps in lists of its own is not known elsewhere: without glibc, or with a sanitizer's allocator,
 * this does nothing. Single-threaded. */

/* In the template, last thing. Costs the memory of the holes, a few hundred kB. */
void heap_settle(void);

#endif
