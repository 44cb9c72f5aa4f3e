#!/usr/bin/env bats
# The man page and the completion know what the program knows, and nothing else.

bats_require_minimum_version 1.5.0

setup_file() {
    export MANUAL=$PWD/docs/drehbuch.1 COMPLETION=$PWD/completions/drehbuch.bash
    cd "$BATS_FILE_TMPDIR"
    "$DREHBUCH" help --json >help
    make_program
    make_readline
    mkdir work
    cd work
    mkdir -p 'a folder' empty runs/one
    touch plan.yaml other.yml acme.json 'a folder/b.json' notes.txt 'with space.json' a:b.json \
        runs/one/plan.json
    ln -s one runs/latest
}

# What readline does, up to the choice.
make_readline() {
    cat >complete.bash <<'SCRIPT'
source "$COMPLETION"
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
COMP_WORDBREAKS=${BREAKS-$' \t\n"><=;|&(:'}
_drehbuch "$1"
[ ${#COMPREPLY[@]} -eq 0 ] || printf '%s\n' "${COMPREPLY[@]}"
SCRIPT
}

# A program that answers what the completion asks for, by name, so that no run is needed.
make_program() {
    mkdir -p bin
    cat >bin/drehbuch <<'PROGRAM'
#!/bin/sh
echo "$*" >>"$ASKED"
case "$*" in
    "status --json" | "status runs/latest --json")
        printf '{\n  "steps": [\n    {\n      "id": "18.0/fix/one",\n      "kind": "sql"\n    },\n'
        printf '    {\n      "id": "18.0/uninstall"\n    }\n  ]\n}\n'
        ;;
    explain) printf 'yaml-syntax  a b\nyaml-tab     c d\nyaml-tag     e\n' ;;
    *) echo "error: what?" >&2; exit 2 ;;
esac
PROGRAM
    chmod +x bin/drehbuch
}

setup() {
    cd "$BATS_FILE_TMPDIR/work"
    export ASKED=$BATS_TEST_TMPDIR/asked HELP=$BATS_FILE_TMPDIR/help
    known=$BATS_TEST_TMPDIR/known documented=$BATS_TEST_TMPDIR/documented
}

# In what the man page has, font changes are markup and `\-` is a hyphen.
plain() {
    sed -e 's/\\f[BIRP]//g; s/\\-/-/g; s/\\&//g' "$@"
}

# The section $1 of the man page.
section() {
    plain "$MANUAL" | sed -n "/^\.SH $1\$/,/^\.SH /p" | sed '1d; $d'
}

# The line behind each .TP of what comes in.
tags() {
    sed -n '/^\.TP$/{n;p}'
}

# offers WORD...: what is offered for the last one, one a line, sorted. `=` and `:` are words of
# their own, as readline cuts them.
offers() {
    PATH=$BATS_FILE_TMPDIR/bin:$PATH bash --norc -u "$BATS_FILE_TMPDIR/complete.bash" drehbuch "$@" |
        sort
}

# expect OFFER... -- WORD...: these are offered, all of them and no others.
expect() {
    local expected=()
    while [ "$1" != -- ]; do
        expected+=("$1")
        shift
    done
    shift
    run offers "$@"
    [ "$status" -eq 0 ]
    diff <([ ${#expected[@]} -eq 0 ] || printf '%s\n' "${expected[@]}" | sort) <(printf '%s' "${output:+$output$'\n'}")
}

@test "the man page is in order" {
    run man --warnings -E UTF-8 -l -Tutf8 "$MANUAL" >/dev/null
    run bash -c 'man --warnings -E UTF-8 -l -Tutf8 "$MANUAL" 2>&1 >/dev/null'
    [ "$status" -eq 0 ]
    [ "$output" = "" ] || { echo "$output" && false; }
    diff - <(sed -n 's/^\.SH //p' "$MANUAL") <<'SECTIONS'
NAME
SYNOPSIS
DESCRIPTION
OPTIONS
COMMANDS
EXIT STATUS
ENVIRONMENT
FILES
EXAMPLES
SEE ALSO
SECTIONS
}

@test "the man page is of this version" {
    grep -F "\"$("$DREHBUCH" version)\"" "$MANUAL"
}

@test "the man page has every command with its operands, and no other" {
    diff <(jq -r '.commands[] | "\(.name) \(.operands)" | sub(" $"; "")' "$HELP") \
        <(section COMMANDS | sed -n 's/^\.SS "\(.*\)"$/\1/p')
}

@test "the man page has every option of each command, and no other" {
    jq -r '.commands[] | .name as $command | .options[] | select(.name != "color" and .name != "help") |
        "\($command): \(if .letter then "-\(.letter), " else "" end)--\(.name)\(if .argument then " \(.argument)" else "" end)"' \
        "$HELP" >"$known"
    section COMMANDS | awk '/^\.SS/ { gsub(/"/, ""); command = $2 } tag { print command ": " $0 }
        { tag = /^\.TP$/ }' >"$documented"
    [ -s "$documented" ]
    diff "$known" "$documented"
}

@test "the man page says which options may be given more than once" {
    jq -r '.commands[] | .name as $command | .options[] | select(.repeatable) | "\($command) --\(.name)"' \
        "$HELP" >"$known"
    section COMMANDS | awk '/^\.SS/ { gsub(/"/, ""); command = $2 } tag { match($0, /--[a-z-]+/); option = substr($0, RSTART, RLENGTH) }
        { tag = /^\.TP$/ } /more than once/ { print command, option }' >"$documented"
    diff "$known" "$documented"
}

@test "the man page has the options that every command has" {
    diff <(jq -r '.commands[0].options[] | select(.name == "color" or .name == "help") |
        "\(if .letter then "-\(.letter), " else "" end)--\(.name)\(if .argument then " \(.argument)" else "" end)"' "$HELP") \
        <(section OPTIONS | tags)
}

@test "the man page has every exit code" {
    diff <(printf '%s\n' 0 1 2 3 4 130) <(section 'EXIT STATUS' | tags | sed 's/^\.B //')
}

@test "every example is a command line that the program can read" {
    section EXAMPLES | grep '^drehbuch' >"$known"
    [ -s "$known" ]
    jq -r '.commands[].example' "$HELP" >>"$known"
    while read -r example; do
        # An unknown option or too many operands would be found before help is shown.
        eval "set -- $example"
        shift
        "$DREHBUCH" "$@" --help >/dev/null || { echo "$example" && false; }
    done <"$known"
}

@test "the completion offers every command, and no other" {
    mapfile -t commands < <(jq -r '.commands[].name' "$HELP")
    expect "${commands[@]}" -- ''
    expect "${commands[@]}" -- help ''
}

@test "the completion offers every option of each command, and no other" {
    while read -r command options; do
        expect $options -- "$command" --
        expect $options -- --color never "$command" --json --
    done < <(jq -r '.commands[] | "\(.name) \([.options[].name | "--\(.)"] | join(" "))"' "$HELP")
}

@test "the completion knows the value of every option" {
    while read -r command option argument; do
        case $argument in
            FILE) expected=('a folder' empty runs acme.json a:b.json notes.txt other.yml plan.yaml 'with space.json') ;;
            FOLDER) expected=('a folder' empty runs) ;;
            STEP=*) expected=(18.0/fix/one= 18.0/uninstall=) ;;
            *'|'*) IFS='|' read -ra expected <<<"$argument" ;;
            flag) continue ;;
            *) expected=() ;;
        esac
        echo "# $command $option $argument"
        expect "${expected[@]}" -- "$command" "$option" ''
    done < <(jq -r '.commands[] | .name as $command | .options[] | (.argument // "flag") as $argument |
        ("--\(.name)", if .letter then "-\(.letter)" else empty end) | "\($command) \(.) \($argument)"' "$HELP")
}

@test "the completion knows the operands of every command" {
    while read -r command operands; do
        echo "# $command $operands"
        case $operands in
            PLAN*COMPILED*) expect 'a folder' empty acme.json a:b.json 'with space.json' plan.yaml other.yml runs -- "$command" '' ;;
            'X Y') expect 'a folder' empty plan.yaml other.yml runs -- "$command" '' ;;
            PLAN*) expect 'a folder' empty plan.yaml other.yml runs -- "$command" '' ;;
            COMPILED | 'COMPILED [COMPILED]' | RECORD) expect 'a folder' empty acme.json a:b.json 'with space.json' runs -- "$command" '' ;;
            *RUN*) expect runs/latest runs/one -- "$command" '' ;;
            FILE...) expect plan.yaml -- "$command" pl && expect plan.yaml -- "$command" acme.json pl ;;
            DUMP | PATH) expect plan.yaml -- "$command" pl ;;
            '[NAME]') expect yaml-tab yaml-tag -- "$command" yaml-ta ;;
            '[COMMAND]') expect compare compile -- "$command" co ;;
            '') expect -- "$command" '' ;;
            *) echo "what are $operands?" && false ;;
        esac
    done < <(jq -r '.commands[] | "\(.name) \(.operands)"' "$HELP")
}

@test "completing begins with what is there" {
    expect restore resume rollback run -- r
    expect plan.yaml -- check other.yml pl
    expect -- compile other.yml pl
    expect 'a folder/b.json' -- run 'a folder/'
    expect 'with space.json' -- run w
    expect never -- check --color ne
    expect runs/one -- status runs/o
    expect 'a folder' -- status a
    expect -- check -- --
    expect plan.yaml -- check -- pl
}

@test "values behind an equals sign" {
    expect mermaid -- graph --format = m
    expect dot mermaid svg -- graph --format =
    expect plan.yaml -- compile --output = pl
    BREAKS=$' \t\n' expect --format=mermaid -- graph --format=m
    expect plan.yaml -- graph --format = svg pl
    expect b.json -- run a :
    expect b.json -- run a : b
}

@test "steps of a run, and what was found out about them" {
    expect 18.0/fix/one 18.0/uninstall -- log runs/latest ''
    expect 18.0/uninstall -- log --json runs/latest 18.0/u
    [ "$(sort -u "$ASKED")" = 'status runs/latest --json' ]
    expect 18.0/fix/one= -- resume --accept 18.0/f
    expect 18.0/fix/one= -- resume runs/latest --accept = 18.0/f
    expect again done -- resume --accept 18.0/fix/one =
    expect done -- resume --accept 18.0/fix/one = d
    expect done -- resume --accept = 18.0/fix/one = d
    expect -- log runs/nowhere ''
}

@test "completing asks the program for nothing that the completion knows by itself" {
    expect restore resume rollback run -- r
    expect --environment -- run --e
    expect plan.yaml -- check pl
    expect runs/one -- status runs/o
    [ ! -e "$ASKED" ]
}

# In a terminal: types $1 and the Tab key to an interactive bash, then Enter, and prints the
# arguments that `drehbuch` was called with.
type_and_tab() {
    python3 - "$1" <<'PYTHON'
import os, pty, select, sys, time

child, terminal = pty.fork()
if child == 0:
    os.environ.update(TERM="dumb", INPUTRC="/dev/null", PS1="> ")
    os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])

seen = b""

def read_until(mark):
    global seen
    end = time.monotonic() + 20
    while mark not in seen and time.monotonic() < end:
        if select.select([terminal], [], [], 0.1)[0]:
            seen += os.read(terminal, 4096)
    assert mark in seen, seen
    seen = seen.split(mark, 1)[1]

def send(text):
    os.write(terminal, text.encode())

read_until(b"> ")
send("source \"$COMPLETION\"; drehbuch() { printf '<%s>' \"$@\" >$ASKED; }; echo rea''dy\n")
read_until(b"ready\r\n")
send(sys.argv[1] + "\t\n")
send("echo do''ne; exit\n")
read_until(b"done\r\n")
os.waitpid(child, 0)
PYTHON
    cat "$ASKED"
}

@test "in a real shell" {
    [ "$(type_and_tab 'drehbuch graph --form')" = '<graph><--format>' ]
    [ "$(type_and_tab 'drehbuch graph --format=m')" = '<graph><--format=mermaid>' ]
    [ "$(type_and_tab 'drehbuch run w')" = '<run><with space.json>' ]
    [ "$(type_and_tab 'drehbuch run a:')" = '<run><a:b.json>' ]
    [ "$(type_and_tab 'drehbuch log runs/o')" = '<log><runs/one>' ]
}
