# Bash completion for drehbuch. Needs nothing but bash 4.4; the package bash-completion loads it by
# itself from share/bash-completion/completions, anyone else by `source`.

# Sets `options` to the options of the command $1: --NAME for a flag, --NAME=VALUE for one with a
# value, where VALUE is FILE, FOLDER, STEP, TEXT, or the choices.
_drehbuch_options() {
    case $1 in
        check) options='--json --sarif --root=FOLDER' ;;
        compile) options='-o=FILE --output=FILE --json --root=FOLDER' ;;
        graph) options='--format=dot|mermaid|svg -o=FILE --output=FILE --root=FOLDER' ;;
        run)
            options='-e=FILE --environment=FILE --rehearsal=FILE --approval=FILE
                --unapproved=TEXT --changed-addons=TEXT --changed-source=TEXT --fresh --stale --confirm-manual --deep --json'
            ;;
        inspect) options='-e=FILE --environment=FILE --to=TEXT --successors=FILE --exact --all --format=table|csv|markdown|json --json' ;;
        init) options='-e=FILE --environment=FILE --to=TEXT --successors=FILE --customer=TEXT -o=FILE --output=FILE --json' ;;
        import)
            options='--format=marabunta|playbook|wizard --from=TEXT --to=TEXT --with=openupgrade|enterprise
                --customer=TEXT -o=FILE --output=FILE --json'
            ;;
        diff)
            options='-e=FILE --environment=FILE --on=FOLDER --live --copy --rows=TEXT --limit=TEXT
                --statement-timeout=TEXT --lock-timeout=TEXT --idle-timeout=TEXT --time-limit=TEXT --json'
            ;;
        estimate) options='-e=FILE --environment=FILE --rehearsal=FILE --json' ;;
        resume) options='--accept=STEP --changed-source=TEXT --confirm-manual --json' ;;
        rollback) options='--json' ;;
        explain) options='--known-errors --json' ;;
        status | log | version | help) options='--json' ;;
        approve)
            options='--by=TEXT --note=TEXT --passed=TEXT --failed=TEXT --all-passed --key=FILE
                -o=FILE --output=FILE --json'
            ;;
        checkpoints) options='-e=FILE --environment=FILE --remove=TEXT --remove-all --json' ;;
        clean) options='-e=FILE --environment=FILE --remove --json' ;;
        verify) options='--key=FILE --json' ;;
        compare) options='--as-upgrade --ignore=TEXT --strict --rows=TEXT --jobs=TEXT --json' ;;
        backup)
            options='-e=FILE --environment=FILE --work --format=folder|zip -o=FILE --output=FILE --json'
            ;;
        restore)
            options='--database=TEXT --password-env=TEXT --filestore=FOLDER --copy --json'
            ;;
        *) options='' ;;
    esac
    options+=' --color=auto|always|never -h --help'
}

# The commands, as help lists them.
_drehbuch_commands='check compile explain graph inspect init import diff estimate run resume rollback status log approve verify compare backup restore checkpoints clean version help'

# Sets `words` to the words up to the cursor. Readline has cut them at `=` and `:`; here they are
# whole again. Sets `cut` to what stands of the last one before the piece that readline completes.
_drehbuch_read_words() {
    local index piece joined=
    words=() cut=
    for ((index = 0; index <= COMP_CWORD; index++)); do
        piece=${COMP_WORDS[index]}
        if [[ $piece =~ ^[=:]+$ && ${#words[@]} -gt 1 ]]; then
            words[-1]+=$piece
            joined=yes
            cut=${words[-1]}
        elif [[ $joined ]]; then
            cut=${words[-1]}
            words[-1]+=$piece
            joined=
        else
            words+=("$piece")
            cut=
        fi
    done
}

# Offers those of the words $2... that begin with $1.
_drehbuch_offer() {
    local start=$1 word
    shift
    for word in "$@"; do
        [[ $word == "$start"* ]] && COMPREPLY+=("$word")
    done
}

# Offers folders, and files that end with one of the endings $2... (all, where none is given).
_drehbuch_offer_files() {
    local start=$1 ending
    shift
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <({
        compgen -d -- "$start"
        [ $# -gt 0 ] || compgen -f -- "$start"
        for ending in "$@"; do
            compgen -f -X "!*$ending" -- "$start"
        done
    } | sort -u)
}

# Offers the runs below `runs`, and folders.
_drehbuch_offer_runs() {
    local start=$1 folder
    for folder in runs/*; do
        [[ -e $folder/plan.json && $folder == "$start"* ]] && COMPREPLY+=("$folder")
    done
    if [ ${#COMPREPLY[@]} -eq 0 ]; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -d -- "$start")
    fi
}

# Offers the ids of the steps of the run $2, with $3 behind each.
_drehbuch_offer_steps() {
    local -a steps
    mapfile -t steps < <("$program" status ${2:+"$2"} --json 2>/dev/null |
        sed -n 's/^ *"id": "\(.*\)",\{0,1\}$/\1/p')
    _drehbuch_offer "$1" "${steps[@]/%/${3-}}"
}

# Offers values that begin with $1 for an option whose value is $2.
_drehbuch_offer_values() {
    local -a choices
    case $2 in
        FILE) _drehbuch_offer_files "$1" ;;
        FOLDER)
            compopt -o filenames 2>/dev/null
            mapfile -t COMPREPLY < <(compgen -d -- "$1")
            ;;
        STEP)
            if [[ $1 == *=* ]]; then
                _drehbuch_offer "$1" "${1%%=*}=done" "${1%%=*}=again"
            else
                compopt -o nospace 2>/dev/null
                _drehbuch_offer_steps "$1" "${operands[0]-}" =
            fi
            ;;
        TEXT) ;;
        *)
            IFS='|' read -r -a choices <<<"$2"
            _drehbuch_offer "$1" "${choices[@]}"
            ;;
    esac
}

_drehbuch_offer_options() {
    local option
    for option in $options; do
        [[ $option == --* ]] && _drehbuch_offer "$1" "${option%%=*}"
    done
}

# Offers operands that begin with $1; those before it are in `operands`.
_drehbuch_offer_operands() {
    case $command:${#operands[@]} in
        check:* | compile:0) _drehbuch_offer_files "$1" .yaml .yml ;;
        explain:0) _drehbuch_offer "$1" $("$program" explain 2>/dev/null | sed 's/ .*//') ;;
        graph:0) _drehbuch_offer_files "$1" .yaml .yml .json ;;
        diff:* | run:0 | estimate:0 | approve:0) _drehbuch_offer_files "$1" .json ;;
        compare:0 | compare:1) _drehbuch_offer_files "$1" .yaml .yml ;;
        resume:0 | rollback:0 | status:0 | log:0) _drehbuch_offer_runs "$1" ;;
        log:1) _drehbuch_offer_steps "$1" "${operands[0]}" ;;
        verify:* | restore:0 | import:0) _drehbuch_offer_files "$1" ;;
        help:0) _drehbuch_offer "$1" $_drehbuch_commands ;;
    esac
}

# Sets `value` to what the option $1 takes, to nothing for a flag.
_drehbuch_find_value() {
    local option
    value=
    for option in $options; do
        [[ $option == "$1"=* ]] && value=${option#*=}
    done
}

# Reads the words before the one to complete: sets `command`, `operands`, `options`, and `value`
# where the last of them is an option that waits for its value.
_drehbuch_read_line() {
    local word only_operands=
    command= operands=() value=
    _drehbuch_options ''
    for word in "${words[@]:1:${#words[@]}-2}"; do
        if [[ $value ]]; then
            value=
        elif [[ ! $only_operands && $word == -- ]]; then
            only_operands=yes
        elif [[ ! $only_operands && $word == -?* ]]; then
            _drehbuch_find_value "$word"
        elif [[ ! $command ]]; then
            command=$word
            _drehbuch_options "$command"
        else
            operands+=("$word")
        fi
    done
    [[ ! $only_operands ]] || options=
}

_drehbuch() {
    local IFS=$' \t\n' program=${1/#\~\//$HOME/} command value options cut word index
    local -a words operands
    COMPREPLY=()
    _drehbuch_read_words
    _drehbuch_read_line
    word=${words[-1]}
    if [[ $value ]]; then
        _drehbuch_offer_values "$word" "$value"
    elif [[ $options && $word == --*=* ]]; then
        _drehbuch_find_value "${word%%=*}"
        [[ ! $value ]] || _drehbuch_offer_values "${word#*=}" "$value"
        cut=${cut#"${word%%=*}="}
        # Where readline does not cut words at `=`, it replaces the whole of it.
        [[ ${COMP_WORDBREAKS-=} == *=* ]] || COMPREPLY=("${COMPREPLY[@]/#/${word%%=*}=}")
    elif [[ $options && $word == -* ]]; then
        _drehbuch_offer_options "$word"
    elif [[ ! $command ]]; then
        _drehbuch_offer "$word" $_drehbuch_commands
    else
        _drehbuch_offer_operands "$word"
    fi
    # Readline puts what is offered behind what it has cut off.
    for index in "${!COMPREPLY[@]}"; do
        COMPREPLY[index]=${COMPREPLY[index]#"$cut"}
    done
}

complete -F _drehbuch drehbuch
