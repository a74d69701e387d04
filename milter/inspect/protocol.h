/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_INSPECT_PROTOCOL_H
#define KHATM_INSPECT_PROTOCOL_H

/* What daemon and inspector say to each other, in the frames of helper/wire.h; docs/helper-protocol.md tells
 * the order. Numbers are part of the protocol: add at the end, never renumber. Both ends come from one build,
 * so there is no negotiation beyond the wire version. */

enum inspect_frame {
    INSPECT_READY = 1,    /* template to daemon, once */
    INSPECT_JOB = 2,      /* daemon to template; descriptors: message, result socket */
    INSPECT_FINDINGS = 3, /* child to daemon, any number */
    INSPECT_SETUP = 5,    /* daemon to template, first and once; descriptor: what to look for, or none */
    INSPECT_END = 4, /* child to daemon, last; may hold findings too. Without it the answer is incomplete */
};

enum inspect_tag {
    /* of a job, all numbers */
    JOB_SIZE = 1,     /* of the message, bytes */
    JOB_DEPTH = 2,    /* levels of nesting */
    JOB_PARTS = 3,    /* entities */
    JOB_MEMORY = 4,   /* address space of the child, bytes */
    JOB_DEADLINE = 5, /* milliseconds from now */
    JOB_BOTH = 6,     /* of khatm-reader: not 0: says first what khatm-inspector would, END included */

    /* of findings: FOUND_PART opens a part by its path, and what follows belongs to it; a path that was
     * opened before is continued: its flags are added, other values replace what was said. */
    FOUND_PART = 32,
    FOUND_NAME = 33,
    FOUND_DECLARED = 34,
    FOUND_KIND = 35,
    FOUND_WHY = 36,
    FOUND_FLAGS = 37,       /* number: PART_* */
    FOUND_SIZE = 38,        /* number */
    FOUND_SHA256 = 39,      /* 32 bytes */
    FOUND_LEVEL = 40,       /* number: 0 to FINDING_LEVEL_MAX; the highest stays */
    FOUND_CAVEATS = 41,     /* number: finding_caveat; added to those before */
    FOUND_MARKING = 42,     /* text; any number up to INSPECT_MARKINGS_MAX a part */
    FOUND_REFERENCE = 43,   /* text; any number up to INSPECT_REFERENCES_MAX a part */
    FOUND_TEXT_SHA256 = 44, /* 32 bytes */
    FOUND_SKETCH = 45,      /* at most INSPECT_SKETCH_MAX bytes */
    /* FOUND_ADDRESS_FIELD says where the addresses after it stood. */
    FOUND_ADDRESS_FIELD = 48, /* number: enum address_field */
    FOUND_ADDRESS = 49,
    FOUND_N_FROM = 50, /* number */
    FOUND_FROM_ODD = 51,
    FOUND_AMBIGUOUS = 52,  /* text: why */
    FOUND_LIMITS = 53,     /* number: LIMIT_* */
    FOUND_MARKS = 54,      /* number: enum inspect_mark */
    FOUND_INCOMPLETE = 55, /* text: why the message was not read to its end */
};

enum inspect_mark { MARK_RESENT = 1, MARK_NESTED = 2, MARK_AUTO_FORWARDED = 4 };

/* Longest texts, in bytes; what is longer is cut by the sender and refused by the receiver. */
enum {
    INSPECT_PATH_MAX = 512,
    INSPECT_NAME_MAX = 255,
    INSPECT_TYPE_MAX = 127,
    INSPECT_WHY_MAX = 160,
    INSPECT_ADDRESS_MAX = 1024,
    INSPECT_ADDRESSES_MAX = 4000,
    INSPECT_MARKING_MAX = 96,
    INSPECT_MARKINGS_MAX = 16,
    INSPECT_REFERENCE_MAX = 64,
    INSPECT_REFERENCES_MAX = 16,
    INSPECT_SKETCH_MAX = 6 * 1024, /* of hashes of 6 bytes */
};

#endif
