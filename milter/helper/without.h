/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_HELPER_WITHOUT_H
#define KHATM_HELPER_WITHOUT_H

/* khatm-inspector and khatm-sealer are static programs, khatm-reader has GMime in it, and what their
 * libraries link but never call in them is not there: GMime registers types for GnuPG, S/MIME and GIO and can
 * show A-labels as letters, GLib and GPGME ask for users and hosts, ICU can load plug-ins. The lists
 * without_PROGRAM in the Makefile point those names here. Were one called after all, it would find that there
 * is nothing of the kind. */

/* Zero, whatever the caller takes it for: no object, no type, no user, nothing to free. */
void *without_object(void);
/* An error code of functions that return 0 when all is well. */
int without_success(void);

#endif
