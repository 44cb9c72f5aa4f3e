#!/usr/bin/env bats
# Filestores: copied by the cheapest way, checked against the database, put in the published place and back.

load helper

setup_file() {
    start_server
    make_small_database source
    make_files
}

teardown_file() {
    remove_server
}

setup() {
    enter_folder
    FILES=$BATS_TEST_TMPDIR/files
    mkdir "$FILES"
    cp -a "$PLACE/filestore" "$FILES/acme"
    write_plan <<<'fixes: { "18.0": [{ id: mark, sql: "UPDATE res_partner SET ref = ref" }] }'
}

teardown() {
    end_children
}

# 300 files as Odoo keeps them, which the source database names.
make_files() {
    python3 - "$PLACE/filestore" >"$PLACE/files.sql" <<'PYTHON'
import hashlib, os, sys
print("ALTER TABLE ir_attachment ADD file_size integer; UPDATE ir_attachment SET store_fname = NULL;")
print("INSERT INTO ir_attachment (name, type, store_fname, checksum, file_size) VALUES ")
rows = []
for number in range(300):
    content = b"content %d " % number * (number + 1)
    sha1 = hashlib.sha1(content).hexdigest()
    os.makedirs(f"{sys.argv[1]}/{sha1[:2]}", exist_ok=True)
    with open(f"{sys.argv[1]}/{sha1[:2]}/{sha1}", "wb") as file:
        file.write(content)
    rows.append(f"('{number}', 'binary', '{sha1[:2]}/{sha1}', '{sha1}', {len(content)})")
print(",\n".join(rows) + ";")
PYTHON
    psql -Xq -v ON_ERROR_STOP=1 -d "$(url source)" -f "$PLACE/files.sql"
}

# write_places NAME MODE SOURCE WORK [LINE]...: an environment with filestores.
write_places() {
    local name=$1 mode=$2 source=$3 work=$4
    shift 4
    write_environment "$name" "$mode" "$@"
    sed -i "s|^\(source: .*\) }|\1, filestore: \"$source\" }|; s|^\(work: .*\) }|\1, filestore: \"$work\" }|" "$name.yaml"
}

rehearse() {
    drehbuch run plan.json -e test.yaml "$@"
}

# effect STEP MEMBER: of the latest run.
effect() {
    jq -r ".steps[] | select(.id == \"$1\") | .effects.$2" runs/latest/run.json
}

# The paths and contents of a filestore, without drehbuch's marker.
digest_of() {
    (cd "$1" && find . -type f ! -name .drehbuch.json -print0 | sort -z | xargs -0 sha1sum | sha1sum)
}

first_file() {
    (cd "$FILES/acme" && find . -type f | sort | sed -n "s|^\./||; $((${1:-0} + 1))p")
}

# No unfinished copies and removals are left.
tidy() {
    [ -z "$(find "$FILES" -maxdepth 1 \( -name '*.partial-*' -o -name '*.removed-*' \))" ]
}

@test "on one file system files are linked, checked, and the source stays as it is" {
    before=$(digest_of "$FILES/acme")
    write_places test test "$FILES/acme" "$FILES/work"
    rehearse
    [ "$(effect prepare/copy-filestore method)" = link ]
    [ "$(effect prepare/copy-filestore files)" = 300 ]
    file=$(first_file)
    [ "$FILES/acme/$file" -ef "$FILES/work/$file" ]
    [ "$(digest_of "$FILES/work")" = "$before" ]
    [ "$(digest_of "$FILES/acme")" = "$before" ]
    [ ! -e "$FILES/acme/.drehbuch.json" ]
    for expected in files:300 missing:0 extra:0 fetched:0 verified:200 damaged:0; do
        [ "$(effect prepare/check-filestore "${expected%:*}")" = "${expected#*:}" ]
    done
    # Again: what the first run has left is replaced.
    touch "$FILES/work/left"
    rehearse
    [ ! -e "$FILES/work/left" ]
    tidy
}

@test "between file systems files are copied, with their modes and times" {
    [ -w /dev/shm ] && [ "$(stat -c %d /dev/shm)" != "$(stat -c %d "$FILES")" ] ||
        skip "there is no second file system to write to"
    other=$(mktemp -d /dev/shm/drehbuch-test-XXXXXX)
    file=$(first_file)
    chmod 640 "$FILES/acme/$file"
    touch -d '2020-02-02 02:02:02' "$FILES/acme/$file"
    write_places test test "$FILES/acme" "$other/work"
    rehearse
    [ "$(effect prepare/copy-filestore method)" = copy ]
    [ "$(stat -c '%a %Y' "$other/work/$file")" = "$(stat -c '%a %Y' "$FILES/acme/$file")" ]
    [ "$(digest_of "$other/work")" = "$(digest_of "$FILES/acme")" ]
    rm -r "$other"
}

@test "missing files come from the source; those that it misses too are told" {
    write_places test test "$FILES/acme" "$FILES/work"
    mv "$FILES/acme/$(first_file)" gone
    ends_with 0 rehearse
    says "1 file ($(sha1sum <gone | sed 's/^\(..\).*/\1/')/"
    says "the source's filestore does not have either"
    [ "$(effect prepare/check-filestore missing)" = 1 ]
    [ "$(effect prepare/check-filestore files)" = 300 ]
}

@test "files that the database does not name are counted" {
    mkdir -p "$FILES/acme/ff" "$FILES/acme/checklist/ff"
    echo more >"$FILES/acme/ff/ff00000000000000000000000000000000000000"
    touch "$FILES/acme/checklist/ff/ff00000000000000000000000000000000000000"
    write_places test test "$FILES/acme" "$FILES/work"
    rehearse
    [ "$(effect prepare/check-filestore extra)" = 1 ]
}

@test "damage is found: by the size, in the sample, and in all files with --deep" {
    write_places test test "$FILES/acme" "$FILES/work"
    rehearse --deep
    [ "$(effect prepare/check-filestore verified)" = 300 ]
    [ "$(effect prepare/check-filestore damaged)" = 0 ]
    last=$(first_file 299)
    size=$(stat -c %s "$FILES/acme/$last")
    head -c "$size" /dev/zero >"$FILES/acme/$last"
    rehearse
    [ "$(effect prepare/check-filestore damaged)" = 0 ]
    ends_with 0 rehearse --deep
    says 'are not what their names say, in the source too'
    [ "$(effect prepare/check-filestore damaged)" = 1 ]
    echo longer >>"$FILES/acme/$last"
    rehearse
    [ "$(effect prepare/check-filestore damaged)" = 1 ]
    [ "$(effect prepare/check-filestore verified)" = 201 ]
}

@test "a folder that drehbuch did not make is refused before the first change" {
    mkdir "$FILES/work"
    touch "$FILES/work/mine"
    write_places test test "$FILES/acme" "$FILES/work"
    ends_with 4 rehearse
    says 'was not made by drehbuch'
    says 'nothing was changed'
    [ -e "$FILES/work/mine" ]
    ! begun prepare/copy-database
}

@test "the working filestore of another production run is refused" {
    mkdir "$FILES/work"
    echo '{"drehbuch":{"digest":"x","mode":"production","run":"other"}}' >"$FILES/work/.drehbuch.json"
    write_places test test "$FILES/acme" "$FILES/work"
    ends_with 4 rehearse
    says 'was made by the production run other'
    [ -e "$FILES/work/.drehbuch.json" ]
}

@test "places that cannot be are found before the first change" {
    write_places test test "$FILES/nowhere" "$FILES/work"
    ends_with 1 rehearse
    says "cannot find the source filestore $FILES/nowhere"
    write_places test test "$FILES/acme" "$FILES/acme/work"
    ends_with 3 rehearse
    says 'lie in each other'
    write_places test test "$FILES/acme" "$FILES/nowhere/work"
    ends_with 1 rehearse
    says "cannot write to the folder $FILES/nowhere"
    write_places test test "$FILES/acme" "$FILES/work" 'publish: { database: acme_test, replaced: acme_old }'
    run rehearse
    [ "$status" -gt 2 ]
    says "add \`filestore\` to the environment's \`publish\`"
}
