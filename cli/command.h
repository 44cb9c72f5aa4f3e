/* The command line as data.
 *
 * Each command is one file that defines one `command_NAME` and does no work of its own: it reads
 * what was given, calls the compiler or the runtime, and prints. `--help`, `drehbuch help --json`
 * and the checks of the man page and the completion are all made from these tables. */
#ifndef CLI_COMMAND_H
#define CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <uv.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/json.h"
#include "base/terminal.h"

struct option {
    const char *name;     /* "environment" for --environment; NULL ends a list */
    char letter;          /* 'e' for -e; 0: none */
    bool repeatable;      /* may be given more than once; else that is an error */
    const char *argument; /* what follows, as help shows it: "FILE" and "FOLDER" are completed as
                             such, "text|json" admits only these; NULL: a flag */
    const char *help;     /* what it is for: no capital letter, no full stop; wrapped by help */
};

struct invocation;

struct command {
    const char *name;
    const char *operands; /* as help shows them: "PLAN", "[RUN [STEP]]", "FILE..."; "" for none */
    size_t minimum;       /* how many operands there must be ... */
    size_t maximum;       /* ... and may be; SIZE_MAX: any number */
    const char *summary;  /* one line for the list of commands */
    const char *description;      /* paragraphs, separated by an empty line; wrapped by help */
    const char *example;          /* one command line that works */
    const struct option *options; /* ended by one without a name; --help and --color come by
                                     themselves */

    /* Does it. Returns NULL and leaves the exit code in invocation->outcome, or returns the error,
     * which main prints and ends with. Writes to standard output by stdio; main checks at the end
     * that all of it was written. */
    const struct error *(*run)(struct invocation *invocation);
};

/* One use of a command. */
struct invocation {
    struct arena *arena;
    const struct command *command;
    const char *const *operands;
    size_t operand_count;
    const struct given_option *given;
    size_t given_count;
    struct terminal output; /* standard output and ... */
    struct terminal errors; /* ... standard error, with --color applied */
    bool json;              /* --json was given: standard output is for a program */
    enum outcome outcome;   /* what `run` found; OUTCOME_DONE unless it says otherwise */
};

/* The value of an option that takes one, NULL where it was not given. The three functions abort on
 * a name that the command does not declare. */
const char *invocation_value(const struct invocation *invocation, const char *option);

bool invocation_flag(const struct invocation *invocation, const char *option);

/* All values of a repeatable option, in the order given. */
const char *const *invocation_values(const struct invocation *invocation, const char *option,
                                     size_t *count);

/* Operand `index`, or NULL where fewer were given. */
const char *invocation_operand(const struct invocation *invocation, size_t index);

/* Every command, in the order in which help lists them; the last is NULL. */
extern const struct command *const command_table[];
extern const struct option command_common_options[];

/* The command of that name, or NULL. */
const struct command *command_find(const char *name);

/* The error for a name that is none. */
const struct error *command_unknown(struct arena *arena, const char *name);

/* Reads `arguments` (without the program's name). On an error the invocation is good for nothing
 * but its terminals and `json`. `invocation->command` is NULL where only common options were given,
 * and *help says whether one of them asked for help. */
const struct error *arguments_read(struct invocation *invocation, int count, char *const *arguments,
                                   bool *help);

/* The text of `drehbuch help` and of `drehbuch help COMMAND`. */
void help_write_overview(struct buffer *output);
void help_write_command(struct buffer *output, const struct command *command);

/* Appends the words of `text`, breaking lines before column 80; further lines are indented, the
 * first is `column` wide already. An empty line in the text stays one. Ends with a newline. */
void help_write_wrapped(struct buffer *output, const char *text, size_t indent, size_t column);

/* An event loop for what a command does; the caller's to close. */
const struct error *invocation_open_loop(const struct invocation *invocation, uv_loop_t *loop);

/* Prints to standard output; the first releases the buffer, the second ends with a newline. */
void print_buffer(struct buffer *text);
void print_json(const struct value *value, enum json_style style);

/* A document about a plan that was made: its member `output` says where that was written, or, where
 * that was nowhere (NULL), `plan` is it. */
void print_json_plan(struct arena *arena, struct value *document, const char *path,
                     const struct buffer *plan);

extern const struct command command_approve;
extern const struct command command_backup;
extern const struct command command_check;
extern const struct command command_checkpoints;
extern const struct command command_clean;
extern const struct command command_compare;
extern const struct command command_compile;
extern const struct command command_diff;
extern const struct command command_estimate;
extern const struct command command_explain;
extern const struct command command_graph;
extern const struct command command_help;
extern const struct command command_import;
extern const struct command command_init;
extern const struct command command_inspect;
extern const struct command command_log;
extern const struct command command_restore;
extern const struct command command_resume;
extern const struct command command_rollback;
extern const struct command command_run;
extern const struct command command_status;
extern const struct command command_verify;
extern const struct command command_version;

#endif
