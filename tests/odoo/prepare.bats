#!/usr/bin/env bats
# tests/odoo/prepare itself, on a cache of its own, with stand-ins for the programs that fetch and unpack: what is
# there is not fetched again, two calls do not disturb each other, nothing half made is taken for whole, and what
# cannot be fetched is named.

load helper

setup_file() {
    need_odoo || return 0
}

teardown_file() {
    remove_odoo
}

# The cache has what comes from the package index; Odoo itself is still to be fetched.
setup() {
    take_odoo
    enter_folder
    mkdir cache programs
    ln -s "$ODOO_CACHE"/openupgrade-* "$ODOO_CACHE"/oca-* cache
    cat >programs/apt-get <<PROGRAM
#!/bin/sh
case "\$*" in
    *print-uris*) echo "'http://mirror.example/debian/dists/bookworm/main/binary-all/Packages.xz' x 0" ;;
    *update*)
        echo update >>"$PWD/calls"
        [ ! -e "$PWD/offline" ] || { cat "$PWD/offline" >&2 && exit 100; } ;;
    *download*)
        echo "download \$4" >>"$PWD/calls"
        touch "\$4_1_all.deb" ;;
esac
PROGRAM
    cat >programs/dpkg-deb <<PROGRAM
#!/bin/sh
case "\$1" in
    -f) echo 'python3-lxml, fonts-some | fonts-other, libjs-some' ;;
    -x)
        mkdir -p "\$3/usr"
        [ ! -e "$PWD/deadly" ] || kill -KILL \$PPID ;;
    -W) basename "\$3" | tr _ ' ' ;;
esac
PROGRAM
    chmod +x programs/*
    PATH=$PWD/programs:$PATH
    export DREHBUCH_ODOO=$PWD/cache
}

teardown() {
    end_children
}

prepare() {
    "$BATS_TEST_DIRNAME/prepare"
}

calls() {
    sort calls | tr '\n' ' '
}

@test "what is there is not fetched again, and two at a time fetch it once" {
    prepare >first 2>first.log &
    local first=$!
    prepare >second 2>second.log
    wait "$first"
    prepare >third 2>third.log
    cmp first second
    cmp first third
    [ "$(calls)" = 'download libjs-some download odoo-19 update ' ]
    [ ! -s third.log ]
    grep -q "^ODOO_ADDONS=$PWD/cache/odoo-19.0-" first
    grep -hq '^  odoo-19 1' first.log second.log
    grep -q sid cache/odoo-*/VERSIONS && false
    [ -z "$(find cache -name 'aside-*')" ]
}

@test "what was half made when it was killed is not taken for whole" {
    touch deadly
    run prepare
    [ "$status" -ne 0 ]
    [ -n "$(find cache -path '*aside-*/made/usr')" ]
    [ -z "$(find cache -maxdepth 1 -name 'odoo-*')" ]
    rm deadly
    ends_with 0 prepare
    [ -d cache/odoo-*/usr ]
    [ -z "$(find cache -name 'aside-*')" ]
}

@test "without a network it says what it could not fetch, and ends with 77" {
    echo 'E: Could not connect to mirror.example:80 (192.0.2.1), connection timed out' >offline
    ends_with 77 prepare
    [ "${lines[-1]}" = "error: could not fetch the package list of Debian's unstable suite" ]
    rm -f offline
    rm cache/oca-*
    PIP_INDEX_URL=http://127.0.0.1:9/ PIP_FIND_LINKS='' ends_with 77 prepare
    [[ ${lines[-1]} = 'error: could not fetch openupgradelib odoo-addon-auth-api-key==19.0.* '*' from the Python package index' ]]
    [ -z "$(find cache -maxdepth 1 -name 'oca-*')" ]
}

@test "what fails for another reason than the network is a failure, and not passed over" {
    echo 'E: The repository has no Release file.' >offline
    ends_with 1 prepare
    says 'has no Release file'
}
