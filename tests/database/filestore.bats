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
    case ${other:-} in /dev/shm/drehbuch-test-*) rm -rf "$other" ;; esac
    if mountpoint -q "$BATS_TEST_TMPDIR/small"; then umount "$BATS_TEST_TMPDIR/small"; fi
}

# An ssh server of the test's own, on loopback, that the host name "filer" stands for.
start_ssh() {
    local sshd port=2022 ssh
    sshd=$(PATH=$PATH:/usr/sbin command -v sshd) && ssh=$(command -v ssh) && command -v rsync >/dev/null ||
        skip 'sshd, ssh or rsync is not installed'
    [ "$(id -u)" -ne 0 ] || mkdir -p /run/sshd
    rm -f "$PLACE"/*_key "$PLACE"/*_key.pub
    ssh-keygen -q -t ed25519 -N '' -f "$PLACE/host_key"
    ssh-keygen -q -t ed25519 -N '' -f "$PLACE/user_key"
    printf '%s\n' 'ListenAddress 127.0.0.1' "HostKey $PLACE/host_key" "AuthorizedKeysFile $PLACE/user_key.pub" \
        'StrictModes no' 'UsePAM no' 'PermitRootLogin yes' 'PidFile none' >"$PLACE/sshd_config"
    until "$sshd" -D -e -p $port -f "$PLACE/sshd_config" 2>"$PLACE/sshd.log" 3>&- &
        SSHD=$! && wait_for 5 grep -q -e 'Server listening' -e 'already in use' "$PLACE/sshd.log" &&
            ! grep -q 'already in use' "$PLACE/sshd.log"; do
        [ $((port += 1)) -lt 2042 ] || { cat "$PLACE/sshd.log" && return 1; }
    done
    printf '%s\n' 'Host filer' 'HostName 127.0.0.1' "Port $port" "User $(id -un)" "IdentityFile $PLACE/user_key" \
        'IdentitiesOnly yes' 'StrictHostKeyChecking no' "UserKnownHostsFile $PLACE/known_hosts" \
        'LogLevel ERROR' >"$PLACE/ssh_config"
    mkdir -p bin
    printf '#!/bin/sh\nexec %s -F %s "$@"\n' "$ssh" "$PLACE/ssh_config" >bin/ssh
    chmod +x bin/ssh
    PATH=$PWD/bin:$PATH
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
    ends_with 0 rehearse
    says 'by link; 300 files; '
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
}

@test "missing files come from the source; those that it misses too are told" {
    write_places test test "$FILES/acme" "$FILES/work"
    mv "$FILES/acme/$(first_file)" gone
    ends_with 0 rehearse
    says "1 file ($(sha1sum <gone | sed 's/^\(..\).*/\1/')/"
    says "the source's filestore does not have either"
    says 'files, 1 missing'
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
    (! begun prepare/copy-database)
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

@test "from another host files come by rsync, also those that the database names later" {
    start_ssh
    write_places test test "filer:$FILES/acme" "$FILES/work"
    ends_with 0 rehearse
    [ "$(effect prepare/copy-filestore method)" = rsync ]
    [ "$(effect prepare/copy-filestore files)" = 300 ]
    [ "$(digest_of "$FILES/work")" = "$(digest_of "$FILES/acme")" ]
    [ "$(effect prepare/check-filestore missing)" = 0 ]
    tidy
    # A copy that was cut off is gone on with; what is not at the source goes.
    file=$(first_file 7)
    cat >bin/rsync <<'RSYNC'
#!/bin/sh
case "$*" in *--delete*) ;; *) exec "$REAL_RSYNC" "$@" ;; esac
"$REAL_RSYNC" "$@" && for target; do :; done && rm "$target/$LOST"
RSYNC
    chmod +x bin/rsync
    # What is missing in the copy only is fetched.
    REAL_RSYNC=$(PATH=${PATH#*:} command -v rsync) LOST=$file rehearse
    [ "$(effect prepare/copy-filestore files)" = 299 ]
    [ "$(effect prepare/check-filestore fetched)" = 1 ]
    [ "$(effect prepare/check-filestore missing)" = 0 ]
    [ "$(digest_of "$FILES/work")" = "$(digest_of "$FILES/acme")" ]
    rm bin/rsync
    # Missing there too.
    rm "$FILES/acme/$file"
    ends_with 0 rehearse
    says "the source's filestore does not have either"
    [ "$(effect prepare/check-filestore missing)" = 1 ]
}

@test "another host that cannot be reached is found before the first change" {
    start_ssh
    write_places test test "filer:$FILES/nowhere" "$FILES/work"
    ends_with 1 rehearse
    says "rsync from filer:$FILES/nowhere ended with exit code"
    says 'nothing was changed'
    kill "$SSHD"
    wait_for 5 sh -c "! kill -0 $SSHD"
    write_places test test "filer:$FILES/acme" "$FILES/work"
    ends_with 1 rehearse
    says "rsync from filer:$FILES/acme ended with exit code"
    says 'Connection refused'
    says 'ssh could not reach the host'
    mkdir empty
    for program in env bash sh; do ln -s "$(command -v $program)" empty/; done
    ends_with 1 env PATH="$PWD/empty:$(dirname "$DREHBUCH")" drehbuch run plan.json -e test.yaml
    says 'there is no program rsync here'
}

# A copying that takes its time: a large file, to another file system.
@test "killed while it copies, the run is gone on with to the same end" {
    other=$(mktemp -d /dev/shm/drehbuch-test-XXXXXX) || skip 'there is no /dev/shm to write to'
    mkdir -p "$FILES/acme/ee"
    truncate -s 700M "$FILES/acme/ee/$(printf 'e%.0s' {1..40})"
    write_places test test "$FILES/acme" "$other/work"
    for delay in 0 0.02 0.1; do
        drehbuch run plan.json -e test.yaml >out.txt 2>&1 3>&- &
        pid=$!
        wait_for 20 sh -c "ls -d $other/work.partial-*"
        sleep $delay
        kill -KILL $pid
        wait $pid || true
        [ ! -e "$other/work" ]
        ends_with 0 drehbuch resume
        [ "$(effect prepare/copy-filestore files)" = 301 ]
        [ "$(effect prepare/check-filestore extra)" = 1 ]
        [ "$(ls "$other")" = work ]
        rm -r "$other/work"
    done
}

@test "Ctrl-C while it copies leaves nothing half, and a run to go on with" {
    other=$(mktemp -d /dev/shm/drehbuch-test-XXXXXX) || skip 'there is no /dev/shm to write to'
    mkdir -p "$FILES/acme/ee"
    truncate -s 700M "$FILES/acme/ee/$(printf 'e%.0s' {1..40})"
    write_places test test "$FILES/acme" "$other/work"
    drehbuch run plan.json -e test.yaml >out.txt 2>&1 3>&- &
    pid=$!
    wait_for 20 sh -c "ls -d $other/work.partial-*"
    kill -TERM $pid
    status=0
    wait $pid || status=$?
    [ "$status" -eq 130 ]
    [ -z "$(ls "$other")" ]
    ends_with 0 drehbuch resume
    [ "$(ls "$other")" = work ]
}

@test "a disk that is too small is found before the first change; one that gets full fails the copy" {
    other=$BATS_TEST_TMPDIR/small
    mkdir "$other"
    [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=1m none "$other" || skip 'this account may not mount file systems'
    write_places test test "$FILES/acme" "$other/work" 'limits: { free_disk: 1B }'
    run rehearse
    early=$output code=$status
    query source "UPDATE ir_attachment SET file_size = NULL WHERE file_size > 100"
    run rehearse
    umount "$other"
    psql -Xq -d "$(url source)" -c "DELETE FROM ir_attachment WHERE store_fname IS NOT NULL" -c 'ALTER TABLE ir_attachment DROP file_size'
    psql -Xq -d "$(url source)" -f "$PLACE/files.sql"
    says 'No space left on device'
    says 'free space there'
    [ "$status" -eq 1 ]
    output=$early
    says "$other has 1 MB free; the filestore's copy needs"
    [ "$code" -eq 1 ]
}
