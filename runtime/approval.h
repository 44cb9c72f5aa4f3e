/* The customer's go: a small JSON file that names a plan's digest and the record of its rehearsal.
 *
 * It may be signed with Ed25519: the signature covers the compact canonical form of the file
 * without `signature`. */
#ifndef RUNTIME_APPROVAL_H
#define RUNTIME_APPROVAL_H

#include "base/digest.h"
#include "base/error.h"
#include "base/value.h"

#define APPROVAL_FORMAT "drehbuch-approval/1"

struct approval_request {
    const char *record_path;
    const char *by;       /* who gives the go */
    const char *note;     /* or NULL */
    const char *key_path; /* private key (Ed25519, PEM), or NULL: not signed */
    struct value
        *acceptance; /* list of {area, title, status}; status is "passed", "failed" or "untried" */
};

/* Makes the approval of a successful rehearsal; refuses (OUTCOME_REFUSED) any other record, and one
 * of which the customer did not accept something. */
const struct error *approval_make(struct arena *arena, const struct approval_request *request,
                                  struct value **approval);

/* Reads an approval and checks its form; *digest is that of the file's bytes. */
const struct error *approval_load(struct arena *arena, const char *path, struct value **approval,
                                  struct digest *digest);

/* Whether the approval is signed by one of the public keys in these PEM files. Where none are named
 * an unsigned approval is good, and a signed one has to fit the key that it carries: then it is as
 * it was signed, by whomever. */
const struct error *approval_verify_signature(struct arena *arena, const struct value *approval,
                                              const char *const *key_paths, size_t key_count);

/* Whether it is for this plan and this record of a successful rehearsal. */
const struct error *approval_verify(struct arena *arena, const struct value *approval,
                                    const char *plan_digest, const struct value *record,
                                    const char *record_digest);

#endif
