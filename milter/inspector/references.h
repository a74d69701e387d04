/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_REFERENCES_H
#define KHATM_INSPECTOR_REFERENCES_H

/* Which parts the message's HTML shows at a place of its own: "cid:" links (RFC 2392), found in decoded bytes
 * that come in pieces, compared with Content-ID by a hash. The first REFERENCES_MAX count. No allocation. */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { REFERENCES_MAX = 64, REFERENCE_ID_MAX = 250 };

struct references {
    unsigned n;
    uint64_t hashes[REFERENCES_MAX];
};

struct reference_scan {
    unsigned matched; /* characters of "cid:" */
    bool in_id;
    size_t size;
    char id[REFERENCE_ID_MAX];
};

void reference_scan_init(struct reference_scan *scan);
void reference_scan_feed(struct reference_scan *scan, const char *bytes, size_t size,
                         struct references *into);
/* Of a Content-ID field's value, <> taken off; 0: none. */
uint64_t reference_hash_of_field(const char *value, size_t size);
bool references_have(const struct references *references, uint64_t hash);

#endif
