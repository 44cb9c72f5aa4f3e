#!/usr/bin/env bats
# Dumps as sources, backups, and both by hand.

load helper

DUMPS=${DREHBUCH_DUMPS:-$BATS_TEST_DIRNAME/../../../shared/odoo}

setup_file() {
    export TCP_PORT=$((20000 + RANDOM % 20000))
    start_server --tcp "$TCP_PORT"
    make_small_database source
    mkdir -p "$PLACE/filestore/ab" "$PLACE/filestore/checklist/ab"
    for name in one two three; do echo "content of $name" >"$PLACE/filestore/ab/$name"; done
    touch "$PLACE/filestore/checklist/ab/one"
    pg_dump "$(url source)" >"$PLACE/dump.sql"
    gzip -k "$PLACE/dump.sql"
    pg_dump -Fc "$(url source)" -f "$PLACE/dump.custom"
    pg_dump -Fd "$(url source)" -f "$PLACE/dump.folder"
    make_zip "$PLACE/dump.zip" "$PLACE/dump.sql" "$PLACE/filestore"
}

teardown_file() {
    remove_server
}

setup() {
    enter_folder
    export TMPDIR=$BATS_TEST_TMPDIR # where drehbuch leaves the log of what failed
    "$tests/content-hash" "$(url source)" >source-before
}

teardown() {
    end_children
    diff source-before <("$tests/content-hash" "$(url source)")
}

# make_zip ZIP SQL FILESTORE: as Odoo's database manager does.
make_zip() {
    python3 - "$@" <<'PYTHON'
import os, sys, zipfile
target, sql, filestore = sys.argv[1:]
with zipfile.ZipFile(target, "w", compression=zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
    archive.write(sql, "dump.sql")
    for folder, _, names in os.walk(filestore):
        for name in names:
            path = os.path.join(folder, name)
            archive.write(path, os.path.join("filestore", os.path.relpath(path, filestore)))
    archive.writestr("manifest.json", '{"odoo_dump": "1", "db_name": "acme", "modules": {}}')
PYTHON
}

unzip_manifest() {
    python3 -c 'import json, sys, zipfile
print(json.loads(zipfile.ZipFile(sys.argv[1]).read("manifest.json"))["db_name"])' "$1"
}

# write_dump_environment DUMP [LINE]...: into here.yaml.
write_dump_environment() {
    local dump=$1
    shift
    cat >here.yaml <<ENVIRONMENT
version: 1
environment: here
mode: test
source: { dump: "$dump" }
work: { database: "$(url "$WORK")", filestore: $PWD/work-files }
backup: false
ENVIRONMENT
    printf '%s\n' "$@" >>here.yaml
}

# restored DATABASE: it has what the source has.
restored() {
    diff source-before <("$tests/content-hash" "$(url "$1")")
}

# The files of a filestore folder with their content, without drehbuch's marker.
files_of() {
    (cd "$1" && find . -type f ! -name .drehbuch.json -exec sha256sum {} + | sort -k2)
}

same_files() {
    diff <(files_of "$1") <(files_of "$2")
}

databases() {
    query postgres "SELECT datname FROM pg_database WHERE datname LIKE '$WORK%' ORDER BY 1" | tr '\n' ' '
}

restore_effect() {
    jq -r ".steps[] | select(.id == \"prepare/restore\") | .effects.$1" runs/latest/run.json
}

small_plan() {
    write_plan <<'PLAN'
fixes: { "18.0": [{ id: one, sql: UPDATE res_partner SET ref = 'x' WHERE id = 1 }] }
checks: [{ id: kept, sql: SELECT count(*) FROM sale_order, equals: source }]
PLAN
}

@test "every kind of dump is a source, used again until it changes" {
    small_plan
    local dump
    for dump in dump.sql dump.sql.gz dump.custom dump.folder dump.zip; do
        write_dump_environment "$PLACE/$dump"
        ends_with 0 drehbuch run plan.json -e here.yaml
        [ "$(restore_effect method)" = restored ]
        restored "$WORK.source"
        [ "$(query "$WORK" "SELECT ref FROM res_partner WHERE id = 1")" = x ]
        ends_with 0 drehbuch run plan.json -e here.yaml
        [ "$(restore_effect method)" = reused ]
        restored "$WORK.source"
        [ "$(databases)" = "$WORK $WORK.source " ]
        [ ! -e runs/latest/unpacked ]
    done
    same_files "$PLACE/filestore" work-files.source
    same_files "$PLACE/filestore" work-files
    # Another dump has another identity, and this one no filestore.
    write_dump_environment "$PLACE/dump.custom"
    ends_with 0 drehbuch run plan.json -e here.yaml
    [ "$(restore_effect method)" = restored ]
    [ ! -e work-files.source ]
}

@test "a dump in custom format sorts as the dumped database did" {
    query postgres "CREATE DATABASE \"icu_$WORK\" TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'de-CH'"
    pg_dump -Fc "$(url "icu_$WORK")" -f icu.custom
    ends_with 0 drehbuch restore icu.custom --database "$(url "$WORK")"
    [ "$(query postgres "SELECT count(DISTINCT (datlocprovider, daticulocale, datcollate, datctype)) FROM pg_database
        WHERE datname IN ('icu_$WORK', '$WORK')")" = 1 ]
    # Odoo's own way where nothing tells.
    ends_with 0 drehbuch restore "$PLACE/dump.sql" --database "$(url "${WORK}_plain")"
    [ "$(query postgres "SELECT datcollate FROM pg_database WHERE datname = '${WORK}_plain'")" = C ]
}

@test "what drehbuch did not make is left alone" {
    small_plan
    write_dump_environment "$PLACE/dump.zip"
    query postgres "CREATE DATABASE \"$WORK.source\""
    ends_with 4 drehbuch run plan.json -e here.yaml
    says "the database \"$WORK.source\" exists, and was not made of a dump by drehbuch"
    query postgres "DROP DATABASE \"$WORK.source\""
    mkdir work-files.source
    echo mine >work-files.source/mine
    ends_with 4 drehbuch run plan.json -e here.yaml
    says 'work-files.source exists, and drehbuch did not make it'
    [ "$(cat work-files.source/mine)" = mine ]
    [ "$(databases)" = '' ]
}

@test "a dump that changes replaces the database only when the new one is whole" {
    small_plan
    cp "$PLACE/dump.sql" here.sql
    write_dump_environment here.sql
    ends_with 0 drehbuch run plan.json -e here.yaml
    sed -i 's/^SET row_security = off;$/SELECT 1\/0;/' here.sql
    ends_with 1 drehbuch run plan.json -e here.yaml
    says 'ERROR:  division by zero'
    restored "$WORK.source"
    [ "$(databases)" = "$WORK $WORK.source " ]
    grep -v 'division\|1/0' <"$PLACE/dump.sql" >here.sql
    echo '-- changed' >>here.sql
    ends_with 0 drehbuch run plan.json -e here.yaml
    [ "$(restore_effect method)" = restored ]
}

@test "wrong files: what is wrong, and nothing made" {
    local code says file
    : >empty
    echo hello >text
    pg_dumpall -d "$(url postgres)" --no-role-passwords >all.sql || true
    head -c 3000 "$PLACE/dump.custom" >cut.custom
    head -c 20 "$PLACE/dump.custom" >header.custom
    head -c 20000 "$PLACE/dump.sql" >cut.sql
    head -c 2000 "$PLACE/dump.sql.gz" >cut.sql.gz
    head -c 5000 "$PLACE/dump.zip" >cut.zip
    gzip <text >text.gz
    gzip <"$PLACE/dump.custom" >custom.gz
    pg_dump -Ft "$(url source)" -f dump.tar
    pg_dump --create "$(url source)" >create.sql
    { cat "$PLACE/dump.sql" && printf '\\! touch %s/hacked\n' "$PWD"; } >command.sql
    mkdir folder
    cp -r "$PLACE/dump.folder" lacking
    rm "$(ls lacking/*.gz | head -n 1)"
    python3 - <<'PYTHON'
import zipfile
with zipfile.ZipFile("other.zip", "w") as archive: archive.writestr("readme.txt", "x")
with zipfile.ZipFile("nothing.zip", "w") as archive: archive.writestr("manifest.json", "{}")
with zipfile.ZipFile("slip.zip", "w") as archive:
    archive.writestr("dump.sql", "x")
    archive.writestr("filestore/../../slipped", "x")
PYTHON
    while read -r file code says; do
        echo "# $file"
        ends_with "$code" drehbuch restore "$file" --database "$(url "$WORK")" --filestore files
        says "$says"
        [ "$(databases)" = '' ]
        [ -z "$(find . -maxdepth 1 -name 'files*')" ]
    done <<'FILES'
nowhere 3 there is no dump nowhere
empty 3 the file is empty
text 3 text is no dump
/dev/null 3 neither a file nor a folder
folder 3 the folder has neither toc.dat nor
all.sql 3 pg_dumpall
dump.tar 3 it is a tar file
header.custom 3 cut off or damaged
cut.custom 1 pg_restore
cut.sql 3 cut.sql is cut off
cut.sql.gz 3 cut.sql.gz is cut off or damaged
cut.zip 3 cut.zip is cut off or damaged
text.gz 3 holds no plain SQL dump
custom.gz 3 holds no plain SQL dump
create.sql 3 the dump would go on in a database of its own choice
command.sql 3 the dump has a command for psql in it
lacking 1 pg_restore
other.zip 3 it has an entry of the name "readme.txt"
nothing.zip 3 has no dump.sql in it
slip.zip 3 filestore/../../slipped
FILES
    [ ! -e hacked ]
    [ ! -e ../slipped ] && [ ! -e slipped ]
}

@test "errors of psql: those of roles and settings that are missing do not count, others do" {
    sed '1,/^SET row_security/s/^SET row_security.*/SET row_security = off;\nSET transaction_timeout = 0;\nALTER TABLE x OWNER TO nobody_here;/' \
        "$PLACE/dump.sql" >strange.sql
    sed -i 's/^ALTER TABLE x OWNER TO/ALTER DATABASE postgres OWNER TO/' strange.sql
    ends_with 0 drehbuch restore strange.sql --database "$(url "$WORK")"
    restored "$WORK"
    sed 's/^CREATE TABLE public.res_partner/CREATE TABEL public.res_partner/' "$PLACE/dump.sql" >wrong.sql
    ends_with 1 drehbuch restore wrong.sql --database "$(url "${WORK}_2")"
    [[ $output =~ wrong.sql:[0-9]+:\ ERROR:\ \ syntax\ error\ at\ or\ near\ \"TABEL\" ]]
    [ "$(databases)" = "$WORK " ]
}

@test "a command that only a failed COPY would hand to psql is not run" {
    if psql -X -c '\restrict x' "$(url source)" 2>&1 | grep -q 'invalid command'; then skip 'this psql knows no \restrict'; fi
    { head -n 20 "$PLACE/dump.sql" | grep -v '^.restrict' &&
        printf 'COPY public.nowhere (a) FROM stdin;\n\\! touch %s/hacked\n\\.\n' "$PWD" &&
        tail -n 8 "$PLACE/dump.sql"; } >sly.sql
    ends_with 1 drehbuch restore sly.sql --database "$(url "$WORK")"
    says 'relation "public.nowhere" does not exist'
    [ ! -e hacked ]
}

@test "backups in both formats are restored again, by hand" {
    write_environment here test "backup: { folder: $PWD/backups }"
    sed -i "s,^source: { database: \(.*\) }$,source: { database: \1\, filestore: $PLACE/filestore },; /^backup: false/d" here.yaml
    ends_with 1 drehbuch backup -e here.yaml
    says 'is not there'
    mkdir backups
    ends_with 0 drehbuch backup -e here.yaml --json
    jq -e '.method == "folder" and .files == 4 and .bytes > 0' <<<"$output"
    local folder file
    folder=$(jq -r .folder <<<"$output")
    ends_with 0 drehbuch backup -e here.yaml --format zip --json
    file=$(jq -r .file <<<"$output")
    jq -e '.method == "zip" and .files == 4' <<<"$output"
    [ "$(find backups -mindepth 1 -maxdepth 1 | wc -l)" = 2 ]
    same_files "$PLACE/filestore" "$folder/filestore"
    # Odoo's own: what it looks for in a zip, and what it says in the manifest.
    python3 - "$file" <<'PYTHON'
import json, sys, zipfile
archive = zipfile.ZipFile(sys.argv[1])
assert archive.testzip() is None
names = archive.namelist()
assert "dump.sql" in names and "filestore/ab/one" in names, names
manifest = json.loads(archive.read("manifest.json"))
assert sorted(manifest) == ["db_name", "major_version", "modules", "odoo_dump", "pg_version", "version", "version_info"], manifest
assert manifest["odoo_dump"] == "1" and manifest["db_name"] == "source" and manifest["version_info"] == [18, 0, 0, "final", 0, ""]
assert manifest["modules"]["base"] == "18.0.1.3"
PYTHON
    ends_with 0 drehbuch restore "$folder" --database "$(url "$WORK")" --filestore "$PWD/one"
    ends_with 0 drehbuch restore "$file" --database "$(url "${WORK}_2")" --filestore "$PWD/two"
    restored "$WORK"
    restored "${WORK}_2"
    same_files "$PLACE/filestore" one
    same_files "$PLACE/filestore" two
    # What is restored by hand is nobody's but the user's.
    [ ! -e one/.drehbuch.json ] && [ ! -e two/.drehbuch.json ] && [ ! -e "$folder/filestore/.drehbuch.json" ]
    [ -z "$(query postgres "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname LIKE '$WORK%'" | tr -d '\n')" ]
    # Both are sources, too.
    small_plan
    for dump in "$folder" "$file"; do
        query postgres "DROP DATABASE \"$WORK\""
        write_dump_environment "$dump"
        ends_with 0 drehbuch run plan.json -e here.yaml 3>&-
        restored "$WORK.source"
        same_files "$PLACE/filestore" work-files
    done
}

@test "by hand: what is there stays, a copy has another uuid" {
    query source "SELECT 1 FROM ir_config_parameter WHERE key = 'database.uuid'" >uuid
    grep -q 1 uuid
    ends_with 0 drehbuch restore "$PLACE/dump.zip" --database "$(url "$WORK")" --filestore files --copy
    [ "$(query "$WORK" "SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'")" != \
        "$(query source "SELECT value FROM ir_config_parameter WHERE key = 'database.uuid'")" ]
    ends_with 4 drehbuch restore "$PLACE/dump.zip" --database "$(url "$WORK")"
    says "the database \"$WORK\" exists"
    ends_with 4 drehbuch restore "$PLACE/dump.zip" --database "$(url "${WORK}_2")" --filestore files
    says 'the folder files exists'
    [ "$(databases)" = "$WORK " ]
    ends_with 2 drehbuch restore "$PLACE/dump.zip"
    ends_with 2 drehbuch restore "$PLACE/dump.zip" --database nonsense
    ends_with 2 drehbuch restore "$PLACE/dump.zip" --database postgresql://odoo:secret@localhost/x
    says_not secret
    write_environment here test
    ends_with 3 drehbuch backup -e here.yaml
    ends_with 2 drehbuch backup
    touch taken.zip
    ends_with 4 drehbuch backup -e here.yaml -o taken.zip
    says 'taken.zip exists'
    ends_with 0 drehbuch backup -e here.yaml -o made.zip
    [ "$(head -c 2 made.zip)" = PK ]
    ends_with 0 drehbuch backup -e here.yaml --work -o work.zip
    [[ $(unzip_manifest work.zip) == "$WORK" ]]
}

@test "by hand: a password comes from an environment variable and is shown nowhere" {
    export ACME_PASSWORD=odoo
    local address="postgresql://odoo@127.0.0.1:$TCP_PORT/$WORK"
    ends_with 1 drehbuch restore "$PLACE/dump.custom" --database "$address"
    ends_with 0 drehbuch restore "$PLACE/dump.custom" --database "$address" --password-env ACME_PASSWORD
    restored "$WORK"
    unset ACME_PASSWORD
    ends_with 2 drehbuch restore "$PLACE/dump.custom" --database "$address" --password-env ACME_PASSWORD
    says ACME_PASSWORD
}

@test "a production run's backup has the filestore, and says so" {
    small_plan
    mkdir backups
    for format in folder zip; do
        write_environment here production "backup: { folder: $PWD/backups, format: $format }"
        sed -i "s,^source: { database: \(.*\) }$,source: { database: \1\, filestore: $PLACE/filestore },; /^backup: false/d" here.yaml
        ends_with 0 drehbuch run plan.json -e here.yaml --unapproved test
        jq -e --arg format $format '.steps[] | select(.id == "prepare/backup") | .effects |
            .method == $format and .files == 4' runs/latest/run.json
        query postgres "DROP DATABASE \"$WORK\""
    done
    write_environment here production "backup: { folder: $PWD/backups }"
    sed -i "s,^source: { database: \(.*\) }$,source: { database: \1\, filestore: 'nowhere.example:/srv' },; /^backup: false/d" here.yaml
    ends_with 0 drehbuch backup -e here.yaml
    says 'warning: the filestore is on another host and is left out of the backup'
}

@test "a full disk: a clear message, and nothing half made" {
    [ "$(id -u)" -eq 0 ] || skip 'only root may mount a small file system'
    mkdir small many
    mount -t tmpfs -o size=2m tmpfs small 2>/dev/null || skip 'this place allows no mounts'
    head -c 3000000 /dev/urandom >many/large
    write_environment here test "backup: { folder: $PWD/small }"
    sed -i '/^backup: false/d' here.yaml
    run drehbuch backup -e here.yaml
    local before=$status said=$output left
    left=$(find small -mindepth 1)
    # Past the preflight: the filestore is found too large only while it is unpacked.
    make_zip large.zip "$PLACE/dump.sql" many
    run drehbuch restore large.zip --database "$(url "$WORK")" --filestore small/files
    left+=$(find small -mindepth 1)
    local late late_said
    # Only while it is unpacked is it seen how large it is.
    { cat "$PLACE/dump.sql" && head -c 8000000 /dev/zero | tr '\0' '-'; } | gzip >large.sql.gz
    late_said=$(TMPDIR=small drehbuch restore large.sql.gz --database "$(url "$WORK")" 2>&1) && late=0 || late=$?
    left+=$(find small -name '*.sql')
    umount small
    echo "$said" "$output" "$late_said" "$left"
    [ "$late" -eq 1 ]
    [[ $late_said == *'No space left on device'* ]]
    [ "$before" -eq 1 ]
    [[ $said == *'MB free'* ]]
    [ "$status" -eq 1 ]
    says 'MB are needed'
    [ "$left" = '' ]
    [ "$(databases)" = '' ]
}

@test "killed at any moment and resumed, the dump is a whole source" {
    small_plan
    local round dump resumed=0
    for round in 1 2 3 4 5 6 7 8 9 10; do
        dump=$PLACE/dump.$([ $((round % 2)) = 0 ] && echo zip || echo sql.gz)
        write_dump_environment "$dump"
        rm -f runs/latest
        drehbuch run plan.json -e here.yaml >killed.txt 2>&1 3>&- &
        local pid=$!
        wait_for 5 begun prepare/restore
        sleep "0.0$((round % 5 * 2))"
        kill -KILL $pid 2>/dev/null || true
        wait $pid || true
        [ ! -e runs/latest/run.json ] || continue
        ends_with 0 drehbuch resume runs/latest
        resumed=$((resumed + 1))
        restored "$WORK.source"
        [ "$(databases)" = "$WORK $WORK.source " ]
        if [[ $dump == *.zip ]]; then same_files "$PLACE/filestore" work-files; fi
    done
    echo "resumed: $resumed"
    [ "$resumed" -ge 6 ]
    same_files "$PLACE/filestore" work-files.source
    [ -z "$(find . -name '*.partial-*' -o -name unpacked)" ]
}

@test "killed while psql works on and resumed, the old psql does no harm" {
    small_plan
    sed 's/^SET row_security = off;$/SET row_security = off;\nSELECT pg_sleep(2);/' "$PLACE/dump.sql" >slow.sql
    write_dump_environment slow.sql
    drehbuch run plan.json -e here.yaml >killed.txt 2>&1 3>&- &
    local pid=$!
    wait_for 5 eval '[ -n "$(query postgres "SELECT 1 FROM pg_stat_activity WHERE query LIKE '"'%pg_sleep(2)%'"' AND datname LIKE '"'$WORK%'"'")" ]'
    kill -KILL $pid
    wait $pid || true
    ends_with 0 drehbuch resume runs/latest
    restored "$WORK.source"
    [ "$(databases)" = "$WORK $WORK.source " ]
}

@test "killed while it backs up and resumed, there is one whole backup" {
    small_plan
    local format made
    for format in folder zip; do
        mkdir "$format"
        write_environment here production "backup: { folder: $PWD/$format, format: $format }"
        sed -i "s,^source: { database: \(.*\) }$,source: { database: \1\, filestore: $PLACE/filestore },; /^backup: false/d" here.yaml
        drehbuch run plan.json -e here.yaml --unapproved test >killed.txt 2>&1 3>&- &
        local pid=$!
        wait_for 5 eval "[ -n \"\$(find $format -name '*.partial-*')\" ]"
        kill -KILL $pid
        wait $pid || true
        [ ! -e runs/latest/run.json ]
        [ -n "$(find $format -maxdepth 1 -name '*.partial-*')" ]
        ends_with 0 drehbuch resume runs/latest
        [ "$(find $format -mindepth 1 -maxdepth 1 | wc -l)" = 1 ]
        made=$(find $format -mindepth 1 -maxdepth 1)
        ends_with 0 drehbuch restore "$made" --database "$(url "${WORK}_$format")" --filestore "files-$format"
        restored "${WORK}_$format"
        same_files "$PLACE/filestore" "files-$format"
        query postgres "DROP DATABASE \"$WORK\""
    done
}

@test "Ctrl-C ends a restore by hand, and nothing remains" {
    python3 - "$PLACE/dump.sql" slow.sql <<'PYTHON'
import sys
text = open(sys.argv[1]).read()
open(sys.argv[2], "w").write(text.replace("SET row_security = off;", "SET row_security = off;\nSELECT pg_sleep(60);", 1))
PYTHON
    drehbuch restore slow.sql --database "$(url "$WORK")" >out.txt 2>&1 3>&- &
    local pid=$! status=0
    wait_for 10 eval '[ -n "$(query postgres "SELECT 1 FROM pg_stat_activity WHERE query LIKE '"'%pg_sleep(60)%'"' AND datname LIKE '"'$WORK%'"'")" ]'
    kill -INT $pid
    wait $pid || status=$?
    cat out.txt
    [ "$status" -eq 130 ]
    [ "$(databases)" = '' ]
}

@test "acme_18 as Odoo's zip: restored, upgraded, the same as from the database" {
    [ -f "$DUMPS/acme_18.dump" ] || skip "no $DUMPS/acme_18.dump (DREHBUCH_DUMPS names the folder of the dumps)"
    "$tests/server" restore "$PLACE/pg" "$DUMPS/acme_18.dump" acme_18
    pg_dump --no-owner "$(url acme_18)" >acme.sql
    mkdir acme-files
    tar -xzf "$DUMPS/acme_18-filestore.tar.gz" -C acme-files
    make_zip acme.zip acme.sql acme-files
    drehbuch compile "$tests/acme/acme_18.plan.yaml" -o plan.json
    local place
    for place in database zip; do
        write_dump_environment "$PWD/acme.zip" "bindings: $(tr '\n' ' ' <"$tests/acme/acme_18.bindings.json")"
        sed -i "s,/$WORK?,/${WORK}_$place?," here.yaml
        if [ $place = database ]; then
            { grep -v '^source:' here.yaml && echo "source: { database: \"$(url acme_18)\" }"; } >there.yaml
            mv there.yaml here.yaml
        fi
        ends_with 0 drehbuch run plan.json -e here.yaml --confirm-manual
    done
    diff <("$tests/content-hash" "$(url acme_18)" --with-times) <("$tests/content-hash" "$(url "${WORK}_zip.source")" --with-times)
    diff <("$tests/content-hash" "$(url "${WORK}_database")") <("$tests/content-hash" "$(url "${WORK}_zip")")
    same_files acme-files work-files
}
