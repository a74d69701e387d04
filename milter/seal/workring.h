/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEAL_WORKRING_H
#define KHATM_SEAL_WORKRING_H

/* One generation of the working ring: a private directory ring-XXXXXX under the work directory, and the keys
 * in it. Shared by reference: the sealer holds the current one, each slot the one its process runs on; the
 * directory goes with the last reference. A lock (flock) on the directory tells other processes that it is in
 * use, so that those of daemons that died can be removed and those of living ones are left alone.
 * Thread-safe. */

#include "seal/client.h"
#include "seal/pins.h"
#include "seal/protocol.h"

struct workring;

/* What a ring was made from, to see whether making another is worth it. */
struct ring_stamp {
    uint64_t values[40];
};

/* Makes the work directory (0700) when only its last part is missing, and removes rings that nobody holds. */
enum result workring_prepare(const char *work_directory, struct problem *problem) MUST_USE;

/* Makes the directory, fills it by a sealer process of its own, reads its keys and tries each. Blocking;
 * bounded by deadline_ms, and for the trial by what seal/trial.h allows. A key that cannot sign is no
 * failure: workring_signer knows it; nor are keys that could not be tried: workring_trouble does. */
enum result workring_new(const struct sealing_settings *settings, const struct pins *pins,
                         int64_t deadline_ms, struct workring **ring_out, struct problem *problem) MUST_USE;
struct workring *workring_ref(struct workring *ring);
void workring_unref(struct workring *ring);

const char *workring_path(const struct workring *ring);
struct key_table *workring_keys(const struct workring *ring);
/* Why no key of it could be tried, so that each is KEY_UNKNOWN; NULL: they were. */
const char *workring_trouble(const struct workring *ring);
/* Who signs in it, if anybody. */
const struct signer *workring_signer(const struct workring *ring);
/* The admin's rings and gpg are still what they were when this one was made, and whoever counts now was tried
 * then. */
bool workring_is_current(const struct workring *ring, const struct sealing_settings *settings);

/* A private directory of the same kind, empty, for other short work of a sealer. *lock_out says that it is in
 * use. workring_remove takes both back. */
enum result workring_make_directory(const char *work_directory, char path_out[SEAL_PATH_MAX + 1],
                                    int *lock_out, struct problem *problem) MUST_USE;
void workring_remove(const char *path, int *lock);

#endif
