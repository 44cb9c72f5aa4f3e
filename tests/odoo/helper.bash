# For the tests with a real Odoo 19.0: what tests/odoo/prepare has fetched, a server for the file, and
# databases. Where Odoo cannot be had, the tests skip and say why.
load ../database/helper

# Call first in setup_file, as `need_odoo || return 0`: fails where there is none to be had.
need_odoo() {
    local status=0
    "$BATS_TEST_DIRNAME/prepare" >"$BATS_FILE_TMPDIR/odoo" 2>"$BATS_FILE_TMPDIR/log" || status=$?
    if [ "$status" -ne 0 ]; then
        tail -n 1 "$BATS_FILE_TMPDIR/log" >"$BATS_FILE_TMPDIR/unavailable"
        # Anything but a missing network is a failure, which the tests report.
        [ "$status" -eq 77 ] || mv "$BATS_FILE_TMPDIR/unavailable" "$BATS_FILE_TMPDIR/broken"
        return 1
    fi
    start_server
    # shellcheck disable=SC1091 # just made
    . "$BATS_FILE_TMPDIR/odoo"
    cat >"$PLACE/odoo.conf" <<CONFIG
[options]
db_host = $PLACE/pg
db_port = 5432
db_user = odoo
data_dir = $PLACE/data
CONFIG
}

# Call in setup. Skips where need_odoo has failed; bats does not hand arrays on, hence the reading again.
take_odoo() {
    [ ! -f "$BATS_FILE_TMPDIR/broken" ] || { cat "$BATS_FILE_TMPDIR/log" && return 1; }
    [ ! -f "$BATS_FILE_TMPDIR/unavailable" ] || skip "$(cat "$BATS_FILE_TMPDIR/unavailable")"
    # shellcheck disable=SC1091 # made by need_odoo
    . "$BATS_FILE_TMPDIR/odoo"
}

remove_odoo() {
    [ -z "${PLACE:-}" ] || remove_server
}

# The small 19.0 database of tests/odoo/place.py, under a name.
restore_small() {
    python3 -c 'import sys; sys.path.insert(0, sys.argv[1]); from place import OdooPlace
OdooPlace.at(sys.argv[2]).restore_small(sys.argv[3])' "$BATS_TEST_DIRNAME" "$PLACE" "$1" >&2
}

# acme_18 and its filestore, as NAME and as the filestore of each further name. Fails where it is not there.
restore_acme() {
    local name=$1 dumps=${DREHBUCH_DUMPS:-$BATS_TEST_DIRNAME/../../../shared/odoo} work
    if [ ! -f "$dumps/acme_18.dump" ]; then
        echo "no $dumps/acme_18.dump (DREHBUCH_DUMPS names the folder of the dumps)" >"$BATS_FILE_TMPDIR/unavailable"
        return 1
    fi
    "$tests/server" restore "$PLACE/pg" "$dumps/acme_18.dump" "$name" >&2
    shift
    for work in "$@"; do
        mkdir -p "$PLACE/data/filestore/$work"
        tar -xzf "$dumps/acme_18-filestore.tar.gz" -C "$PLACE/data/filestore/$work"
    done
}

# write_odoo_environment NAME MODE SOURCE WORK [LINE]...: into NAME.yaml. FOLDERS, where set, are
# further addons folders, each with a comma before it.
write_odoo_environment() {
    local name=$1 mode=$2 source=$3 work=$4 run
    shift 4
    run=$(printf '"%s", ' "${ODOO_RUN[@]}")
    cat >"$name.yaml" <<ENVIRONMENT
version: 1
environment: $name
mode: $mode
source: { database: "$(url "$source")" }
work: { database: "$(url "$work")" }
backup: false
odoo:
  "19.0":
    run: [${run%, }]
    config: $PLACE/odoo.conf
    addons: [$ODOO_ADDONS, $ODOO_OCA_ADDONS${FOLDERS:-}]
    openupgrade: $ODOO_OPENUPGRADE
ENVIRONMENT
    printf '%s\n' "$@" >>"$name.yaml"
}

# write_module FOLDER NAME MEMBERS [PYTHON]: a module of ours for 19.0.
write_module() {
    mkdir -p "$1/$2"
    printf "# Ours, for a test.\n{'name': '%s', 'version': '19.0.1.0.0', 'license': 'LGPL-3', 'author': 'ACME', %s}\n" \
        "$2" "$3" >"$1/$2/__manifest__.py"
    printf '%s\n' "${4:-}" >"$1/$2/__init__.py"
}

# Whether no Odoo process works on the database any more.
nobody_works_on() {
    [ "$(query postgres "SELECT count(*) FROM pg_stat_activity WHERE datname = '$1' AND application_name LIKE 'odoo%'")" = 0 ]
}
