/* SPDX-License-Identifier: Apache-2.0 */

/* Scans of the corpus when khatm-ocr reads letters: what letters say is added, and what was unread stays so.
 * Then what strangers send instead of scans. */

#include "document_pairs.h"

enum { DAMAGES = 12 };

static int open_reading_letters(void **state)
{
    settings.ocr = (struct ocr_settings){.languages = "fra+ara",
                                         .program = KHATM_BUILD_DIR "/khatm-ocr",
                                         .data = "/usr/share/tesseract-ocr/5/tessdata",
                                         .workers = 2,
                                         .deadline_ms = 60 * 1000,
                                         .memory = (uint64_t)512 << 20};
    return open_world(state);
}

/* Cut and garbled, from its first octets to its last: unread, the message complete, and the next scan is read
 * as if nothing had been. */
static void damaged_scans(void **state)
{
    static const char *const scans[] = {"scan-ar-katum.png", "scan-menu.tiff", "scan-menu.pdf",
                                        "scan-menu.jpg"};
    (void)state;
    for (size_t i = 0; i < sizeof scans / sizeof *scans; i++)
        for (size_t step = 0; step < DAMAGES; step++) {
            spoil = step % 2 ? SPOIL_CUT : SPOIL_FLIP;
            spoil_share = step * 100 / DAMAGES;
            put_file(scans[i]);
            const struct findings *findings = run(fixture);
            struct summary summary = {0};
            sum_up(findings, "2", &summary);
            assert_true(findings->complete);
            assert_true(summary.flags & PART_UNREAD);
        }
    spoil = SPOIL_NOT;
}

int main(void)
{
    static struct CMUnitTest tests[ROWS_MAX];
    size_t quiet, n = pairs_read("letters", tests, &quiet);
    (void)fprintf(stderr, "# %zu scans, %zu of them show nothing\n", n, quiet);
    tests[n++] = (struct CMUnitTest){.name = "damaged scans", .test_func = damaged_scans};
    return n > 1 ? _cmocka_run_group_tests("scans", tests, n, open_reading_letters, close_world) : 1;
}
