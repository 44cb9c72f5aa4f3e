#include "runtime/approval.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

#include "base/buffer.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "runtime/record.h"

#define APPROVAL_SIZE_LIMIT ((size_t)16 * 1024 * 1024)
#define SIGNATURE_LENGTH 64 /* bytes; RFC 8032 */

static const char approval_sign_help[] =
    "have it approved again with: drehbuch approve RECORD --by NAME --key KEY.pem";

static const char *approval_write_hex(struct arena *arena, const unsigned char *bytes,
                                      size_t length)
{
    char *hex = arena_allocate(arena, 2 * length + 1);
    for (size_t i = 0; i < length; i++) {
        hex[2 * i] = "0123456789abcdef"[bytes[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[bytes[i] & 15];
    }
    return hex;
}

static bool approval_read_hex(const char *hex, unsigned char *bytes, size_t length)
{
    static const char digits[] = "0123456789abcdef";
    if (!hex || strlen(hex) != 2 * length || strspn(hex, digits) != 2 * length)
        return false;
    for (size_t i = 0; i < length; i++)
        bytes[i] = (unsigned char)((strchr(digits, hex[2 * i]) - digits) << 4 |
                                   (strchr(digits, hex[2 * i + 1]) - digits));
    return true;
}

/* What is signed: the approval without its signature. */
static void approval_write_signed_part(struct arena *arena, const struct value *approval,
                                       struct buffer *text)
{
    struct value *part = value_object(arena);
    for (size_t i = 0; i < value_count(approval); i++) {
        const struct value_member *member = &approval->as.object.members[i];
        if (strcmp(member->key, "signature") != 0)
            value_set(arena, part, member->key, member->value);
    }
    json_write(text, part, JSON_COMPACT);
}

static const struct error *approval_read_key(struct arena *arena, const char *path, bool private,
                                             EVP_PKEY **key)
{
    struct text text;
    const struct error *error = file_read(arena, path, APPROVAL_SIZE_LIMIT, &text);
    if (error)
        return error;
    BIO *memory = BIO_new_mem_buf(text.bytes, (int)text.length);
    if (memory)
        *key = private ? PEM_read_bio_PrivateKey(memory, NULL, NULL, "")
                       : PEM_read_bio_PUBKEY(memory, NULL, NULL, NULL);
    BIO_free(memory);
    if (*key && EVP_PKEY_get_id(*key) == EVP_PKEY_ED25519)
        return NULL;
    EVP_PKEY_free(*key);
    *key = NULL;
    return error_create(arena, OUTCOME_INVALID,
                        private ? "make one with: openssl genpkey -algorithm ed25519 -out KEY.pem"
                                : "make it with: openssl pkey -in KEY.pem -pubout -out KEY.pub.pem",
                        "%s holds no %s Ed25519 key in PEM form", path,
                        private ? "private" : "public");
}

static bool approval_sign_text(EVP_PKEY *key, const struct buffer *text, unsigned char *signature)
{
    size_t length = SIGNATURE_LENGTH;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context && EVP_DigestSignInit(context, NULL, NULL, NULL, key) == 1 &&
                EVP_DigestSign(context, signature, &length, (const unsigned char *)text->bytes,
                               text->length) == 1;
    EVP_MD_CTX_free(context);
    return good && length == SIGNATURE_LENGTH;
}

static bool approval_verify_text(EVP_PKEY *key, const struct buffer *text,
                                 const unsigned char *signature)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context && EVP_DigestVerifyInit(context, NULL, NULL, NULL, key) == 1 &&
                EVP_DigestVerify(context, signature, SIGNATURE_LENGTH,
                                 (const unsigned char *)text->bytes, text->length) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

static const struct error *approval_sign(struct arena *arena, struct value *approval,
                                         const char *key_path)
{
    EVP_PKEY *key = NULL;
    const struct error *error = approval_read_key(arena, key_path, true, &key);
    if (error)
        return error;
    unsigned char signature[SIGNATURE_LENGTH], public[32];
    size_t length = sizeof public;
    struct buffer text = {0};
    approval_write_signed_part(arena, approval, &text);
    bool good = approval_sign_text(key, &text, signature) &&
                EVP_PKEY_get_raw_public_key(key, public, &length) == 1;
    buffer_release(&text);
    EVP_PKEY_free(key);
    if (!good)
        return error_create(arena, OUTCOME_FAILED, NULL, "cannot sign with %s", key_path);
    struct value *object = value_object(arena);
    value_set(arena, object, "algorithm", value_string(arena, "ed25519"));
    value_set(arena, object, "key", value_string(arena, approval_write_hex(arena, public, length)));
    value_set(arena, object, "value",
              value_string(arena, approval_write_hex(arena, signature, sizeof signature)));
    value_set(arena, approval, "signature", object);
    return NULL;
}

/* Refuses where the customer refused. */
static const struct error *approval_check_acceptance(struct arena *arena,
                                                     const struct value *acceptance)
{
    for (size_t i = 0; i < value_count(acceptance); i++) {
        const struct value *result = value_item(acceptance, i);
        const char *status = value_get_string(result, "status");
        if (status && strcmp(status, "failed") == 0)
            return error_create(arena, OUTCOME_REFUSED, "mend it, rehearse and approve again",
                                "the customer did not accept \"%s\"",
                                value_get_string(result, "title"));
    }
    return NULL;
}

const struct error *approval_make(struct arena *arena, const struct approval_request *request,
                                  struct value **approval)
{
    struct value *record;
    struct digest digest;
    const struct error *error = record_load(arena, request->record_path, &record, &digest);
    if (error)
        return error;
    const char *objection = record_objection(record);
    if (objection)
        return error_create(arena, OUTCOME_REFUSED, "rehearse the plan again, to its end",
                            "the run %s cannot be approved, because %s",
                            value_get_string(record, "run"), objection);
    error = approval_check_acceptance(arena, request->acceptance);
    if (error)
        return error;
    struct value *made = value_object(arena);
    value_set(arena, made, "format", value_string(arena, APPROVAL_FORMAT));
    value_set(arena, made, "plan", value_get(record, "plan"));
    value_set(arena, made, "customer", value_get(record, "customer"));
    value_set(arena, made, "title", value_get(record, "title"));
    value_set(arena, made, "run", value_get(record, "run"));
    value_set(arena, made, "record", value_string(arena, arena_copy(arena, digest.hex)));
    value_set(arena, made, "by", value_string(arena, request->by));
    if (request->note)
        value_set(arena, made, "note", value_string(arena, request->note));
    value_set(arena, made, "at",
              value_string(arena, arena_copy(arena, clock_write(clock_now()).text)));
    value_set(arena, made, "acceptance", request->acceptance);
    *approval = made;
    return request->key_path ? approval_sign(arena, made, request->key_path) : NULL;
}

const struct error *approval_load(struct arena *arena, const char *path, struct value **approval,
                                  struct digest *digest)
{
    struct text text;
    const struct error *error = file_read(arena, path, APPROVAL_SIZE_LIMIT, &text);
    if (!error)
        error = json_read(arena, text, path, approval);
    if (error)
        return error;
    *digest = digest_bytes(text.bytes, text.length);
    const char *format = value_get_string(*approval, "format");
    const char *plan = value_get_string(*approval, "plan");
    const char *record = value_get_string(*approval, "record");
    if (format && strcmp(format, APPROVAL_FORMAT) == 0 && plan && digest_is_valid(plan) && record &&
        digest_is_valid(record) && value_get_string(*approval, "by"))
        return NULL;
    return error_create(arena, OUTCOME_INVALID, "make one with: drehbuch approve RECORD --by NAME",
                        "%s is no approval", path);
}

/* The key that the signature carries, which says nothing about whose it is. */
static const struct error *approval_read_carried_key(struct arena *arena,
                                                     const struct value *signature, EVP_PKEY **key)
{
    unsigned char public[32];
    *key = NULL;
    if (approval_read_hex(value_get_string(signature, "key"), public, sizeof public))
        *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public, sizeof public);
    if (*key)
        return NULL;
    return error_create(arena, OUTCOME_REFUSED, approval_sign_help,
                        "the approval's signature carries no key");
}

const struct error *approval_verify_signature(struct arena *arena, const struct value *approval,
                                              const char *const *key_paths, size_t key_count)
{
    const struct value *signature = value_get(approval, "signature");
    unsigned char bytes[SIGNATURE_LENGTH];
    if (!signature)
        return key_count == 0 ? NULL
                              : error_create(arena, OUTCOME_REFUSED, approval_sign_help,
                                             "the approval is not signed");
    if (!approval_read_hex(value_get_string(signature, "value"), bytes, sizeof bytes))
        return error_create(arena, OUTCOME_REFUSED, approval_sign_help,
                            "the approval's signature has not the form of one");
    struct buffer text = {0};
    approval_write_signed_part(arena, approval, &text);
    const struct error *error = NULL;
    bool good = false;
    for (size_t i = 0; (i < key_count || i == 0) && !good && !error; i++) {
        EVP_PKEY *key = NULL;
        error = key_count == 0 ? approval_read_carried_key(arena, signature, &key)
                               : approval_read_key(arena, key_paths[i], false, &key);
        good = !error && approval_verify_text(key, &text, bytes);
        EVP_PKEY_free(key);
    }
    buffer_release(&text);
    if (error || good)
        return error;
    return error_create(arena, OUTCOME_REFUSED, approval_sign_help,
                        "the approval was changed after it was signed, or signed with a key that "
                        "does not count here");
}

const struct error *approval_verify(struct arena *arena, const struct value *approval,
                                    const char *plan_digest, const struct value *record,
                                    const char *record_digest)
{
    static const char help[] = "rehearse and approve exactly this compiled plan";
    if (strcmp(value_get_string(approval, "plan"), plan_digest) != 0)
        return error_create(arena, OUTCOME_REFUSED, help,
                            "the approval is for another plan: for %.12s, this one is %.12s",
                            value_get_string(approval, "plan"), plan_digest);
    if (strcmp(value_get_string(approval, "record"), record_digest) != 0)
        return error_create(
            arena, OUTCOME_REFUSED, "name the record that was approved with --rehearsal",
            "the approval is for another record than this one, or the record was changed");
    if (strcmp(value_get_string(record, "plan"), plan_digest) != 0)
        return error_create(arena, OUTCOME_REFUSED, help, "the rehearsal was of another plan");
    const char *objection = record_objection(record);
    if (objection)
        return error_create(arena, OUTCOME_REFUSED, help,
                            "the rehearsal does not count, because %s", objection);
    return approval_check_acceptance(arena, value_get(approval, "acceptance"));
}
