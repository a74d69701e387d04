/* SPDX-License-Identifier: Apache-2.0 */

/* Every file of tests/corpus/documents. tests/corpus/documents/make writes them and expected.cases, and tells
 * the format. */

#include "document_pairs.h"

enum { ROWS_LEAST = 400 };

int main(void)
{
    static struct CMUnitTest tests[ROWS_MAX];
    size_t quiet, n = pairs_read("expected", tests, &quiet);
    (void)fprintf(stderr, "# %zu pairs, %zu of them show nothing\n", n, quiet);
    if (n < ROWS_LEAST)
        return 1;
    return _cmocka_run_group_tests("documents", tests, n, open_world, close_world);
}
