/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_IDN_H
#define KHATM_INSPECTOR_IDN_H

/* What GMime asks libidn2 for, by ICU, which is in the static khatm-inspector anyway: a domain as A-labels
 * (RFC 5891, UTS 46 non-transitional, as libidn2 does it by default). The Makefile points libidn2's names
 * here; khatm-reader has the library. Names that are ASCII and hold no A-label come back in lower case,
 * unchecked, as they match nothing that they do not match as they are. */

/* 0: *ascii_out is for idn_free. Anything else: not a domain that can be written so. The flags are ignored.
 */
int idn_to_ascii(const char *domain, char **ascii_out, int flags);
void idn_free(void *ascii);

#endif
