/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_READERS_FURNITURE_H
#define KHATM_READERS_FURNITURE_H

/* Files that programs put into archives and packages for themselves, in nearly all that they make: to call
 * each of them unread would make ordinary archives unread. Known by name, by their first bytes and by being
 * small; anything else of these names is handed on. */

#include <stdbool.h>
#include <stddef.h>

/* name: as it stands in the archive, NULL: none. */
bool furniture_is(const char *name, const void *bytes, size_t size);

#endif
