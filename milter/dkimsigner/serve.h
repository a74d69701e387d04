/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_DKIMSIGNER_SERVE_H
#define KHATM_DKIMSIGNER_SERVE_H

/* One message after the other, as dkimsign/protocol.h says, until the control socket closes. The body is read
 * from its descriptor in blocks: memory does not grow with it. Each message has a timer that ends the
 * process. One thread. */

#include "dkimsigner/sign.h"

enum { KEYS_MAX = 16 };

struct serve_keys {
    struct dkimsigner *signer;
    struct signing_key keys[KEYS_MAX];
    size_t n_keys;
};

/* RESULT_OK: the control socket closed. */
enum result dkimsigner_serve(int control, const struct serve_keys *keys, struct problem *problem) MUST_USE;
/* Says why it does not serve. */
void dkimsigner_excuse(int control, const char *why);

#endif
