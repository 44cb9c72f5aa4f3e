#!/usr/bin/env bats
# Copies of databases: on one server, from one server to another, and what may come in between.

load helper

DUMPS=${DREHBUCH_DUMPS:-$BATS_TEST_DIRNAME/../../../shared/odoo}
FIX='fixes: { "18.0": [{ id: x, sql: SELECT 1 }] }'

setup_file() {
    export FAR_PORT=$((20000 + RANDOM % 20000))
    start_server
    "$tests/server" start "$PLACE/far" --no-fsync --tcp "$FAR_PORT" --tls
    make_small_database source
    psql -Xq -v ON_ERROR_STOP=1 -d "$(url source)" -f "$BATS_TEST_DIRNAME/copy.sql" >"$PLACE/made.txt" ||
        { cat "$PLACE/made.txt" && false; }
}

teardown_file() {
    "$tests/server" remove "$PLACE/far"
    remove_server
}

setup() {
    enter_folder
    write_plan <<<"$FIX"
}

teardown() {
    end_children
    if mountpoint -q "$PLACE/small"; then
        "$tests/server" remove "$PLACE/small/pg" && umount "$PLACE/small"
    fi
}

far() {
    "$tests/server" url "$PLACE/far" "$1"
}

far_tcp() {
    "$tests/server" tcp-url "$PLACE/far" "$1"
}

# as_superuser URL: the same address for the role postgres.
as_superuser() {
    sed 's/user=odoo/user=postgres/' <<<"$1"
}

ask() {
    psql -XqAt -v ON_ERROR_STOP=1 -d "$1" -c "$2"
}

# write_here SOURCE WORK [LINE]...: an environment between two addresses.
write_here() {
    cat >here.yaml <<ENVIRONMENT
version: 1
environment: here
mode: test
source: { database: $1 }
work: { database: $2 }
backup: false
ENVIRONMENT
    shift 2
    printf '%s\n' "$@" >>here.yaml
}

secret_address() {
    printf '{ url: "%s", password: { env: FAR_PASSWORD } }' "$1"
}

schema() {
    pg_dump --schema-only --no-owner --no-acl --exclude-schema=drehbuch "$1" | grep -vE '^\\(un)?restrict '
}

# What neither the content's hash nor the schema tells.
details() {
    ask "$1" "SELECT * FROM first_level ORDER BY 1; SELECT * FROM a_second_level;
        SELECT relname, relispopulated FROM pg_class WHERE relkind = 'm' ORDER BY 1;
        SELECT md5(lo_get(4711));
        SELECT 'never', last_value, is_called FROM never_called UNION ALL SELECT 'called', last_value, is_called FROM called
        UNION ALL SELECT 'to be', last_value, is_called FROM \"to be \"\"called\"\"\"
        UNION ALL SELECT 'identity', last_value, is_called FROM generated_id_seq ORDER BY 1"
}

# same URL URL: both databases hold the same.
same() {
    diff <("$tests/content-hash" "$1" --with-times) <("$tests/content-hash" "$2" --with-times)
    diff <(schema "$1") <(schema "$2")
}

same_in_detail() {
    same "$1" "$2"
    diff <(details "$1") <(details "$2")
    # Statistics are there, and what was copied needs no vacuum.
    [ "$(ask "$2" "SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p', 'm') AND reltuples < 0 AND relname <> 'unpopulated'
        AND relnamespace = 'public'::regnamespace")" = 0 ]
    [ "$(ask "$2" "SELECT relallvisible > 0 FROM pg_class WHERE relname = 'large'")" = t ]
}

effects() {
    jq -c 'select(.event == "step-ended" and .step == "prepare/copy-database") | .effects' runs/latest/journal.jsonl
}

run_here() {
    ends_with "${1:-0}" drehbuch run plan.json -e here.yaml
}

@test "by template: the same, with a name of its own in test mode alone" {
    write_here "$(url source)" "$(url "$WORK")"
    run_here
    [ "$(effects | jq -r .method)" = template ]
    [ "$(effects | jq -r .reason)" = 'source and work are on one server, and nobody is connected' ]
    same "$(url source)" "$(url "$WORK")"
    diff <(details "$(url source)") <(details "$(url "$WORK")")
    local key="SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'"
    [ "$(query source "$key")" != "$(query "$WORK" "$key")" ]
    [[ $(query "$WORK" "$key") =~ ^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$ ]]
    sed -i "s/mode: test/mode: production/; s,/$WORK?,/${WORK}_p?," here.yaml
    ends_with 0 drehbuch run plan.json -e here.yaml --unapproved test
    [ "$(query source "$key")" = "$(query "${WORK}_p" "$key")" ]
}

@test "a source that is in use is streamed, and the reason says who uses it" {
    PGAPPNAME='a shop' psql -Xq -d "$(url source)" -c 'SELECT pg_sleep(60)' 3>&- &
    wait_for 5 eval '[ "$(query postgres "SELECT count(*) FROM pg_stat_activity WHERE application_name = '"'a shop'"'")" = 1 ]'
    write_here "$(url source)" "$(url "$WORK")"
    run_here
    [ "$(effects | jq -r .method)" = stream ]
    [ "$(effects | jq -r .reason)" = 'connected to the source: a shop from the server itself (1)' ]
    same_in_detail "$(url source)" "$(url "$WORK")"
    # What was set for the time of copying is gone.
    [ "$(query postgres "SELECT count(*) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
        WHERE datname = '$WORK'")" = 0 ]
    if ls runs/latest/schema* 2>/dev/null; then false; fi
    query postgres "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'a shop'"
}

@test "to another server by its socket" {
    write_here "$(url source)" "$(far "$WORK")" 'limits: { jobs: 4 }'
    "$tests/content-hash" "$(url source)" --with-times >before
    run_here
    [ "$(effects | jq -r .reason)" = 'source and work are on two servers' ]
    same_in_detail "$(url source)" "$(far "$WORK")"
    diff before <("$tests/content-hash" "$(url source)" --with-times)
}

@test "to another server and back by TCP, with TLS and a password" {
    export FAR_PASSWORD=odoo
    write_here "$(url source)" "$(secret_address "$(far_tcp "$WORK")")" 'limits: { jobs: 3 }'
    run_here
    [ "$(PGPASSWORD=odoo ask "$(far_tcp "$WORK")" 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')" = t ]
    same_in_detail "$(url source)" "$(far "$WORK")"
    write_here "$(secret_address "$(far_tcp "$WORK")")" "$(url "$WORK")"
    run_here
    same_in_detail "$(url source)" "$(url "$WORK")"
    if grep -rqw PGPASSWORD runs; then false; fi
    # The certificate counts.
    FAR_PASSWORD=wrong run_here 1
    says 'password authentication failed'
    sed -i "s,far%2Fca.crt,pg%2Fno-such.crt," here.yaml
    run_here 1
    says 'no-such.crt'
}

@test "encoding and locale are kept" {
    local name="latin_$WORK"
    query postgres "CREATE DATABASE $name TEMPLATE template0 ENCODING latin1 LC_COLLATE 'C' LC_CTYPE 'C'"
    psql -Xq -v ON_ERROR_STOP=1 -d "$(url "$name")" -f "$tests/../plans/acme/demo-database.sql"
    query "$name" "CREATE TABLE words (word text); INSERT INTO words VALUES ('Zürich'), (E'Café\t\\\\'), ('ÿ')"
    write_here "$(url "$name")" "$(far "$WORK")"
    run_here
    same "$(url "$name")" "$(far "$WORK")"
    local how="SELECT pg_encoding_to_char(encoding), datcollate, datctype FROM pg_database WHERE datname = current_database()"
    [ "$(ask "$(far "$WORK")" "$how")" = 'LATIN1|C|C' ]
    query postgres "DROP DATABASE $name"
}

@test "a locale that the other server lacks is told" {
    local name="odd_$WORK"
    query postgres "CREATE DATABASE $name TEMPLATE source"
    # As if another machine had made it.
    psql -Xq -d "$(as_superuser "$(url postgres)")" -c "UPDATE pg_database SET datcollate = 'xx_YY.UTF-8' WHERE datname = '$name'"
    write_here "$(url "$name")" "$(far "$WORK")"
    run drehbuch run plan.json -e here.yaml
    [ "$status" -eq 1 ]
    says 'xx_YY.UTF-8'
    psql -Xq -d "$(as_superuser "$(url postgres)")" -c "DROP DATABASE $name"
}

@test "the database's own settings come along, those of a role do not" {
    local name="set_$WORK"
    query postgres "CREATE DATABASE $name TEMPLATE source"
    query postgres "ALTER DATABASE $name SET search_path = public, \"other \"\"schema\"\"\", \"\$user\";
        ALTER DATABASE $name SET statement_timeout = '90s'; ALTER DATABASE $name SET application_name = 'it''s = a shop';
        ALTER ROLE odoo IN DATABASE $name SET work_mem = '8MB'"
    psql -Xq -d "$(as_superuser "$(url postgres)")" -c "ALTER DATABASE $name SET log_min_messages = 'log'"
    write_here "$(url "$name")" "$(far "$WORK")"
    run_here
    says 'log_min_messages is not taken over'
    diff <(query postgres "SELECT unnest(setconfig) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
        WHERE datname = '$name' AND setrole = 0" | grep -v log_min) <(ask "$(far postgres)" "SELECT unnest(setconfig)
        FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase WHERE datname = '$WORK'")
    write_here "$(url "$name")" "$(url "$WORK")"
    run_here
    [ "$(effects | jq -r .method)" = template ]
    [ "$(query "$WORK" 'SHOW statement_timeout')" = 90s ]
    query postgres "DROP DATABASE $name"
}

@test "other roles' rights are not taken over, and named" {
    local name="acl_$WORK"
    query postgres "CREATE DATABASE $name TEMPLATE source"
    psql -Xq -d "$(as_superuser "$(url "$name")")" -c "CREATE ROLE reporting; GRANT SELECT ON res_partner TO reporting"
    write_here "$(url "$name")" "$(far "$WORK")"
    run_here
    says 'the rights of other roles are not taken over'
    says 'reporting'
    query "$name" "REVOKE SELECT ON res_partner FROM reporting"
    psql -Xq -d "$(as_superuser "$(url postgres)")" -c "DROP DATABASE $name" -c "DROP ROLE reporting"
}

@test "preflight names extensions that the other server lacks" {
    local name="ext_$WORK"
    query postgres "CREATE DATABASE $name TEMPLATE source"
    # As if a package had brought it to this server only.
    psql -Xq -d "$(as_superuser "$(url "$name")")" -c "INSERT INTO pg_extension (oid, extname, extowner, extnamespace,
        extrelocatable, extversion) SELECT 99999, 'vector', 10, oid, false, '1' FROM pg_namespace WHERE nspname = 'public'" \
        -c 'CREATE EXTENSION dblink'
    write_here "$(url "$name")" "$(far "$WORK")"
    run_here 1
    says "work's server lacks extensions of the source: vector"
    if begun prepare/copy-database; then false; fi
    psql -Xq -d "$(as_superuser "$(url "$name")")" -c "DELETE FROM pg_extension WHERE extname = 'vector'"
    run_here 1
    says 'only a superuser can create these extensions'
    says dblink
    psql -Xq -d "$(as_superuser "$(url postgres)")" -c "DROP DATABASE $name"
}

@test "preflight tells that client programs are missing" {
    [ "$(id -u)" -eq 0 ] || skip 'hiding them takes the right to mount'
    unshare -m true 2>/dev/null || skip 'this machine does not let root have mounts of its own'
    write_here "$(url source)" "$(far "$WORK")"
    mkdir empty
    ends_with 1 unshare -m bash -c 'mount --bind empty /usr/lib/postgresql && exec drehbuch run plan.json -e here.yaml'
    says 'no pg_dump and pg_restore of at least this version were found'
    says 'postgresql-client-15'
    if begun prepare/copy-database; then false; fi
}

@test "preflight tells that there is no room" {
    write_here "$(url source)" "$(as_superuser "$(far "$WORK")")" 'limits: { free_disk: 8000000TB }'
    run_here 1
    says 'the copy needs some'
}

@test "with fewer connections than jobs the copy goes on, with none it says so" {
    # One for the lock, and some for those that are just ending.
    local name="few_$WORK"
    psql -Xq -d "$(as_superuser "$(far postgres)")" -c "CREATE ROLE $name LOGIN CREATEDB CONNECTION LIMIT 4" \
        -c "GRANT USAGE ON SCHEMA public TO $name"
    write_here "$(url source)" "$(far "$WORK" | sed "s/user=odoo/user=$name/")" 'limits: { jobs: 6 }'
    run_here
    says 'of 6 jobs found a connection'
    same_in_detail "$(url source)" "$(as_superuser "$(far "$WORK")")"
    psql -Xq -d "$(as_superuser "$(far postgres)")" -c "ALTER ROLE $name CONNECTION LIMIT 0"
    run_here 1
    says 'too many connections'
}

@test "what fails in one table names it, and leaves no database" {
    local name="bad_$WORK"
    query postgres "CREATE DATABASE $name TEMPLATE source"
    # Its check is of no effect here, and refuses the row there.
    query "$name" "CREATE FUNCTION here() RETURNS boolean LANGUAGE sql STABLE AS \$\$ SELECT current_database() = '$name' \$\$;
        CREATE TABLE local_only (id integer, CHECK (here())); INSERT INTO local_only VALUES (1)"
    write_here "$(url "$name")" "$(far "$WORK")" 'limits: { jobs: 3 }'
    run_here 1
    says 'writing the table public.local_only: new row for relation "local_only" violates check constraint'
    [ "$(ask "$(far postgres)" "SELECT count(*) FROM pg_database WHERE datname = '$WORK'")" = 0 ]
    query "$name" 'DROP TABLE local_only'
    ends_with 0 drehbuch resume runs/latest
    same "$(url "$name")" "$(far "$WORK")"
    # A row that cannot be read, because its table is not ours.
    psql -Xq -d "$(as_superuser "$(url "$name")")" -c 'CREATE TABLE foreign_one ()'
    run_here 1
    says 'permission denied for table foreign_one'
    query postgres "DROP DATABASE $name"
}

# A table that takes a long time to be read.
make_slow_database() {
    query postgres "CREATE DATABASE $1 TEMPLATE source"
    query "$1" "CREATE TABLE slow (id serial PRIMARY KEY, text text);
        INSERT INTO slow (text) SELECT repeat(md5(i::text), 30) FROM generate_series(1, 400000) i"
}

copying() {
    ask "$(as_superuser "$(far postgres)")" "SELECT count(*) FROM pg_stat_activity WHERE query LIKE 'BEGIN; TRUNCATE%slow%' AND state = 'active'" |
        grep -q '^[1-9]'
}

@test "Ctrl-C ends a copy soon; resumed it is whole" {
    make_slow_database "slow_$WORK"
    write_here "$(url "slow_$WORK")" "$(far "$WORK")"
    drehbuch run plan.json -e here.yaml >run.txt 2>&1 3>&- &
    local pid=$!
    wait_for 20 copying
    local began=$SECONDS
    kill -INT "$pid"
    status=0
    wait "$pid" || status=$?
    [ "$status" -eq 130 ] || { cat run.txt && false; }
    [ $((SECONDS - began)) -lt 5 ]
    [ "$(ask "$(far postgres)" "SELECT count(*) FROM pg_database WHERE datname = '$WORK'")" = 0 ]
    [ "$(query postgres "SELECT count(*) FROM pg_stat_activity WHERE datname = 'slow_$WORK' AND state = 'active'")" = 0 ]
    ends_with 0 drehbuch resume runs/latest
    same "$(url "slow_$WORK")" "$(far "$WORK")"
    query postgres "DROP DATABASE slow_$WORK"
}

@test "SIGKILL in the midst; resumed it is whole" {
    make_slow_database "slow_$WORK"
    write_here "$(url "slow_$WORK")" "$(far "$WORK")"
    drehbuch run plan.json -e here.yaml >run.txt 2>&1 3>&- &
    local pid=$!
    wait_for 20 copying
    kill -KILL "$pid"
    status=0
    wait "$pid" || status=$?
    ends_with 0 drehbuch resume runs/latest
    same "$(url "slow_$WORK")" "$(far "$WORK")"
    [ "$(ask "$(far postgres)" "SELECT count(*) FROM pg_database WHERE datname LIKE '$WORK.%'")" = 0 ]
    query postgres "DROP DATABASE slow_$WORK"
}

@test "a source that goes down in the midst is told, and the copy made once it is back" {
    make_slow_database "slow_$WORK"
    write_here "$(url "slow_$WORK")" "$(far "$WORK")"
    drehbuch run plan.json -e here.yaml >run.txt 2>&1 3>&- &
    local pid=$!
    wait_for 20 copying
    "$tests/server" kill "$PLACE/pg"
    status=0
    wait "$pid" || status=$?
    "$tests/server" start "$PLACE/pg" --no-fsync
    [ "$status" -eq 1 ] || { cat run.txt && false; }
    grep -qE 'FAILED prepare/copy-database.*(reading the table public.slow|lost the connection)' run.txt || { cat run.txt && false; }
    [ "$(ask "$(far postgres)" "SELECT count(*) FROM pg_database WHERE datname = '$WORK'")" = 0 ]
    ends_with 0 drehbuch resume runs/latest
    same "$(url "slow_$WORK")" "$(far "$WORK")"
    query postgres "DROP DATABASE slow_$WORK"
}

@test "a disk that is full is told, and no half database is taken for a whole one" {
    [ "$(id -u)" -eq 0 ] || skip 'a small file system takes the right to mount'
    local small=$PLACE/small
    mkdir "$small"
    mount -t tmpfs -o size=120m none "$small" 2>/dev/null || skip 'this machine lets root mount no file system'
    chmod 755 "$small"
    # The log lies elsewhere: a server whose log finds no room goes down.
    "$tests/server" start "$small/pg" --no-fsync
    "$tests/server" stop "$small/pg"
    mv "$small/pg/data/pg_wal" "$PLACE/wal"
    ln -s "$PLACE/wal" "$small/pg/data/pg_wal"
    "$tests/server" start "$small/pg" --no-fsync
    make_slow_database "slow_$WORK"
    write_here "$(url "slow_$WORK")" "$("$tests/server" url "$small/pg" "$WORK")"
    ends_with 1 drehbuch run plan.json -e here.yaml
    says 'SQLSTATE 53100'
    [ "$(ask "$("$tests/server" url "$small/pg" postgres)" "SELECT count(*) FROM pg_database WHERE datname = '$WORK'")" = 0 ]
    query postgres "DROP DATABASE slow_$WORK"
}

@test "a real database, from one server to another" {
    [ -f "$DUMPS/acme_18.dump" ] || skip "no $DUMPS/acme_18.dump (DREHBUCH_DUMPS names the folder of the dumps)"
    "$tests/server" restore "$PLACE/pg" "$DUMPS/acme_18.dump" acme_18
    write_here "$(url acme_18)" "$(far "$WORK")" 'limits: { jobs: 4 }'
    run_here
    same "$(url acme_18)" "$(far "$WORK")"
}
