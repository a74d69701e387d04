/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KHATM_SEAL_PROTOCOL_H
#define KHATM_SEAL_PROTOCOL_H

/* What khatmd and khatm-sealer say to each other, over helper/wire.h: one request, one SEAL_REPLY at its end.
 * SEAL_REPLY carries SEAL_TAG_RESULT (enum result) and, unless that is RESULT_OK, SEAL_TAG_PROBLEM.
 * docs/helper-protocol.md specifies frames and tags for a second implementation. Numbers of frames and tags
 * are never reused. */

/* khatm-sealer's last argument, where messages that nobody signs may go to a gpg that stays. */
#define SEAL_RESIDENT "resident"

enum seal_frame {
    /* Fills the (empty, private) working ring named on the command line with the wanted keys of the admin's
     * ring. Descriptor: a file of fingerprints, each 40 digits and a line feed. SOURCE, COUNT of them,
     * BUDGET. Reply: COUNT, the keys that are in the ring now. With CERTIFIERS, their number, and a second
     * such file: also every key of the source that one of these certified for an address. With SECRETS the
     * ring is one to open with: it holds the keys of that home, too, and uses their secret halves where they
     * are. */
    SEAL_BUILD_RING = 1,
    /* Every key of the working ring. BUDGET. Reply: one SEAL_KEY a key, then SEAL_REPLY with COUNT. */
    SEAL_LIST = 2,
    /* Seals one message. Descriptors: message, inner header section, output. BODY_OFFSET, BODY_SIZE,
     * BOUNDARY, HIDE, BUDGET, then as many FINGERPRINT as KEY_ID (the subkeys gpg must encrypt to); SIGNER
     * when it is to be signed. Reply: BODY_SIZE, CIPHERTEXT_SIZE, SHA256, KEY_ID... as found in the
     * ciphertext, SIGNER as gpg told it; on failure ABOUT when gpg refuses one of the keys. */
    SEAL_MESSAGE = 3,
    /* Is this file signed by this key? In RING, an empty private directory that serves for nothing else.
     * Descriptors: file, detached signature, public key. FINGERPRINT, BUDGET. Reply: FINGERPRINT, CREATED,
     * EXPIRES, KEY_EXPIRES; RESULT_BAD_INPUT: it is not, ABOUT says what of. */
    SEAL_CHECK = 4,
    /* Reads one public key from a file into RING, an empty private directory that serves for nothing else.
     * Descriptor: the file. BUDGET. Reply: FINGERPRINT; RESULT_BAD_INPUT: it is not one public key. With
     * CERTIFIERS and a second file as above, these keys come in first, from SOURCE. LIST then tells of it. */
    SEAL_READ_KEY = 5,
    /* Merges the key that was read into the admin's home. SOURCE is that home, FINGERPRINT, BUDGET. */
    SEAL_TAKE_KEY = 6,
    /* Writes a key of the ring to a file. Descriptor: the file, empty. FINGERPRINT, ARMOUR, BUDGET. Reply:
     * unless it is armoured, ADDRESS for each user id that has one; RESULT_NOT_FOUND: it is not there. With
     * ADDRESS only the user id with that address goes along, and of the signatures on it those by this key
     * and by the further FINGERPRINTs. */
    SEAL_GIVE_KEY = 7,
    /* Opens one message in a ring to open with. Descriptors: message, output, header fields. SIZE of the
     * message, LIMIT, BUDGET, and FINGERPRINT where the registry pins a key for its sender. Reply: STATE, and
     * for what was opened BODY_OFFSET, SIZE, FIELDS and SHA256; RESULT_BAD_INPUT: sealed for us and not to be
     * taken for it, PROBLEM says why. */
    SEAL_OPEN = 8,
    /* From now on the working ring signs, too: SOURCE is the home that holds the key, FINGERPRINT its primary
     * key, BUDGET. Once, after SEAL_LIST. Reply: SIGNER and KEY_EXPIRES; RESULT_BAD_INPUT: that key does not
     * do, PROBLEM and FAULT say what of it, KEY_EXPIRES since when where it has ended. */
    SEAL_ADD_SIGNER = 9,
    SEAL_REPLY = 64,
    /* FINGERPRINT, FLAGS, CREATED, EXPIRES, REVOKED, USER_ID, for each address that a certifier vouches for
     * ADDRESS, CERTIFIER, CERTIFIED_UNTIL, then for the primary key and for each subkey
     * that may encrypt: KEY_ID, FLAGS, CREATED, EXPIRES, BITS, ALGORITHM; KEY_ID begins the next one. */
    SEAL_KEY = 65,
};

enum seal_tag {
    SEAL_TAG_RESULT = 1,
    SEAL_TAG_PROBLEM = 2,
    SEAL_TAG_BUDGET = 3, /* milliseconds after which the sealer ends itself and its group */
    SEAL_TAG_SOURCE = 4,
    SEAL_TAG_FINGERPRINT = 5, /* 40 upper-case hexadecimal digits of a primary key */
    SEAL_TAG_COUNT = 6,
    SEAL_TAG_BODY_OFFSET = 7,
    SEAL_TAG_BODY_SIZE = 8,
    SEAL_TAG_BOUNDARY = 9,
    SEAL_TAG_HIDE = 10, /* 1: key ids are not to be shown */
    SEAL_TAG_KEY_ID = 11,
    SEAL_TAG_CIPHERTEXT_SIZE = 12,
    SEAL_TAG_SHA256 = 13,
    SEAL_TAG_FLAGS = 14,
    SEAL_TAG_CREATED = 15, /* seconds since 1970 */
    SEAL_TAG_EXPIRES = 16, /* seconds since 1970; 0: never */
    SEAL_TAG_REVOKED = 17, /* seconds since 1970; 0: not told */
    SEAL_TAG_USER_ID = 18,
    SEAL_TAG_BITS = 19,
    SEAL_TAG_ALGORITHM = 20,
    SEAL_TAG_ABOUT = 21,           /* enum seal_about */
    SEAL_TAG_KEY_EXPIRES = 22,     /* seconds since 1970; 0: never */
    SEAL_TAG_ARMOUR = 23,          /* 1: as text */
    SEAL_TAG_CERTIFIERS = 24,      /* how many */
    SEAL_TAG_ADDRESS = 25,         /* of a user id */
    SEAL_TAG_CERTIFIER = 26,       /* fingerprint of the primary key that certified it */
    SEAL_TAG_CERTIFIED_UNTIL = 27, /* seconds since 1970; 0: without end */
    SEAL_TAG_SECRETS = 32,         /* path of the home that holds the secret keys */
    SEAL_TAG_SIZE = 33,
    SEAL_TAG_LIMIT = 34,  /* most bytes that may come out */
    SEAL_TAG_STATE = 35,  /* 1 not for us, 2 opened and unsigned, 3 opened and signed by FINGERPRINT */
    SEAL_TAG_FIELDS = 36, /* how many header fields */
    SEAL_TAG_SIGNER = 37, /* 40 upper-case hexadecimal digits of the very key, or subkey, that signs */
    SEAL_TAG_FAULT = 38,  /* enum seal_fault */
    SEAL_TAG_FLAW = 39,   /* enum seal_flaw, of a key or subkey; not there: none */
};

enum seal_about { SEAL_ABOUT_SIGNATURE = 1, SEAL_ABOUT_KEY = 2, SEAL_ABOUT_RECIPIENT = 3 };

/* What is wrong with the key that is to sign. */
enum seal_fault {
    SEAL_FAULT_NONE = 0,
    SEAL_FAULT_HOME = 1,    /* its home holds no keys that we may read */
    SEAL_FAULT_MISSING = 2, /* not in that home */
    SEAL_FAULT_REVOKED = 3,
    SEAL_FAULT_EXPIRED = 4,
    SEAL_FAULT_SECRET = 5, /* its secret half is not there, or not ours to read */
    SEAL_FAULT_USE = 6,    /* not a key that signs */
    SEAL_FAULT_WEAK = 7,
    SEAL_FAULT_FAILS = 8, /* it was tried */
    SEAL_FAULT_LAST = SEAL_FAULT_FAILS,
};

/* What is wrong with the numbers in a key. */
enum seal_flaw {
    SEAL_FLAW_NONE = 0,
    SEAL_FLAW_FORM = 1,          /* they cannot be read */
    SEAL_FLAW_EXPONENT = 2,      /* of RSA: 0, 1 or even */
    SEAL_FLAW_LONG_EXPONENT = 3, /* of RSA: more than 256 bits */
    SEAL_FLAW_FACTOR = 4,        /* an RSA modulus with a factor that is found at once */
    SEAL_FLAW_LOW_ORDER = 5,     /* a point from which every secret leads to the same */
    SEAL_FLAW_LAST = SEAL_FLAW_LOW_ORDER,
};

enum seal_key_flag {
    SEAL_KEY_REVOKED = 1,
    SEAL_KEY_DISABLED = 2,
    SEAL_KEY_INVALID = 4, /* gpg finds no valid self-signature */
    SEAL_KEY_ENCRYPTS = 8,
    SEAL_KEY_RSA = 16,
    SEAL_KEY_CURVE = 32, /* neither of the two: DSA, Elgamal or unknown */
    SEAL_KEY_PRIMARY = 64,
};

enum {
    SEAL_RECIPIENTS_MAX = 900, /* keys of one message: what fits a frame */
    SEAL_SUBKEYS_MAX = 64,
    SEAL_BOUNDARY_MAX = 70, /* RFC 2046, 5.1.1 */
    SEAL_INNER_HEADER_MAX = 1024 * 1024,
    SEAL_INNER_FIELDS_MAX = 4000, /* of a message that is opened: 1,000, as often as the field can be told */
    SEAL_PATH_MAX = 1024,
    SEAL_USER_ID_MAX = 127,
    SEAL_ALGORITHM_MAX = 23,
    SEAL_ADDRESS_MAX = 254, /* RFC 5321, 4.5.3.1.3 */
    SEAL_PERSONS_MAX = 8,   /* addresses of one key */
    SEAL_FINGERPRINT_SIZE = 40,
    SEAL_RING_KEYS_MAX = 20000,
    SEAL_KEY_FILE_MAX = 1024 * 1024,        /* of SEAL_READ_KEY */
    SEAL_CHECK_FILE_MAX = 16 * 1024 * 1024, /* of SEAL_CHECK: file, signature and key */
    /* Least growth of a payload in a version 1 "integrity protected" packet (RFC 4880, 5.13) without
     * compression: version 1, random prefix of the shortest cipher block 8 + 2, literal packet 2 + 6, MDC 22.
     */
    SEAL_OVERHEAD_MIN = 41,
    /* And of a signature inside: the one-pass packet (RFC 4880, 5.4), 2 + 13; a version 4 signature (5.2.3)
     * as gpg makes it, with two curve numbers of which leading zeroes may be gone. */
    SEAL_SIGNATURE_MIN = 15 + 96,
};

#endif
