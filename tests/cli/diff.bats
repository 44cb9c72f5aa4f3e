#!/usr/bin/env bats
# How two compiled plans differ.

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    cat >plan.yaml <<'PLAN'
version: 1
customer: acme
title: Acme
upgrade: { from: "18.0", to: "19.0", with: openupgrade }
bindings: { sender: { type: text, description: whose mail it is } }
modules:
  acme_old: { action: uninstall, at: "18.0" }
  auditlog: keep
settings: { parameters: { web.base.url: "https://acme.example", mail.sender: "${sender}" } }
fixes:
  "18.0":
    - id: one
      sql: |
        UPDATE res_partner
        SET ref = 'one'
    - id: two
      sql: UPDATE res_partner SET ref = 'two'
    - id: three
      sql: UPDATE res_partner SET ref = 'three'
  "19.0":
    - id: last
      sql: SELECT 1
PLAN
    "$DREHBUCH" compile plan.yaml -o before.json
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

# changed SED-SCRIPT: the same plan, edited, in after.json.
changed() {
    sed -E "$1" plan.yaml >edited.yaml
    (! cmp -s plan.yaml edited.yaml)
    "$DREHBUCH" compile edited.yaml -o after.json
}

compare() {
    run "$DREHBUCH" diff before.json after.json
}

says() {
    [[ $output == *"$1"* ]] || {
        printf 'missing: %s\nin:\n%s\n' "$1" "$output"
        return 1
    }
}

@test "a plan is the same as itself, and as one that only stands elsewhere in its file" {
    "$DREHBUCH" diff before.json before.json
    changed '1i# a comment'
    (! cmp -s before.json after.json)
    compare
    [ "$status" -eq 0 ]
    says 'The same plan, written in other places of its files'
    [ "$("$DREHBUCH" diff before.json after.json --json | jq -c '[.equal, .plan, .steps]')" = '[true,[],[]]' ]
}

@test "each kind of change, in the plan's terms" {
    while IFS='|' read -r script summary text; do
        changed "$script"
        compare
        [ "$status" -eq 1 ]
        says "The plans are different: $summary"
        says "$text"
    done <<'CASES'
s/'one'/'first'/|1 changed, |~ 18.0/fix/one changed (edited.yaml:12:7)
s/'one'/'first'/|1 changed, |      -SET ref = 'one'
s/'one'/'first'/|1 changed, |      +SET ref = 'first'
s/acme.example/acme.test/|1 changed, |    parameters.web.base.url: "https://acme.example" -> "https://acme.test"
s/ +mail.sender: "\$\{sender\}"//; s/ sender:.*description.*\} \}/}/|1 changed, |    - parameters.mail.sender: "${sender}"
s/acme_old: .*/acme_old: keep/|1 removed, |modules.acme_old.action: "uninstall" -> "keep"
s/acme_old: .*/acme_old: keep/|1 removed, |- 18.0/uninstall removed (plan.yaml:7:3)
s/id: two/id: zwei/|1 renamed, |= 18.0/fix/zwei renamed: it was 18.0/fix/two
s/SELECT 1/SELECT 2/|1 changed, |A rehearsal can go on from a checkpoint of it behind 19.0/
$a\    - { id: more, only: test, sql: SELECT 3 }|1 added, |+ 19.0/fix/more added (edited.yaml:23:7)
$a\    - { id: more, only: test, sql: SELECT 3 }|1 added, |    + only: "test"
s/title: Acme/title: Acme Corporation/|22 of 22 steps the same.|title: "Acme" -> "Acme Corporation"
s/whose mail/the address that mail/|22 of 22 steps the same.|bindings.sender.description: "whose mail it is" -> "the address that mail it is"
CASES
}

@test "what has moved is told, and only that" {
    # The third fix stands first.
    python3 - <<'PYTHON'
text = open("plan.yaml").read()
three = "    - id: three\n      sql: UPDATE res_partner SET ref = 'three'\n"
open("edited.yaml", "w").write(text.replace(three, "").replace('  "18.0":\n', '  "18.0":\n' + three))
PYTHON
    "$DREHBUCH" compile edited.yaml -o after.json
    compare
    [ "$status" -eq 1 ]
    says 'The plans are different: 1 moved'
    says '> 18.0/fix/three moved'
    [ "$("$DREHBUCH" diff before.json after.json --json | jq -c '[.steps[] | select(.moved) | .step]')" = '["18.0/fix/three"]' ]
}

@test "what of a rehearsal stays valid: what has the same history" {
    changed "s/'two'/'second'/"
    compare
    says 'the first that is new to it is 18.0/fix/two.'
    says 'A rehearsal can go on from a checkpoint of it behind 18.0/fix/one, if one was kept.'
    says 'An approval of the first plan does not hold for the second.'
    local valid
    valid=$(jq -s '(.[0].steps | map(.digest)) as $old | [.[1].steps[] | select(.digest as $d | $old | index($d))] | length' before.json after.json)
    says "Of a rehearsal of the first plan $valid of the second's"
    "$DREHBUCH" diff before.json after.json --json | jq -e --argjson valid "$valid" '.valid == $valid and .last_valid == "18.0/fix/one" and
        (.steps | map(select(.change == "follows") | .step) | index("18.0/fix/three") != null)'
}

@test "what is not a compiled plan is refused" {
    run "$DREHBUCH" diff before.json plan.yaml
    [ "$status" -eq 3 ]
    sed "s/'two'/'2'/" before.json >after.json
    compare
    [ "$status" -eq 4 ]
    run "$DREHBUCH" diff before.json
    [ "$status" -eq 2 ]
}
