/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_BASE_VERSION_H
#define KHATM_BASE_VERSION_H

/* What --version of every program says. Raised with a release; formats that outlive a release (journal, JSON
 * reports, wire protocol) carry numbers of their own. */

#define KHATM_VERSION "0.1.0"

#endif
