#!/usr/bin/env bats
# In what two databases differ.

load helper

# All sorts of tables and types, and enough of Odoo's.
shape() {
    cat <<'SQL'
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN short AS varchar(9) CHECK (VALUE <> '');
CREATE TABLE every (id serial PRIMARY KEY, f4 real, f8 double precision, n numeric, m numeric(12, 2), b bigint, s smallint,
    t text, v varchar(30), c char(5), o boolean, d date, ts timestamp, tz timestamptz, ti time, iv interval, by bytea,
    j json, jb jsonb, ar int[], ta text[], r int4range, e mood, p pair, u uuid, i inet, x xml, q short, pt point);
INSERT INTO every (f4, f8, n, m, b, s, t, v, c, o, d, ts, tz, ti, iv, by, j, jb, ar, ta, r, e, p, u, i, x, q, pt)
    SELECT i / 7.0, i / 3.0, i / 3.0, i, i::bigint << 33, i, 'täxt ' || i, 'v' || i, 'c' || i % 9, i % 2 = 0,
        date '2020-01-01' + i, timestamp '2020-01-01' + i * interval '1 s', timestamptz '2020-01-01 00:00+02' + i * interval '1 s',
        time '10:00' + i * interval '1 s', i * interval '1 day 2 min', decode(md5(i::text), 'hex'), '{"a": [1, 2]}',
        jsonb_build_object('k', i), ARRAY[i, NULL], ARRAY['a"b', 'c,d'], int4range(i, i + 5), 'glad', ROW(i, 'x')::pair,
        md5(i::text)::uuid, '10.0.0.1', '<a/>', 'q' || i, point(i, 1) FROM generate_series(1, 50) i;
CREATE TABLE loose (a int, b text);
INSERT INTO loose SELECT i % 20, 'same' FROM generate_series(1, 100) i;
CREATE TABLE linked (left_id int, right_id text, note text, PRIMARY KEY (left_id, right_id));
INSERT INTO linked SELECT i, 'r' || i, 'n' || i FROM generate_series(1, 20000) i;
CREATE TABLE parted (id int PRIMARY KEY, t text) PARTITION BY RANGE (id);
CREATE TABLE parted_low PARTITION OF parted FOR VALUES FROM (0) TO (100);
CREATE TABLE parted_high PARTITION OF parted FOR VALUES FROM (100) TO (1000);
INSERT INTO parted SELECT i, 't' || i FROM generate_series(1, 200) i;
CREATE TABLE made (id int PRIMARY KEY, w int, h int, area int GENERATED ALWAYS AS (w * h) STORED);
INSERT INTO made SELECT i, i, 2 FROM generate_series(1, 10) i;
CREATE UNLOGGED TABLE quick (id int PRIMARY KEY, t text);
INSERT INTO quick VALUES (1, 'one');
CREATE SCHEMA "Odd ""schema";
CREATE TABLE "Odd ""schema"."Ta""ble x" ("Id%s" int PRIMARY KEY, "co'l $1" text);
INSERT INTO "Odd ""schema"."Ta""ble x" VALUES (1, 'it''s \ "so"'), (2, NULL);
CREATE TABLE nothing ();
CREATE TABLE empty (id serial PRIMARY KEY, t text DEFAULT 'x');
CREATE TABLE large (id serial PRIMARY KEY, a int, b numeric, t text, write_date timestamp);
INSERT INTO large (a, b, t, write_date) SELECT i % 7, i * 1.5, repeat(md5(i::text), 8), now() FROM generate_series(1, 30000) i;
CREATE VIEW seen AS SELECT id, t FROM empty;
CREATE MATERIALIZED VIEW summed AS SELECT left_id % 10 AS digit, count(*) AS n FROM linked GROUP BY 1;
CREATE UNIQUE INDEX summed_digit ON summed (digit);
CREATE INDEX parted_low_t ON parted_low (t);
ALTER TABLE parted_low ADD CONSTRAINT low_t CHECK (t <> '');
CREATE POLICY mine ON empty USING (id > 0);
CREATE RULE kept AS ON DELETE TO quick DO INSTEAD NOTHING;
CREATE AGGREGATE together(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0');
CREATE TYPE span AS RANGE (SUBTYPE = int);
CREATE FUNCTION twice(i int) RETURNS int LANGUAGE sql AS 'SELECT 2 * i';
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER touched BEFORE UPDATE ON empty FOR EACH ROW EXECUTE FUNCTION touch();
CREATE INDEX empty_t ON empty (t);
CREATE TABLE res_users (id serial PRIMARY KEY, login varchar UNIQUE, password varchar, active boolean);
INSERT INTO res_users (login, password, active) VALUES ('admin', 'old-secret', true), ('demo', 'x', true);
CREATE TABLE bus_bus (id serial PRIMARY KEY, message varchar);
SQL
}

setup_file() {
    start_server
    make_small_database x
    query x "DROP TABLE IF EXISTS res_users CASCADE"
    shape | psql -Xq -v ON_ERROR_STOP=1 -d "$(url x)"
    query postgres "CREATE DATABASE y TEMPLATE x"
}

teardown_file() {
    remove_server
}

setup() {
    cd "$BATS_TEST_TMPDIR"
    COPY=copy_$BATS_TEST_NUMBER
}

teardown() {
    PGOPTIONS='-c client_min_messages=warning' query postgres "DROP DATABASE IF EXISTS $COPY"
}

copy() {
    PGOPTIONS='-c client_min_messages=warning' query postgres "DROP DATABASE IF EXISTS $COPY"
    query postgres "CREATE DATABASE $COPY TEMPLATE x"
}

compare() {
    drehbuch compare "$(url x)" "$(url "$COPY")" "$@"
}

# differs SQL TEXT...: after the statement in the copy, one line has all of the texts.
differs() {
    local sql=$1 line text
    shift
    copy
    query "$COPY" "$sql"
    ends_with 1 compare
    [[ ${lines[0]} == different:* ]]
    for line in "${lines[@]}"; do
        for text in "$@"; do
            [[ $line == *"$text"* ]] || continue 2
        done
        return 0
    done
    printf 'after %s no line with: %s\nin:\n%s\n' "$sql" "$*" "$output" && false
}

# same SQL: the statement in the copy makes no difference.
same() {
    copy
    query "$COPY" "$1"
    ends_with 0 compare
    [[ ${lines[0]} == equal:* ]] || { echo "after $1: $output" && false; }
}

@test "a copy is equal, whatever the number of sessions" {
    for jobs in 1 4 9; do
        ends_with 0 drehbuch compare "$(url x)" "$(url y)" --jobs $jobs
        [[ ${lines[0]} == equal:* ]]
    done
    ends_with 0 drehbuch compare "$(url x)" "$(url y)" --strict --json
    [ "$(jq -c '[.equal, .tables, .unread]' <<<"$output")" = '[true,[],[]]' ]
}

@test "every difference of the schema is found, and told once" {
    differs "CREATE TABLE more (id int)" 'public.more  -  table'
    [[ $output != *public.more.id* ]]
    differs "DROP TABLE quick" 'public.quick  unlogged table  -'
    differs "ALTER TABLE quick SET LOGGED" 'public.quick  unlogged table  table'
    differs "ALTER TABLE every DROP COLUMN f4" 'public.every.f4  real  -'
    differs "ALTER TABLE every ALTER v TYPE varchar(40)" 'public.every.v' 'character varying(30)' 'character varying(40)'
    differs "ALTER TABLE empty ALTER t SET DEFAULT 'y'" 'public.empty.t' "'x'::text" "'y'::text"
    differs "ALTER TABLE loose ALTER a SET NOT NULL" 'public.loose.a' 'integer NOT NULL'
    differs "ALTER TABLE loose ADD CONSTRAINT positive CHECK (a >= 0)" 'public.loose: positive' 'CHECK ((a >= 0))'
    differs "ALTER TABLE linked DROP CONSTRAINT linked_pkey" 'public.linked: linked_pkey' 'PRIMARY KEY (left_id, right_id)'
    differs "DROP INDEX empty_t" 'public.empty_t' 'CREATE INDEX empty_t ON public.empty'
    differs "DROP TRIGGER touched ON empty" 'public.empty: touched' 'EXECUTE FUNCTION'
    differs "ALTER TABLE empty DISABLE TRIGGER touched" 'public.empty: touched' 'DISABLED'
    differs "ALTER SEQUENCE empty_id_seq INCREMENT 5" 'public.empty_id_seq' 'INCREMENT 1 ' 'INCREMENT 5 '
    differs "CREATE SEQUENCE other" 'public.other'
    differs "CREATE OR REPLACE VIEW seen AS SELECT id, upper(t) AS t FROM empty" '+' 'upper'
    differs "CREATE OR REPLACE FUNCTION twice(i int) RETURNS int LANGUAGE sql AS 'SELECT i + i'" '+' 'SELECT i + i'
    differs "ALTER TYPE mood ADD VALUE 'so so'" 'public.mood' "'so so'"
    differs "ALTER TABLE parted_low DROP CONSTRAINT low_t" 'public.parted_low: low_t' ' -'
    differs "DROP INDEX parted_low_t" 'public.parted_low_t' ' -'
    differs "ALTER TABLE parted_low ALTER t SET DEFAULT 'low'" 'public.parted_low.t' "'low'"
    differs "CREATE TRIGGER low BEFORE UPDATE ON parted_low FOR EACH ROW EXECUTE FUNCTION touch()" 'public.parted_low: low'
    differs "DROP INDEX summed_digit" 'public.summed_digit' ' -'
    differs "UPDATE linked SET left_id = -left_id WHERE left_id = 1; REFRESH MATERIALIZED VIEW summed" 'digit: -1, n: 1'
    differs "REFRESH MATERIALIZED VIEW summed WITH NO DATA" '+materialized view without data'
    differs "ALTER POLICY mine ON empty USING (id > 1)" 'public.empty: mine' '(id > 0)' '(id > 1)'
    differs "ALTER POLICY mine ON empty TO odoo" 'public.empty: mine' 'TO odoo'
    differs "ALTER TABLE empty ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY" 'public.empty' 'row security forced'
    differs "DROP RULE kept ON quick" 'public.quick: kept' ' -'
    differs "ALTER TABLE quick DISABLE RULE kept" 'public.quick: kept' 'DISABLED'
    differs "DROP AGGREGATE together(int); CREATE AGGREGATE together(int) (SFUNC = int4pl, STYPE = int, INITCOND = '1')" '+aggregate of int4pl over integer from 1'
    differs "DROP TYPE span; CREATE TYPE span AS RANGE (SUBTYPE = bigint)" 'public.span' 'range of integer' 'range of bigint'
    differs "ALTER DOMAIN short SET NOT NULL" 'public.short' 'NOT NULL'
    differs "ALTER DOMAIN short SET DEFAULT 'x'" 'public.short' "DEFAULT 'x'"
    differs "ALTER VIEW seen SET (security_barrier = true)" '+view WITH {security_barrier=true}'
    differs "CREATE SCHEMA extra" 'extra' ' -'
    differs "DROP TABLE parted_high" 'public.parted_high'
    differs "ALTER TABLE \"Odd \"\"schema\".\"Ta\"\"ble x\" ADD n int" 'Odd "schema.Ta"ble x.n  -  integer'
}

@test "every difference of values is found: table, key, column, both values" {
    local column
    while read -r column value shown; do
        differs "UPDATE every SET $column = $value WHERE id = 7" "7    $column " "$shown"
        [[ $output == *'1 row in 1 of '* ]] || { echo "$column: $output" && false; }
    done <<'VALUES'
f4 1.25 1.25
f8 -f8 -2.333333333333333
n -n -2.33
n 'NaN' NaN
m 7.01 7.01
b b+1 60129542145
b 4294967297 4294967297
s -7 -7
t 'täxt7' täxt7
t NULL NULL
v 'V7' V7
c 'x' x
o NULL NULL
d date'2021-05-05' 2021-05-05
d date'infinity' infinity
ts '2020-01-01T00:00:07.000001' 00:00:07.000001
tz tz+interval'1s' 2019-12-31
ti '10:00:08' 10:00:08
iv interval'P7DT15M' 00:15:00
by '\x00' \x00
j '{"a":[1,3]}' {"a":[1,3]}
jb '{"k":8}' {"k":
ar '{7,0}' {7,0}
ta '{x}' {x}
r '[7,13)' [7,13)
e 'sad' sad
p '(8,x)' (8,x)
u '00000000-0000-0000-0000-000000000000' 00000000-0000-0000
i '10.0.0.2' 10.0.0.2
x '<b/>' <b/>
q 'other' other
pt point(7,2) (7,2)
VALUES
}

@test "rows that are missing, more, or swapped; tables without keys, with two, in parts" {
    differs "DELETE FROM large WHERE id = 7777" 'public.large' '30000' '29999' ' 1'
    says '7777  (row)'
    differs "INSERT INTO large (id, t) VALUES (-5, 'below')" '-5   (row)' 'below'
    differs "UPDATE large SET a = CASE id WHEN 1 THEN 2 ELSE 1 END WHERE id IN (1, 2)" '2 rows in 1 of'
    differs "UPDATE linked SET note = 'other' WHERE left_id = 4321" '(4321, r4321)  note' 'n4321  other'
    says '1 row in 1 of'
    differs "DELETE FROM linked WHERE left_id = 5; UPDATE linked SET right_id = 'moved' WHERE left_id = 6" '3 rows in 1 of'
    differs "DELETE FROM loose WHERE ctid = (SELECT min(ctid) FROM loose WHERE a = 3)" 'public.loose' ' 1'
    says 'a: 3, b: same (5 times)'
    says 'a: 3, b: same (4 times)'
    differs "UPDATE parted SET t = 'other' WHERE id = 150" '150  t' 't150  other'
    says '1 row in 1 of'
    differs "UPDATE made SET h = 3 WHERE id = 4" '4    area' '8  12'
    differs "UPDATE quick SET t = 'two'" '1    t' 'one  two'
    differs "UPDATE \"Odd \"\"schema\".\"Ta\"\"ble x\" SET \"co'l \$1\" = E'a\nb' WHERE \"Id%s\" = 1" "1    co'l \$1" 'a b'
    differs "INSERT INTO empty (t) VALUES ('first')" 'public.empty' '0' '1'
    differs "UPDATE loose SET b = a::text" 'public.loose' '100'
}

@test "what is stored otherwise and says the same is equal" {
    same "CREATE TABLE l2 AS SELECT t, b, write_date, a, id FROM large ORDER BY random(); ALTER TABLE large RENAME TO l1;
        ALTER SEQUENCE large_id_seq OWNED BY NONE; DROP TABLE l1; ALTER TABLE l2 RENAME TO large;
        ALTER TABLE large ALTER id SET DEFAULT nextval('large_id_seq'), ALTER id SET NOT NULL, ADD CONSTRAINT large_pkey PRIMARY KEY (id);
        ALTER SEQUENCE large_id_seq OWNED BY large.id"
    same "UPDATE large SET write_date = now()"
    same "UPDATE every SET t = t"
    same "INSERT INTO bus_bus (message) VALUES ('x')"
    same "INSERT INTO ir_config_parameter (key, value) VALUES ('database.uuid', 'other')
        ON CONFLICT (key) DO UPDATE SET value = 'other'"
    same "ALTER DATABASE $COPY SET DateStyle = 'German'; ALTER DATABASE $COPY SET TimeZone = 'Asia/Tokyo';
        ALTER DATABASE $COPY SET extra_float_digits = -5; ALTER DATABASE $COPY SET bytea_output = 'escape';
        ALTER DATABASE $COPY SET IntervalStyle = 'iso_8601'; ALTER DATABASE $COPY SET search_path = 'pg_catalog'"
    same "CREATE SCHEMA drehbuch; CREATE TABLE drehbuch.receipt (run text)"
    same "SELECT nextval('empty_id_seq')"
    ends_with 1 compare --strict
    says 'public.empty_id_seq  not used yet  1'
}

@test "--ignore and --strict" {
    copy
    query "$COPY" "UPDATE large SET t = 'x' WHERE id = 1; UPDATE every SET s = 99 WHERE id = 1; UPDATE large SET write_date = NULL"
    ends_with 1 compare
    says '2 rows in 2 of'
    ends_with 1 compare --ignore large.t
    says '1 row in 1 of'
    ends_with 0 compare --ignore 'lar*' --ignore public.every.s
    ends_with 1 compare --ignore '*.t' --ignore '*.s' --strict
    says '30000 rows in 1 of'
    # A key that is left out is none.
    copy
    query "$COPY" "ALTER TABLE large DROP CONSTRAINT large_pkey; UPDATE large SET id = -id; ALTER TABLE large ADD PRIMARY KEY (id); UPDATE large SET t = 'x' WHERE id = -7"
    ends_with 1 compare --ignore large.id
    says '2 rows in 1 of' # without a key it is one row less and one more
    # What Odoo has under names is made of columns, too.
    copy
    query "$COPY" "UPDATE ir_config_parameter SET value = 'other' WHERE key = 'web.base.url'"
    ends_with 0 compare --ignore ir_config_parameter.value
    ends_with 0 compare --ignore ir_config_parameter
    query "$COPY" "DELETE FROM ir_config_parameter WHERE key = 'web.base.url'"
    ends_with 1 compare --ignore ir_config_parameter.value
    says 'of the parameters only the names were compared: --ignore'
    ends_with 1 compare --ignore ir_config_parameter.value --json
    [ "$(jq -c '.sections.parameters | [.names_only, .different[0].name]' <<<"$output")" = '[true,"web.base.url"]' ]
}

@test "what Odoo has is compared by its names" {
    differs "UPDATE res_users SET active = false WHERE login = 'demo'" 'demo  active  inactive'
    differs "UPDATE ir_module_module SET state = 'uninstalled' WHERE name = 'base'" 'base  installed' 'uninstalled'
    differs "UPDATE ir_config_parameter SET value = 'http://y' WHERE key = 'web.base.url'" 'web.base.url' 'http://y'
    differs "DELETE FROM ir_config_parameter WHERE key = 'web.base.url'" 'web.base.url' ' -'
}

@test "secrets are not shown, neither in tables nor as JSON" {
    copy
    query "$COPY" "UPDATE res_users SET password = 'new-secret' WHERE id = 1;
        INSERT INTO res_users (login, password, active) VALUES ('more', 'third-secret', true);
        INSERT INTO ir_config_parameter (key, value) VALUES ('acme.api_key', 'fourth-secret');
        UPDATE large SET t = 'https://user:fifth-secret@host/' WHERE id = 1;
        CREATE OR REPLACE FUNCTION twice(i int) RETURNS int LANGUAGE sql AS 'SELECT 3 * i -- ftp://me:sixth-secret@host'"
    for format in '' --json; do
        ends_with 1 compare $format
        says '********'
        says_not secret
    done
}

@test "of several things of one name only those that differ do; many rows of a key of two columns" {
    copy
    query "$COPY" "CREATE TABLE IF NOT EXISTS ir_model (id serial, model varchar, name jsonb, transient boolean); CREATE TABLE ir_model_access (id serial, name varchar, model_id int, group_id int, perm_read bool, perm_write bool, perm_create bool, perm_unlink bool);
        CREATE TABLE IF NOT EXISTS res_groups (id serial, name varchar);
        INSERT INTO ir_model_access (name, perm_read, perm_write, perm_create, perm_unlink) VALUES ('access', true, false, false, false),
            ('access', true, true, false, false), ('access', true, true, true, false), ('access', true, true, true, true)"
    query postgres "CREATE DATABASE ${COPY}_2 TEMPLATE $COPY"
    query "${COPY}_2" "DELETE FROM ir_model_access WHERE id = 1; UPDATE linked SET note = 'z'"
    run drehbuch compare "$(url "$COPY")" "$(url "${COPY}_2")" --rows 10000
    query postgres "DROP DATABASE ${COPY}_2"
    [ "$status" -eq 1 ]
    [[ ${lines[0]} == *'1 difference in the access rules'* ]]
    [[ ${lines[0]} == *'20001 rows in 2 of'* ]]
    says_not 'could not be compared'
    grep -q '(1, r1) *note' <<<"$output"
}

@test "rows are limited, and their number is told all the same" {
    copy
    query "$COPY" "UPDATE large SET a = -1 WHERE id % 300 = 0"
    ends_with 1 compare --rows 3
    says '100 rows in 1 of'
    says 'the first 3 of 100 rows'
    ends_with 1 compare --rows 0
    says_not 'the first'
    ends_with 2 compare --rows many
    ends_with 2 compare --jobs 0
}

@test "another encoding of the same texts is no difference" {
    query postgres "CREATE DATABASE $COPY TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C'"
    shape | PGCLIENTENCODING=UTF8 psql -Xq -v ON_ERROR_STOP=1 -d "$(url "$COPY")"
    query postgres "CREATE DATABASE ${COPY}_utf TEMPLATE template0"
    shape | psql -Xq -v ON_ERROR_STOP=1 -d "$(url "${COPY}_utf")"
    run drehbuch compare "$(url "${COPY}_utf")" "$(url "$COPY")" --ignore large.write_date
    query "$COPY" "UPDATE every SET t = 'taxt 9' WHERE id = 9"
    local equal=$status told=$output
    run drehbuch compare "$(url "${COPY}_utf")" "$(url "$COPY")"
    query postgres "DROP DATABASE ${COPY}_utf"
    [ "$equal" -eq 0 ] || { echo "$told" && false; }
    [ "$status" -eq 1 ]
    says '9    t       täxt 9  taxt 9'
}

@test "a table that must not be read is named, and the others are compared" {
    copy
    query "$COPY" "UPDATE quick SET t = 'two'"
    psql -XqAt -v ON_ERROR_STOP=1 -d "$(url "$COPY" | sed 's/user=odoo/user=postgres/')" \
        -c 'ALTER TABLE large OWNER TO postgres' -c 'REVOKE ALL ON large FROM odoo'
    ends_with 1 compare
    says 'public.large  no right to read it in Y'
    says '1 thing could not be compared'
    says 'one  two'
}

@test "servers that are not there, names that are none, usage" {
    ends_with 1 drehbuch compare "$(url nowhere)" "$(url y)"
    says 'nowhere'
    ends_with 1 drehbuch compare "$(url x)" 'postgresql://odoo:hidden@/y?host=/nowhere'
    says 'Y, y'
    says_not hidden
    ends_with 3 drehbuch compare none.yaml "$(url y)"
    ends_with 2 drehbuch compare "$(url x)"
    ends_with 2 drehbuch compare 'postgresql://%zz' "$(url x)"
}

@test "a database that goes away meanwhile, and Ctrl-C" {
    copy
    query "$COPY" "CREATE FUNCTION slow(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN PERFORM pg_sleep(30); RETURN 1; END';
        CREATE TABLE zz_slow (id int PRIMARY KEY, t text); INSERT INTO zz_slow VALUES (1, 'x');"
    query postgres "CREATE DATABASE ${COPY}_2 TEMPLATE $COPY"
    # Somebody holds the table, so that the comparison waits.
    psql -Xq -d "$(url "$COPY")" -c 'BEGIN; LOCK TABLE zz_slow; SELECT pg_sleep(30)' >/dev/null 2>&1 3>&- &
    wait_for 5 sh -c "psql -XqAt -d '$(url "$COPY")' -c \"SELECT 1 FROM pg_locks WHERE mode = 'AccessExclusiveLock' AND relation = 'zz_slow'::regclass\" | grep 1"
    drehbuch compare "$(url "${COPY}_2")" "$(url "$COPY")" >told.txt 2>&1 3>&- &
    local pid=$!
    wait_for 5 sh -c "psql -XqAt -d '$(url postgres)' -c \"SELECT 1 FROM pg_stat_activity WHERE application_name = 'drehbuch compare' AND wait_event_type = 'Lock'\" | grep 1"
    kill -INT $pid
    local code=0
    wait $pid || code=$?
    [ $code -eq 130 ] || { echo "exit code $code: $(cat told.txt)" && false; }
    grep -q interrupted told.txt
    drehbuch compare "$(url "${COPY}_2")" "$(url "$COPY")" >told.txt 2>&1 3>&- &
    pid=$!
    wait_for 5 sh -c "psql -XqAt -d '$(url postgres)' -c \"SELECT 1 FROM pg_stat_activity WHERE application_name = 'drehbuch compare' AND wait_event_type = 'Lock'\" | grep 1"
    query postgres "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'drehbuch compare' AND datname = '$COPY'"
    code=0
    wait $pid || code=$?
    [ $code -eq 1 ] || { echo "exit code $code: $(cat told.txt)" && false; }
    grep -q "Y, $COPY" told.txt
    query postgres "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '$COPY'"
    query postgres "DROP DATABASE ${COPY}_2"
}

@test "Ctrl-C while a server does not answer" {
    # A listener that never says anything.
    python3 -c 'import socket, time
server = socket.socket(); server.bind(("127.0.0.1", 0)); server.listen()
open("port", "w").write(str(server.getsockname()[1])); time.sleep(30)' 3>&- &
    local listener=$! code=0
    wait_for 5 test -s port
    drehbuch compare "$(url x)" "postgresql://odoo@127.0.0.1:$(cat port)/y?sslmode=disable" >told.txt 2>&1 3>&- &
    local pid=$!
    wait_for 5 sh -c "psql -XqAt -d '$(url postgres)' -c \"SELECT 1 FROM pg_stat_activity WHERE application_name = 'drehbuch compare' AND state = 'idle in transaction'\" | grep 1"
    SECONDS=0
    kill -INT $pid
    wait $pid || code=$?
    kill $listener
    [ $code -eq 130 ] && [ $SECONDS -le 5 ] || { echo "exit code $code after $SECONDS s: $(cat told.txt)" && false; }
}

@test "secrets of an environment are not shown, wherever they are" {
    copy
    query "$COPY" "UPDATE quick SET t = 'a sesame-street b'; INSERT INTO quick VALUES (2, 'sesame-street')"
    cat >there.yaml <<ENVIRONMENT
version: 1
environment: there
mode: test
source: { database: { url: "$(url x)", password: { env: SOURCE_PASSWORD } } }
work: { database: "$(url "$COPY")" }
ENVIRONMENT
    SOURCE_PASSWORD=sesame-street run "$DREHBUCH" compare there.yaml:source there.yaml:work
    [ "$status" -eq 1 ]
    says '1    t'
    says_not sesame-street
}

@test "environments and runs are databases, too" {
    query postgres "CREATE DATABASE source TEMPLATE x"
    write_plan <<<'fixes: { "18.0": [{ id: one, sql: "UPDATE quick SET t = $$run$$" }] }'
    WORK=work_compare write_environment here test
    drehbuch run plan.json -e here.yaml >run.txt 2>&1 || { cat run.txt && false; }
    ends_with 0 drehbuch compare here.yaml here.yaml:source
    ends_with 1 drehbuch compare here.yaml here.yaml:work
    says 'X  source (source of here)'
    says 'Y  work_compare (working database of here)'
    says 'one  run'
    ends_with 0 drehbuch compare here.yaml:work runs/latest
    query postgres "ALTER DATABASE work_compare RENAME TO published"
    ends_with 0 drehbuch compare "$(url published)" runs/latest
    says 'published (of the run'
    ends_with 3 drehbuch compare "$(url published)" .
    query postgres "DROP DATABASE published"
    ends_with 3 drehbuch compare "$(url x)" runs/latest
    says 'no database on the server is the result of the run'
    query postgres "DROP DATABASE source"
}

@test "--as-upgrade: kept, renamed, vanished, new, grown" {
    copy
    ends_with 0 compare --as-upgrade
    [[ ${lines[0]} == complete:* ]]
    query "$COPY" "DROP TABLE nothing; CREATE TABLE arrived (id int); INSERT INTO large (t) VALUES ('more');
        ALTER TABLE every DROP COLUMN f4, ADD f5 int; UPDATE ir_module_module SET latest_version = '19.0.1.0' WHERE name = 'base'"
    ends_with 0 compare --as-upgrade
    says 'tables: '
    [[ $output == *public.nothing*vanished*0* ]]
    [[ $output == *public.arrived*new* ]]
    [[ $output == *public.large*kept*30000*30001*+1* ]]
    [[ $output == *public.every*f4*vanished*50* ]]
    [[ $output == *base*installed*19.0.1.0* ]]
    query "$COPY" "DROP TABLE quick"
    ends_with 1 compare --as-upgrade
    [[ ${lines[0]} == 'incomplete: 1 table with rows vanished'* ]]
    # What had rows comes first.
    [[ $(grep -m 1 vanished$ <<<"$output" || grep -m 1 'public\..*vanished' <<<"$output") == *public.quick* ]]
    ends_with 1 compare --as-upgrade --json
    [ "$(jq -c '[.complete, .upgrade.tables[0].x, .upgrade.tables[0].rows_x]' <<<"$output")" = '[false,"public.quick",1]' ]
}

@test "--as-upgrade: a table that lost all its rows is lost, dialogs are not" {
    copy
    query "$COPY" "DROP TABLE IF EXISTS ir_model CASCADE; CREATE TABLE ir_model (id int PRIMARY KEY, model varchar, transient boolean);
        INSERT INTO ir_model VALUES (900, 'every', true), (901, 'quick', false)"
    query postgres "CREATE DATABASE ${COPY}_2 TEMPLATE $COPY"
    query "${COPY}_2" "TRUNCATE every; DROP MATERIALIZED VIEW summed"
    run drehbuch compare "$(url "$COPY")" "$(url "${COPY}_2")" --as-upgrade
    local transient=$status told=$output
    query "${COPY}_2" "CREATE TABLE whole (LIKE linked) PARTITION BY RANGE (left_id); ALTER TABLE whole ATTACH PARTITION linked DEFAULT"
    run drehbuch compare "$(url "$COPY")" "$(url "${COPY}_2")" --as-upgrade
    local partition=$status
    query "${COPY}_2" "TRUNCATE quick; ALTER TABLE loose RENAME TO gone"
    run drehbuch compare "$(url "$COPY")" "$(url "${COPY}_2")" --as-upgrade
    query postgres "DROP DATABASE ${COPY}_2"
    [ "$transient" -eq 0 ]
    [ "$partition" -eq 0 ] # linked is a part of another table now
    [[ $told == *public.every*'emptied, transient'* ]]
    [ "$status" -eq 1 ]
    [[ ${lines[0]} == 'incomplete: 1 table with rows vanished, 1 table lost all rows'* ]]
    says 'public.quick'
    [[ $output == *public.quick*emptied*1*0* ]]
}

@test "--as-upgrade: what Odoo knows to be renamed, and nothing else" {
    copy
    query "$COPY" "DROP TABLE IF EXISTS ir_model CASCADE; DROP TABLE IF EXISTS ir_model_fields CASCADE;
        CREATE TABLE ir_model (id int PRIMARY KEY, model varchar);
        CREATE TABLE ir_model_fields (id int PRIMARY KEY, model varchar, name varchar);
        INSERT INTO ir_model VALUES (900, 'acme.old'), (901, 'every'), (902, 'quick');
        INSERT INTO ir_model_fields VALUES (1, 'acme.old', 'title'), (2, 'every', 't'), (3, 'every', 'v');
        CREATE TABLE acme_old (id int PRIMARY KEY, title text); INSERT INTO acme_old VALUES (1, 'x')"
    query postgres "CREATE DATABASE ${COPY}_2 TEMPLATE $COPY"
    query "${COPY}_2" "ALTER TABLE acme_old RENAME TO acme_new; ALTER TABLE acme_new RENAME title TO name;
        UPDATE ir_model SET model = 'acme.new' WHERE id = 900;
        UPDATE ir_model_fields SET model = 'acme.new', name = 'name' WHERE id = 1;
        ALTER TABLE every RENAME t TO text; ALTER TABLE quick RENAME TO quicker"
    run drehbuch compare "$(url "$COPY")" "$(url "${COPY}_2")" --as-upgrade
    query postgres "DROP DATABASE ${COPY}_2"
    [ "$status" -eq 1 ]
    says 'public.acme_old -> public.acme_new  renamed'
    says 'title -> name  renamed'
    says '1 table with rows vanished' # quick: nothing says that it became quicker
    [[ $output == *public.every*t*vanished* ]]
}

@test "a real database, restored twice" {
    dump=${DREHBUCH_DUMPS:-$tests/../../shared/odoo}/acme_18.dump
    [ -f "$dump" ] || skip "no $dump"
    "$tests/server" restore "$PLACE/pg" "$dump" acme_one
    "$tests/server" restore "$PLACE/pg" "$dump" acme_two
    ends_with 0 drehbuch compare "$(url acme_one)" "$(url acme_two)" --strict
    query acme_two "UPDATE res_partner SET email = 'new@example.com' WHERE id = 1;
        DELETE FROM res_groups_users_rel WHERE (gid, uid) = (SELECT gid, uid FROM res_groups_users_rel ORDER BY 1, 2 LIMIT 1);
        INSERT INTO res_currency_rate (name, rate, currency_id, company_id) VALUES ('1999-01-01', 2, 1, 1)"
    ends_with 1 drehbuch compare "$(url acme_one)" "$(url acme_two)"
    says '3 rows in 3 of'
    says '1 difference in the groups of users'
    says 'new@example.com'
    ends_with 0 drehbuch compare "$(url acme_one)" "$(url acme_two)" --as-upgrade
    query postgres "DROP DATABASE acme_one"
    query postgres "DROP DATABASE acme_two"
}
