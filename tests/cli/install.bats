#!/usr/bin/env bats
# What `make install` puts where, and that it is found there.

bats_require_minimum_version 1.5.0

setup_file() {
    export SOURCE=$PWD STAGE=$BATS_FILE_TMPDIR/stage
    export INSTALLED=$STAGE/opt/odoo
    make install BUILD="${DREHBUCH%/drehbuch}" DESTDIR="$STAGE" PREFIX=/opt/odoo >"$BATS_FILE_TMPDIR/log"
}

@test "these files are installed, and no others" {
    diff - <(cd "$STAGE" && find . -type f -printf '%m %P\n' | sort -k2) <<'FILES'
755 opt/odoo/bin/drehbuch
644 opt/odoo/share/bash-completion/completions/drehbuch
644 opt/odoo/share/drehbuch/schemas/compiled.schema.json
644 opt/odoo/share/drehbuch/schemas/environment.schema.json
644 opt/odoo/share/drehbuch/schemas/known-errors.schema.json
644 opt/odoo/share/drehbuch/schemas/plan.schema.json
644 opt/odoo/share/drehbuch/schemas/record.schema.json
644 opt/odoo/share/drehbuch/schemas/successors.schema.json
644 opt/odoo/share/man/man1/drehbuch.1
FILES
}

@test "without PREFIX it is /usr/local" {
    make -n -C "$SOURCE" install DESTDIR=/stage BUILD="${DREHBUCH%/drehbuch}" |
        grep -E ' /stage/usr/local/bin/drehbuch$'
}

@test "the program runs from there" {
    cd "$BATS_TEST_TMPDIR"
    PATH=$INSTALLED/bin:$PATH run drehbuch version
    [ "$status" -eq 0 ]
    [ "$output" = "$("$DREHBUCH" version)" ]
    # The schemas are inside of it: it checks a plan without those that were installed.
    cp "$INSTALLED/bin/drehbuch" .
    printf 'version: 1\ncustomer: a\ntitle: A\nupgrade: { from: "18.0", to: "18.0", with: none }\n' >plan.yaml
    run ./drehbuch check plan.yaml
    [ "$status" -eq 0 ]
}

@test "man finds the page from the program's place" {
    PATH=$INSTALLED/bin:/usr/bin:/bin run env -u MANPATH man -w drehbuch
    [ "$status" -eq 0 ]
    [ "$output" = "$INSTALLED/share/man/man1/drehbuch.1" ]
    MANPATH=$INSTALLED/share/man run man -P cat drehbuch
    [ "$status" -eq 0 ]
    [[ $output = *"write, rehearse and perform the upgrade"* ]]
}

@test "the completion works from there" {
    PATH=$INSTALLED/bin:$PATH run bash --norc -c '
        source "$INSTALLED/share/bash-completion/completions/drehbuch"
        complete -p drehbuch
        COMP_WORDS=(drehbuch gra) COMP_CWORD=1
        _drehbuch drehbuch
        echo "${COMPREPLY[@]}"'
    [ "$status" -eq 0 ]
    [ "$output" = $'complete -F _drehbuch drehbuch\ngraph' ]
}
