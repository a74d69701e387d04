/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_CONFIG_SCAN_H
#define KHATM_CONFIG_SCAN_H

/* A first look at a file before the parser: finds what libconfuse takes in silence or reports at the wrong
 * line (a string, comment or brace that never closes is reported where it begins), and bytes that a person
 * cannot see. Pure but for *problem. */

#include "base/result.h"
#include "config/source.h"

enum result scan_source(const struct source *source, struct problem *problem) MUST_USE;

#endif
