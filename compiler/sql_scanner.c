#include "compiler/sql_scanner.h"

#include <string.h>

#define WORD_SIZE 16  /* longer words are none of those that matter */
#define WORD_COUNT 16 /* words of a statement that are looked at, apart from blocks */

struct scanner {
    const char *text;
    size_t length;
    size_t next;
    void (*found)(void *context, enum sql_finding finding, size_t offset);
    void *context;

    /* The statement being read. */
    bool in_statement;
    size_t start;
    char words[WORD_COUNT][WORD_SIZE]; /* its first words outside of parentheses, lower case */
    size_t word_count;
    size_t parentheses;
    size_t blocks; /* open BEGIN ... END and CASE ... END of a routine's body */
};

static void report(const struct scanner *scanner, enum sql_finding finding, size_t offset)
{
    scanner->found(scanner->context, finding, offset);
}

static char peek(const struct scanner *scanner, size_t distance)
{
    size_t offset = scanner->next + distance;
    return offset < scanner->length ? scanner->text[offset] : '\0';
}

static bool is_letter(char character)
{
    return (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
           character == '_' || (unsigned char)character >= 0x80;
}

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

static void begin_statement(struct scanner *scanner, size_t offset)
{
    if (scanner->in_statement)
        return;
    scanner->in_statement = true;
    scanner->start = offset;
    report(scanner, SQL_STATEMENT, offset);
}

static bool has_word(const struct scanner *scanner, size_t index, const char *word)
{
    return index < scanner->word_count && strcmp(scanner->words[index], word) == 0;
}

static bool has_any_word(const struct scanner *scanner, size_t index, const char *const *words)
{
    for (; *words; words++)
        if (has_word(scanner, index, *words))
            return true;
    return false;
}

static bool has_word_behind(const struct scanner *scanner, size_t index, const char *word)
{
    for (; index < scanner->word_count; index++)
        if (has_word(scanner, index, word))
            return true;
    return false;
}

static bool controls_transaction(const struct scanner *scanner)
{
    static const char *const always[] = {"begin", "commit", "end", "abort", "start", NULL};
    if (has_any_word(scanner, 0, always))
        return true;
    if (has_word(scanner, 0, "prepare"))
        return has_word(scanner, 1, "transaction");
    if (!has_word(scanner, 0, "rollback"))
        return false;
    bool noise = has_word(scanner, 1, "work") || has_word(scanner, 1, "transaction");
    return !has_word(scanner, noise ? 2 : 1, "to");
}

static bool refuses_transaction(const struct scanner *scanner)
{
    static const char *const objects[] = {"database", "tablespace", NULL};
    static const char *const indexed[] = {"create", "drop", "reindex", NULL};
    if (has_word(scanner, 0, "vacuum"))
        return true;
    if (has_word(scanner, 0, "alter"))
        return has_word(scanner, 1, "system");
    if (has_word(scanner, 0, "create") || has_word(scanner, 0, "drop"))
        if (has_any_word(scanner, 1, objects))
            return true;
    if (has_word(scanner, 0, "reindex") &&
        (has_word(scanner, 1, "database") || has_word(scanner, 1, "system")))
        return true;
    return has_any_word(scanner, 0, indexed) && has_word_behind(scanner, 1, "concurrently") &&
           !has_word(scanner, 1, "table");
}

static bool streams_copy(const struct scanner *scanner)
{
    return has_word(scanner, 0, "copy") &&
           (has_word_behind(scanner, 1, "stdin") || has_word_behind(scanner, 1, "stdout"));
}

static void end_statement(struct scanner *scanner)
{
    if (!scanner->in_statement)
        return;
    if (controls_transaction(scanner))
        report(scanner, SQL_TRANSACTION_CONTROL, scanner->start);
    else if (refuses_transaction(scanner))
        report(scanner, SQL_NO_TRANSACTION, scanner->start);
    else if (streams_copy(scanner))
        report(scanner, SQL_COPY_STREAM, scanner->start);
    scanner->in_statement = false;
    scanner->word_count = 0;
    scanner->parentheses = 0;
    scanner->blocks = 0;
}

/* CREATE [OR REPLACE] FUNCTION or PROCEDURE, whose body may be BEGIN ATOMIC ...; ...; END. */
static bool creates_routine(const struct scanner *scanner)
{
    static const char *const routines[] = {"function", "procedure", NULL};
    return has_word(scanner, 0, "create") &&
           has_any_word(scanner, has_word(scanner, 1, "or") ? 3 : 1, routines);
}

static void count_blocks(struct scanner *scanner, const char *word)
{
    if (!creates_routine(scanner))
        return;
    if (strcmp(word, "begin") == 0 || (scanner->blocks > 0 && strcmp(word, "case") == 0))
        scanner->blocks++;
    else if (scanner->blocks > 0 && strcmp(word, "end") == 0)
        scanner->blocks--;
}

static void read_word(struct scanner *scanner)
{
    size_t start = scanner->next;
    char word[WORD_SIZE];
    size_t length = 0;
    while (is_letter(peek(scanner, 0)) || is_digit(peek(scanner, 0)) || peek(scanner, 0) == '$') {
        char character = scanner->text[scanner->next];
        if (character == '$' && peek(scanner, 1) == '{')
            break;
        bool capital = character >= 'A' && character <= 'Z';
        if (length < WORD_SIZE)
            word[length] = (char)(capital ? character - 'A' + 'a' : character);
        length++;
        scanner->next++;
    }
    begin_statement(scanner, start);
    if (length >= WORD_SIZE)
        length = 0; /* counts as a word, but as none that is known */
    word[length] = '\0';
    count_blocks(scanner, word);
    if (scanner->parentheses == 0 && scanner->blocks == 0 && scanner->word_count < WORD_COUNT)
        memcpy(scanner->words[scanner->word_count++], word, length + 1);
}

static void report_binding(const struct scanner *scanner, bool quoted)
{
    report(scanner, quoted ? SQL_BINDING_IN_QUOTES : SQL_BINDING, scanner->next);
}

/* Within a quote or comment: passes over one character, or over a binding's start or its escape. */
static void pass_quoted(struct scanner *scanner)
{
    if (peek(scanner, 0) == '$' && peek(scanner, 1) == '$' && peek(scanner, 2) == '{') {
        scanner->next += 3;
        return;
    }
    if (peek(scanner, 0) == '$' && peek(scanner, 1) == '{')
        report_binding(scanner, true);
    scanner->next++;
}

/* A quote that doubling escapes, and with `escapes` the backslash too. */
static void read_quote(struct scanner *scanner, bool escapes)
{
    size_t start = scanner->next;
    char quote = scanner->text[scanner->next++];
    while (scanner->next < scanner->length) {
        if (peek(scanner, 0) == quote && peek(scanner, 1) != quote) {
            scanner->next++;
            return;
        }
        if (peek(scanner, 0) == quote || (escapes && peek(scanner, 0) == '\\'))
            scanner->next += 2;
        else
            pass_quoted(scanner);
    }
    scanner->next = scanner->length;
    report(scanner, SQL_UNTERMINATED, start);
}

static void read_line_comment(struct scanner *scanner)
{
    while (scanner->next < scanner->length && peek(scanner, 0) != '\n' && peek(scanner, 0) != '\r')
        pass_quoted(scanner);
}

static void read_block_comment(struct scanner *scanner)
{
    size_t start = scanner->next;
    size_t depth = 0;
    while (scanner->next < scanner->length) {
        if (peek(scanner, 0) == '/' && peek(scanner, 1) == '*') {
            depth++;
            scanner->next += 2;
        } else if (peek(scanner, 0) == '*' && peek(scanner, 1) == '/') {
            depth--;
            scanner->next += 2;
            if (depth == 0)
                return;
        } else {
            pass_quoted(scanner);
        }
    }
    report(scanner, SQL_UNTERMINATED, start);
}

/* The length of the delimiter `$tag$` or `$$` at the current place, 0 where there is none. */
static size_t dollar_delimiter(const struct scanner *scanner)
{
    size_t length = 1;
    if (is_digit(peek(scanner, length)))
        return 0;
    while (is_letter(peek(scanner, length)) || is_digit(peek(scanner, length)))
        length++;
    return peek(scanner, length) == '$' ? length + 1 : 0;
}

static void read_dollar_quote(struct scanner *scanner, size_t delimiter)
{
    size_t start = scanner->next;
    scanner->next += delimiter;
    if (peek(scanner, 0) == '{')
        report(scanner, SQL_BINDING_AMBIGUOUS, start);
    while (scanner->next < scanner->length) {
        if (peek(scanner, 0) == '$' && scanner->length - scanner->next >= delimiter &&
            memcmp(scanner->text + scanner->next, scanner->text + start, delimiter) == 0) {
            scanner->next += delimiter;
            return;
        }
        pass_quoted(scanner);
    }
    report(scanner, SQL_UNTERMINATED, start);
}

static void read_dollar(struct scanner *scanner)
{
    size_t delimiter = dollar_delimiter(scanner);
    begin_statement(scanner, scanner->next);
    if (peek(scanner, 1) == '{') {
        report_binding(scanner, false);
        scanner->next += 2;
    } else if (delimiter > 0) {
        read_dollar_quote(scanner, delimiter);
    } else {
        scanner->next++;
    }
}

static bool begins_escape_quote(const struct scanner *scanner)
{
    char character = peek(scanner, 0);
    return (character == 'e' || character == 'E') && peek(scanner, 1) == '\'';
}

static void read_other(struct scanner *scanner, char character)
{
    if (character == ';' && scanner->blocks == 0 && scanner->parentheses == 0) {
        end_statement(scanner);
        scanner->next++;
        return;
    }
    if (character == '\\')
        report(scanner, SQL_META_COMMAND, scanner->next);
    begin_statement(scanner, scanner->next);
    if (character == '(')
        scanner->parentheses++;
    else if (character == ')' && scanner->parentheses > 0)
        scanner->parentheses--;
    scanner->next++;
}

static void read_token(struct scanner *scanner)
{
    char character = peek(scanner, 0);
    if (strchr(" \t\n\r\f\v", character)) {
        scanner->next++;
    } else if (begins_escape_quote(scanner)) {
        begin_statement(scanner, scanner->next++);
        read_quote(scanner, true);
    } else if (is_letter(character)) {
        read_word(scanner);
    } else if (character == '\'' || character == '"') {
        begin_statement(scanner, scanner->next);
        read_quote(scanner, false);
    } else if (character == '-' && peek(scanner, 1) == '-') {
        read_line_comment(scanner);
    } else if (character == '/' && peek(scanner, 1) == '*') {
        read_block_comment(scanner);
    } else if (character == '$') {
        read_dollar(scanner);
    } else {
        read_other(scanner, character);
    }
}

void sql_scan(const char *text, size_t length,
              void (*found)(void *context, enum sql_finding finding, size_t offset), void *context)
{
    struct scanner scanner = {.text = text, .length = length, .found = found, .context = context};
    while (scanner.next < scanner.length)
        read_token(&scanner);
    end_statement(&scanner);
}
