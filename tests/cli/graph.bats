#!/usr/bin/env bats
# The pictures of a plan's graph: DOT, Mermaid, SVG.

bats_require_minimum_version 1.5.0

setup_file() {
    cd "$BATS_FILE_TMPDIR"
    cat >plan.yaml <<'PLAN'
version: 1
customer: acme
title: 'Acme "Corporation" <& Sons>'
upgrade: { from: "18.0", to: "19.0", with: openupgrade }
modules:
  acme_old: { action: uninstall, at: "18.0" }
  auditlog: { action: update, at: "19.0" }
fixes:
  "18.0":
    - id: odd
      title: 'Say "hello" [to] {them}; <b> &amp; \N 1. `ü` end'
      sql: SELECT 1
  "19.0":
    - id: pause
      title: "- Pause | the newsletter, which has a title that is very much longer than one line"
      only: test
      python: pass
checks:
  - id: partners-kept
    sql: SELECT count(*) FROM res_partner
    equals: source
PLAN
    "$DREHBUCH" compile plan.yaml -o compiled.json
    printf 'version: 1\n' >broken.yaml
}

setup() {
    cd "$BATS_FILE_TMPDIR"
}

graph() {
    "$DREHBUCH" graph "$@"
}

# Reads the picture back with Graphviz: the JSON it makes of DOT, filtered by jq.
read_dot() {
    graph plan.yaml | dot -Tdot_json | jq -r "$1"
}

@test "dot reads what is written, without a warning" {
    graph plan.yaml -o plan.dot
    run dot -Tcanon plan.dot -o canon.dot
    [ "$status" -eq 0 ]
    [ "$output" = "" ]
}

@test "a plan and what it is compiled to give the same picture, each time" {
    for format in dot mermaid svg; do
        graph plan.yaml --format $format >first
        graph plan.yaml --format $format >second
        graph compiled.json --format $format >third
        [ -s first ]
        cmp first second
        cmp first third
    done
}

@test "every step is a node and every need an edge" {
    diff <(jq -r '.steps[].id' compiled.json | sort) \
        <(read_dot '.objects[] | select(.nodes == null) | .name' | sort)
    diff <(jq -r '.steps[] | .id as $id | .needs[] | "\(.) \($id)"' compiled.json | sort) \
        <(read_dot '[.objects[].name] as $names | .edges[] | "\($names[.tail]) \($names[.head])"' | sort)
}

@test "every phase is a cluster that holds its steps" {
    diff <(jq -r '.steps[] | "\(.phase) \(.id)"' compiled.json | sort) \
        <(read_dot '[.objects[].name] as $names | .objects[] | select(.nodes) |
            .label as $phase | .nodes[] | "\($phase) \($names[.])"' | sort)
}

@test "a step that is for one mode has a dashed line and says so" {
    diff <(jq -r '.steps[] | select(.only) | "\(.id) only in \(.only)"' compiled.json | sort) \
        <(read_dot '.objects[] | select(.style == "filled,dashed") |
            "\(.name) \(.label | split("\\n") | last)"' | sort)
    [ "$(read_dot '[.objects[] | select(.style == "filled,dashed")] | length')" -ge 2 ]
}

@test "what means something to DOT is escaped" {
    # As the SVG has it, which is what people see; dot writes some characters by their numbers.
    graph plan.yaml -o plan.svg
    python3 - plan.svg >texts <<'PYTHON'
import sys
import xml.etree.ElementTree
tree = xml.etree.ElementTree.parse(sys.argv[1])
for text in tree.iter("{http://www.w3.org/2000/svg}text"):
    print("".join(text.itertext()).replace("\u00a0", " "))
PYTHON
    cat texts
    grep -Fx 'Acme "Corporation" <& Sons>' texts
    grep -Fx 'Say "hello" [to] {them}; <b>' texts
    grep -Fx '&amp; \N 1. `ü` end' texts
    grep -Fx -e '- Pause | the newsletter,' texts
    grep -Fx 'which has a title that is very' texts
}

@test "the SVG is well-formed and has a node for each step" {
    graph compiled.json -o compiled.svg
    run python3 -c '
import sys, xml.etree.ElementTree
root = xml.etree.ElementTree.parse(sys.argv[1]).getroot()
print(root.tag, sum(e.get("class") == "node" for e in root.iter()))' compiled.svg
    [ "$status" -eq 0 ]
    [ "$output" = "{http://www.w3.org/2000/svg}svg $(jq '.steps | length' compiled.json)" ]
}

@test "without Graphviz, an SVG is an error that says what to install" {
    mkdir -p empty
    PATH=$PWD/empty run "$DREHBUCH" graph plan.yaml -o none.svg
    [ "$status" -eq 1 ]
    [[ ${lines[0]} = "error: cannot start dot: "* ]]
    [[ ${lines[1]} = *"apt install graphviz"* ]]
    [ ! -e none.svg ]
    PATH=$PWD/empty run "$DREHBUCH" graph plan.yaml
    [ "$status" -eq 0 ]
}

@test "a dot that fails is an error, and nothing is written" {
    mkdir -p failing
    printf '#!/bin/sh\necho "<svg"\necho "no room for the layout" >&2\nexit 7\n' >failing/dot
    chmod +x failing/dot
    PATH=$PWD/failing:$PATH run "$DREHBUCH" graph plan.yaml -o failed.svg
    [ "$status" -eq 1 ]
    [ "$output" = "error: dot ended with exit code 7: no room for the layout" ]
    [ ! -e failed.svg ]
    printf '#!/bin/sh\nkill -9 $$\n' >failing/dot
    PATH=$PWD/failing:$PATH run "$DREHBUCH" graph plan.yaml --format svg
    [ "$status" -eq 1 ]
    [ "$output" = "error: dot was ended by signal 9: it did not say why" ]
}

@test "Mermaid: a title, a subgraph for each phase, a node for each step, an arrow for each need" {
    graph compiled.json --format mermaid >picture
    cat picture
    [ "$(sed -n 2p picture)" = 'title: "Acme \"Corporation\" <& Sons>"' ]
    [ "$(sed -n 4p picture)" = 'flowchart TB' ]
    diff <(jq -r '[.steps[].phase] | unique_by(.) | .[]' compiled.json | sort) \
        <(sed -n 's/^  subgraph p[0-9]*\["\(.*\)"\]$/\1/p' picture | sort)
    [ "$(grep -c '^  end$' picture)" -eq "$(grep -c '^  subgraph ' picture)" ]
    diff <(jq -r '.steps[].id | sub("^[^/]*/"; "")' compiled.json) \
        <(grep -E '^    s[0-9]' picture | sed 's/<br>only in [a-z]*//; s/.*<br>//; s/"[])}/\\]*$//')
    diff <(jq -r '[.steps[].id] as $ids | .steps | to_entries[] | .key as $key | .value.needs[] |
            . as $need | "  s\($ids | index($need)) --> s\($key)"' compiled.json) \
        <(grep -e '-->' picture)
    [ "$(sed -n 's/^  class \(.*\) only$/\1/p' picture)" = \
        "$(jq -r '[.steps | to_entries[] | select(.value.only) | "s\(.key)"] | join(",")' compiled.json)" ]
}

@test "Mermaid: what means something is written by its number" {
    graph plan.yaml -o picture.mmd
    grep -F 's9["Say #34;hello#34; #91;to#93; #123;them#125;#59; #60;b#62;<br>#38;amp#59; #92;N 1#46; #96;ü#96; end<br>fix/odd"]' \
        picture.mmd
    grep -F '["#45; Pause #124; the newsletter,<br>which' picture.mmd
}

@test "the format is told by the name of the file, else by --format, else it is DOT" {
    for ending in dot gv; do
        graph plan.yaml -o by-name.$ending
        head -1 by-name.$ending | grep '^digraph '
    done
    for ending in mmd mermaid; do
        graph plan.yaml -o by-name.$ending
        head -1 by-name.$ending | grep -e '^---$'
    done
    graph plan.yaml -o by-name.svg
    head -1 by-name.svg | grep '^<?xml'
    graph plan.yaml --format mermaid -o asked.svg
    head -1 asked.svg | grep -e '^---$'
    graph plan.yaml -o - | head -1 | grep '^digraph '
    run graph plan.yaml -o picture.png
    [ "$status" -eq 2 ]
    [[ ${lines[0]} = 'error: the format of picture.png cannot be told from its name' ]]
    [ ! -e picture.png ]
}

@test "what is wrong with the plan is said, and nothing is drawn" {
    run --separate-stderr graph broken.yaml -o broken.dot
    [ "$status" -eq 3 ]
    [ "$output" = "" ]
    [[ $stderr = *"broken.yaml:1"* ]]
    [[ $stderr = *"error"*"; nothing was drawn"* ]]
    [ ! -e broken.dot ]
}

@test "a compiled plan that was changed is refused" {
    sed 's/Acme/Acne/' compiled.json >changed.json
    run --separate-stderr graph changed.json
    [ "$status" -eq 4 ]
    [ "$output" = "" ]
}
