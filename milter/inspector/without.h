/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECTOR_WITHOUT_H
#define KHATM_INSPECTOR_WITHOUT_H

/* khatm-inspector is one static program, and what its libraries link but never call in it is not there: GMime
 * registers types for GnuPG, S/MIME and GIO and can show A-labels as letters, GLib asks for users and
 * hosts, ICU can load plug-ins. The list without_khatm-inspector in the Makefile points those names here.
 * Were one called after all, it would find that there is nothing of the kind. */

/* Zero, whatever the caller takes it for: no object, no type, no user, nothing to free. */
void *without_object(void);
/* An error code of functions that return 0 when all is well. */
int without_success(void);

#endif
