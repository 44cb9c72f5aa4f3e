#!/usr/bin/env bats
# What the program says to a command line that is wrong, and where it says it.

bats_require_minimum_version 1.5.0

drehbuch() {
    "$DREHBUCH" "$@"
}

# usage_error MESSAGE HELP ARGUMENT...: exit code 2, exactly these two lines.
usage_error() {
    local message=$1 help=$2
    shift 2
    run drehbuch "$@"
    [ "$status" -eq 2 ]
    [ "${lines[0]}" = "error: $message" ] || { echo "$output" && false; }
    [ "${lines[1]}" = "help: $help" ] || { echo "$output" && false; }
    [ ${#lines[@]} -eq 2 ]
}

@test "no command" {
    usage_error "usage: drehbuch COMMAND ..." "\`drehbuch help\` lists the commands"
}

@test "an unknown command is answered with the nearest one" {
    usage_error 'unknown command "vresion"' 'did you mean `version`?' vresion
    usage_error 'unknown command "vresion"' 'did you mean `version`?' help vresion
}

@test "a command like no other is answered with the list's name" {
    usage_error 'unknown command "xyzzy"' '`drehbuch help` lists the commands' xyzzy
}

@test "an unknown option is answered with the nearest one" {
    usage_error 'unknown option --jsn' 'did you mean `--json`?' version --jsn
    usage_error 'unknown option --jsn' 'did you mean `--json`?' version --jsn=1
    usage_error 'unknown option -q' 'see `drehbuch version --help`' version -q
}

@test "a value where none is taken, none where one is" {
    usage_error '--json takes no value' 'see `drehbuch version --help`' version --json=yes
    usage_error '--color needs its auto|always|never' 'see `drehbuch version --help`' version --color
}

@test "a choice is one of those offered" {
    usage_error '--color is auto|always|never, not "sometimes"' 'see `drehbuch version --help`' \
        version --color sometimes
    usage_error '--color is auto|always|never, not ""' 'see `drehbuch version --help`' \
        version --color=
    usage_error '--color is auto|always|never, not "auto|always"' 'see `drehbuch version --help`' \
        version --color='auto|always'
}

@test "an answer about any step is taken" {
    run drehbuch resume nowhere --accept 18.0/fix/notify=done --accept 18.0/fix/other=again
    [ "$status" -ne 0 ]
    [[ $output = *nowhere* && $output != *--accept* ]]
}

@test "an option is given once" {
    usage_error '--color is given twice' 'see `drehbuch version --help`' \
        version --color=auto --color never
}

@test "too many operands" {
    usage_error '"extra" is one argument too many' 'see `drehbuch version --help`' version extra
    usage_error '"--json" is one argument too many' 'see `drehbuch version --help`' version -- --json
}

@test "with --json an error is JSON on standard output" {
    run --separate-stderr drehbuch vresion --json
    [ "$status" -eq 2 ]
    [ "$output" = '{"error":{"exit":2,"help":"did you mean `version`?","message":"unknown command \"vresion\""}}' ]
    [ "$stderr" = "" ]
}

@test "errors go to standard error" {
    run --separate-stderr drehbuch vresion
    [ "$output" = "" ]
    [ "$stderr" != "" ]
}

@test "a full disk is an error" {
    run drehbuch version >/dev/null
    run bash -c '"$DREHBUCH" version >/dev/full'
    [ "$status" -eq 1 ]
    [ "$output" = "error: cannot write to standard output: No space left on device" ]
}

@test "a closed pipe is an error, not a signal" {
    run bash -c '(sleep 0.2; "$DREHBUCH" help --json; echo "exit $?" >&2) | true'
    [[ $output = *"error: cannot write to standard output: Broken pipe"* ]]
    [[ $output = *"exit 1" ]]
}

@test "colours: never, by NO_COLOR, always" {
    run drehbuch --color=always version -x
    [[ $output = *$'\033['* ]]
    run drehbuch version -x --color always
    [[ $output = *$'\033['* ]]
    run drehbuch version -x
    [[ $output != *$'\033'* ]]
}

@test "colours on a terminal, but not with NO_COLOR nor on a dumb one" {
    in_terminal() {
        env "$@" script -qec "'$DREHBUCH' version -x" /dev/null </dev/null
    }
    run in_terminal TERM=xterm
    [[ $output = *$'\033['* ]]
    run in_terminal TERM=xterm NO_COLOR=1
    [[ $output = *error:* && $output != *$'\033'* ]]
    run in_terminal TERM=dumb
    [[ $output = *error:* && $output != *$'\033'* ]]
}
