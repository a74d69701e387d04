/* SPDX-License-Identifier: Apache-2.0 */
/* A file that somebody says is a key: no crash; what is taken for one begins with a public key and holds no
 * octet sequence that our own reader takes for a secret one, and the numbers in it can be read and judged. */
#include "sealer/key_file.h"
#include "sealer/key_flaw.h"
#include "sealer/packet.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct problem problem = {""};
    struct buffer key;
    buffer_init(&key, 0);
    if (key_file_read((struct span){bytes, size}, &key, &problem) == RESULT_OK) {
        struct span left = {(const uint8_t *)key.bytes, key.size}, body;
        unsigned tag = 0, keys = 0;
        while (packet_take(&left, &tag, &body)) {
            keys += tag == 6;
            if (tag == 5 || tag == 7 || !keys)
                abort();
        }
        struct buffer flaws;
        buffer_init(&flaws, 0);
        if (keys != 1 || left.size || key.size > size ||
            key_flaws_find((struct span){(const uint8_t *)key.bytes, key.size}, &flaws) != RESULT_OK ||
            flaws.size % sizeof(struct key_flaw))
            abort();
        buffer_free(&flaws);
    } else if (!problem.text[0]) {
        abort();
    }
    buffer_free(&key);
    return 0;
}
