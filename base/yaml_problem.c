#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "base/yaml_private.h"

struct position yaml_position(const struct source *source, yaml_mark_t mark)
{
    return (struct position){
        .source = source, .line = (uint32_t)mark.line + 1, .column = (uint32_t)mark.column + 1};
}

/* What libyaml 0.2.5 says (scanner.c, parser.c) and what an author can do with. */
struct phrase {
    const char *problem;
    const char *context; /* a part of libyaml's, or NULL for any */
    bool at_context;     /* the mistake is where the construct began */
    const char *name;
    const char *message; /* with %u: the line where the construct began */
    const char *help;
};

#define QUOTE_HELP "put the text in quotes if the character belongs to it"

static const struct phrase phrases[] = {
    {"could not find expected ':'", NULL, true, "yaml-syntax", "there is no \":\" after this key",
     "write `key: value`, with a space behind the colon; check that quotes above are closed"},
    {"mapping values are not allowed", NULL, false, "yaml-syntax", "a \":\" is not possible here",
     "put the text in quotes if the colon belongs to it; else look for a wrong indentation or a "
     "missing \":\" in this line and the one before"},
    {"mapping keys are not allowed", NULL, false, "yaml-syntax", "a key cannot begin here",
     QUOTE_HELP},
    {"block sequence entries are not allowed", NULL, false, "yaml-syntax",
     "a list cannot begin here", "put each `- ` on a line of its own, below the key and indented"},
    {"did not find expected key", "block mapping", false, "yaml-syntax",
     "this does not fit the object that begins on line %u",
     "indent the line like the other keys of that object; nothing may follow a closing quote"},
    {"did not find expected '-' indicator", NULL, false, "yaml-syntax",
     "this does not fit the list that begins on line %u",
     "begin each item of that list with `- `, all at the same indentation"},
    {"did not find expected ',' or ']'", NULL, false, "yaml-syntax",
     "the list that begins with \"[\" on line %u is not closed, or lacks a comma before this",
     "put \",\" between its items and \"]\" behind the last"},
    {"did not find expected ',' or '}'", NULL, false, "yaml-syntax",
     "the object that begins with \"{\" on line %u is not closed, or lacks a comma before this",
     "put \",\" between its members and \"}\" behind the last"},
    {"did not find expected node content", NULL, false, "yaml-syntax", "a value is missing here",
     "write the value, or remove what asks for one (a comma, a tag, an anchor)"},
    {"found unexpected end of stream", "quoted scalar", true, "yaml-syntax",
     "this quote is not closed", "add the closing quote"},
    {"found unexpected document indicator", NULL, true, "yaml-syntax", "this quote is not closed",
     "add the closing quote"},
    {"found unknown escape character", NULL, false, "yaml-syntax",
     "this is no escape that YAML knows",
     "write \"\\\\\" for a backslash, or put the text in single quotes"},
    {"hexdecimal number", NULL, false, "yaml-syntax", "this escape lacks hexadecimal digits",
     "write \\xNN, \\uNNNN or \\UNNNNNNNN"},
    {"invalid Unicode character escape", NULL, false, "yaml-syntax",
     "this escape stands for no character", "use the number of a Unicode character"},
    {"found a tab character", NULL, false, "yaml-tab", "a tab cannot indent", "indent with spaces"},
    {"indentation indicator equal to 0", NULL, false, "yaml-syntax",
     "the indentation of a block cannot be 0", "give 1 to 9, or nothing"},
    {"expected comment or line break", NULL, false, "yaml-syntax", "only a comment can follow here",
     "begin the text on the next line, indented"},
    {"expected alphabetic or numeric character", NULL, true, "yaml-syntax",
     "a name must follow \"&\" and \"*\"", QUOTE_HELP},
    {"expected <document start>", NULL, false, "yaml-syntax",
     "this does not belong to the document above it",
     "begin all top-level keys in the same column; behind `...` nothing may follow"},
    {"found unexpected ':'", NULL, false, "yaml-syntax", "a \":\" is not possible here",
     "put a space behind the colon, or the text in quotes"},
    {"found undefined tag handle", NULL, true, "yaml-tag", "this tag is not known",
     "remove it; tags are not needed here"},
    {NULL, "tag", true, "yaml-tag", "this tag is not complete", QUOTE_HELP},
    {NULL, "directive", true, "yaml-syntax", "this directive cannot be used",
     "remove the line that begins with \"%\""},
    {"directive", NULL, false, "yaml-syntax", "this directive cannot be used",
     "remove the line that begins with \"%\""},
    {"found incompatible YAML document", NULL, false, "yaml-syntax",
     "this version of YAML cannot be read", "remove the line that begins with \"%YAML\""},
};

static bool phrase_fits(const struct phrase *phrase, const yaml_parser_t *parser)
{
    if (phrase->problem && !strstr(parser->problem, phrase->problem))
        return false;
    return !phrase->context || (parser->context && strstr(parser->context, phrase->context));
}

/* The tab among the white space that begins the line, as a position; line 0 where there is none. */
static struct position find_tab(const struct source *source, uint32_t number)
{
    struct text line = source_line(source, number);
    for (uint32_t i = 0; i < line.length && (line.bytes[i] == ' ' || line.bytes[i] == '\t'); i++)
        if (line.bytes[i] == '\t')
            return (struct position){.source = source, .line = number, .column = i + 1};
    return (struct position){0};
}

static void report_character(const struct source *source, struct position position,
                             struct diagnostics *diagnostics)
{
    struct text line = source_line(source, position.line);
    size_t offset = utf8_skip(line.bytes, line.length, position.column - 1);
    char character = offset < line.length ? line.bytes[offset] : ' ';
    diagnostics_add(diagnostics, "yaml-syntax", position, "a value cannot begin with \"%c\"",
                    character)
        ->help = "put the value in quotes";
}

static void report_control(const yaml_parser_t *parser, const struct source *source, size_t offset,
                           struct diagnostics *diagnostics)
{
    diagnostics_add(
        diagnostics, "yaml-encoding", source_position(source, parser->problem_offset + offset),
        "the control character U+%04X cannot stand in YAML", (unsigned)parser->problem_value)
        ->help = "remove it, or write it as an escape in double quotes";
}

static void report_phrase(const yaml_parser_t *parser, const struct source *source,
                          const struct phrase *phrase, struct diagnostics *diagnostics)
{
    yaml_mark_t mark = phrase->at_context ? parser->context_mark : parser->problem_mark;
    diagnostics_add(diagnostics, phrase->name, yaml_position(source, mark), phrase->message,
                    (unsigned)parser->context_mark.line + 1)
        ->help = phrase->help;
}

void yaml_report_problem(const yaml_parser_t *parser, const struct source *source, size_t offset,
                         struct diagnostics *diagnostics)
{
    if (parser->error == YAML_MEMORY_ERROR)
        memory_allocate(SIZE_MAX); /* ends the program with its message */
    if (parser->error == YAML_READER_ERROR) {
        report_control(parser, source, offset, diagnostics);
        return;
    }
    struct position position = yaml_position(source, parser->problem_mark);
    struct position tab = find_tab(source, position.line);
    if (tab.line > 0) {
        diagnostics_add(diagnostics, "yaml-tab", tab, "a tab cannot indent")->help =
            "indent with spaces";
        return;
    }
    if (strstr(parser->problem, "cannot start any token")) {
        report_character(source, position, diagnostics);
        return;
    }
    for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++) {
        if (phrase_fits(&phrases[i], parser)) {
            report_phrase(parser, source, &phrases[i], diagnostics);
            return;
        }
    }
    diagnostics_add(diagnostics, "yaml-syntax", position, "this is not YAML: %s", parser->problem)
        ->help = "put texts with special characters in quotes, and check the indentation";
}
