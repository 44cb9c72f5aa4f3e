/* What `database.copy` copies, and the statements that make the copy. */
#include <stdlib.h>
#include <string.h>

#include "runtime/checkpoint/list.h"
#include "runtime/postgres/marker.h"
#include "runtime/steps/database_copy_private.h"

/* From some size on, copying the files is faster than writing all pages into the log; it costs two
 * checkpoints, which a small database is not worth. */
#define FILE_COPY_FROM ((int64_t)64 * 1024 * 1024)

struct copy_source copy_find_source(const struct step_run *step)
{
    const struct run *run = step->run;
    const struct database_address *address = &run->environment->source;
    if (run->checkpoint)
        return (struct copy_source){.address = &run->environment->work,
                                    .name = run->checkpoint->database,
                                    .is_checkpoint = true};
    return (struct copy_source){.address = address, .name = address->name};
}

const struct error *copy_source_missing(struct arena *arena, const struct copy_source *source)
{
    return error_create(arena, OUTCOME_FAILED, "check the environment's `source`",
                        "the source database \"%s\" does not exist", source->name);
}

/* to_jsonb: the columns are there from PostgreSQL 15 and 16 on; one has another name from 17 on. */
static const char ask_source[] =
    "SELECT " SERVER_IDENTITY ", current_setting('server_version_num'), pg_database_size(d.oid), "
    "pg_encoding_to_char(d.encoding), d.datcollate, d.datctype, "
    "coalesce(to_jsonb(d) ->> 'datlocprovider', 'c'), "
    "coalesce(to_jsonb(d) ->> 'datlocale', to_jsonb(d) ->> 'daticulocale', ''), "
    "coalesce(to_jsonb(d) ->> 'daticurules', ''), "
    "coalesce((SELECT string_agg(format('%s from %s (%s)', who, place, number), ', ') FROM ("
    "SELECT coalesce(nullif(a.application_name, ''), 'somebody') AS who, "
    "coalesce(host(a.client_addr), 'the server itself') AS place, count(*) AS number "
    "FROM pg_stat_activity a WHERE a.datid = d.oid AND a.backend_type = 'client backend' "
    "GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2) AS connected), '') "
    "FROM pg_database d WHERE d.datname = $1";

void copy_ask_source(struct conversation *conversation, const struct copy_source *source,
                     conversation_next *next)
{
    conversation_ask(conversation, ask_source, 1, &source->name, next);
}

static const char *copy_take(struct arena *arena, const struct session_answer *answer, int column)
{
    return arena_copy(arena, PQgetvalue(answer->result, 0, column));
}

void copy_read_source(struct arena *arena, const struct session_answer *answer,
                      struct copy_source *source)
{
    source->server = copy_take(arena, answer, 0);
    source->version = (int)strtol(PQgetvalue(answer->result, 0, 1), NULL, 10);
    source->size = strtoll(PQgetvalue(answer->result, 0, 2), NULL, 10);
    source->encoding = copy_take(arena, answer, 3);
    source->collate = copy_take(arena, answer, 4);
    source->ctype = copy_take(arena, answer, 5);
    source->provider = copy_take(arena, answer, 6);
    source->locale = copy_take(arena, answer, 7);
    source->rules = copy_take(arena, answer, 8);
    source->connected = copy_take(arena, answer, 9);
}

/* " LOCALE_PROVIDER icu ICU_LOCALE 'de-CH'"; "" where libc sorts. */
static const char *copy_write_locale(struct conversation *conversation,
                                     const struct copy_source *source)
{
    struct arena *arena = conversation_step(conversation)->arena;
    if (strcmp(source->provider, "b") == 0)
        return arena_format(arena, " LOCALE_PROVIDER builtin BUILTIN_LOCALE %s",
                            conversation_quote(conversation, source->locale));
    if (strcmp(source->provider, "i") != 0)
        return "";
    const char *locale = arena_format(arena, " LOCALE_PROVIDER icu ICU_LOCALE %s",
                                      conversation_quote(conversation, source->locale));
    if (!source->rules[0])
        return locale;
    return arena_format(arena, "%s ICU_RULES %s", locale,
                        conversation_quote(conversation, source->rules));
}

/* The first version that knows what the source's locale is made of. */
static int copy_version_of_locale(const struct copy_source *source)
{
    if (strcmp(source->provider, "b") == 0)
        return 17;
    if (source->rules[0])
        return 16;
    return strcmp(source->provider, "i") == 0 ? 15 : 0;
}

const char *copy_write_empty(struct conversation *conversation, const struct copy_source *source,
                             const char *name, int version, const struct error **error)
{
    struct arena *arena = conversation_step(conversation)->arena;
    int needed = copy_version_of_locale(source);
    if (version / 10000 < needed) {
        *error = error_create(
            arena, OUTCOME_FAILED, "work on a server of at least the source's version",
            "the source sorts by a locale (%s) that only PostgreSQL %d and newer ones know; the "
            "working database's server is %d",
            source->locale, needed, version / 10000);
        return NULL;
    }
    return arena_format(arena,
                        "CREATE DATABASE %s TEMPLATE template0 ENCODING %s LC_COLLATE %s "
                        "LC_CTYPE %s%s",
                        conversation_quote_identifier(conversation, name),
                        conversation_quote(conversation, source->encoding),
                        conversation_quote(conversation, source->collate),
                        conversation_quote(conversation, source->ctype),
                        copy_write_locale(conversation, source));
}

const char *copy_write_template(struct conversation *conversation, const struct copy_source *source,
                                const char *name, int version)
{
    const char *strategy = "";
    if (version >= 150000) /* before, files were copied */
        strategy = source->size < FILE_COPY_FROM ? " STRATEGY wal_log" : " STRATEGY file_copy";
    return arena_format(conversation_step(conversation)->arena, "CREATE DATABASE %s TEMPLATE %s%s",
                        conversation_quote_identifier(conversation, name),
                        conversation_quote_identifier(conversation, source->name), strategy);
}
