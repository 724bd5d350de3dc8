/*
 * The frame every command stands in. A command is a cli_command: words for the help, a table of
 * options, a function. The table is the one truth about the options: the parser, `--help`, the man
 * page and the completion of three shells are made from it.
 *
 *      typedef struct info_options {
 *          bool json;
 *          double seconds;
 *      } info_options;
 *
 *      #define AT(field) offsetof(info_options, field)
 *      static const cli_option options[] = {
 *          {"json", 'j', NULL, CLI_FLAG, AT(json), NULL, "print JSON"},
 *          {"seconds", 0, "SEC", CLI_SECONDS, AT(seconds), "10", "how far to read", .low = 0, .high
 * = 60}, CLI_OPTIONS_END,
 *      };
 *
 *      static int run(cli *c, const void *values)
 *      {
 *          const info_options *options = values;
 *          ps_file *file = NULL;
 *          ps_error err = {0};
 *
 *          if (cli_input(c, c->arguments[0], &file, &err) != PS_OK)
 *              return cli_fail(c, c->arguments[0], &err);
 *          ...print to stdout...
 *          ps_file_close(file);
 *          return CLI_DONE;
 *      }
 *
 *      const cli_command cli_info = {
 *          .name = "info", .arguments = "FILE", .summary = "say what is in a file",
 *          .options = options, .options_bytes = sizeof(info_options),
 *          .least = 1, .most = 1, .run = run,
 *      };
 *
 * and a line COMMAND(info) in commands.def. Standard output holds nothing but data; all words go to
 * standard error through the functions below. The command never calls setlocale: numbers are
 * written and read with a point.
 */
#ifndef PLAINSONG_CLI_COMMAND_H
#define PLAINSONG_CLI_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "plainsong/plainsong.h"

/* Exit codes, for all commands. */
enum {
    CLI_DONE = 0,
    CLI_FAILED = 1,
    CLI_USAGE = 2,
    CLI_BAD_INPUT = 3,
    CLI_CANNOT_WRITE = 4,
    CLI_INTERRUPTED = 130,
};

/* ---- Options -------------------------------------------------------------------------------- */

typedef enum cli_kind {
    CLI_END,     /* after the last row */
    CLI_HEADING, /* no option: `help` is a heading for the rows below it */
    CLI_FLAG,    /* bool; takes no value */
    CLI_INTEGER, /* int64_t within low..high */
    CLI_NUMBER,  /* double within low..high */
    CLI_SECONDS, /* double within low..high: "90", "90.5", "1:30.5" */
    CLI_CHOICE,  /* int: which of the words in `value`, "nearest|linear|cubic", counted from 0 */
    CLI_TEXT,    /* const char *, NULL when not given */
    CLI_FILE,    /* the same; shells complete files */
    CLI_FOLDER,  /* the same; shells complete folders */
    CLI_TEXTS,   /* cli_texts: may be given several times */
    CLI_FILES,   /* the same; shells complete files */
    CLI_CUSTOM,  /* whatever `parse` makes of the text; it is called once for each time given */
} cli_kind;

/* Reads one value into its field: PS_BAD_ARGUMENT with words that do not repeat the option. */
typedef ps_status cli_parse(void *field, const char *text, ps_error *err);

typedef struct cli_option {
    const char *name;  /* without dashes: "soundfont" */
    char letter;       /* 's' for -s, or 0 */
    const char *value; /* what help calls the value: "FILE"; the words of a CLI_CHOICE */
    cli_kind kind;
    size_t field;        /* offset in the command's struct of values */
    const char *initial; /* what holds when it is not given, in the form a user would type; or NULL
                            (the field stays zero) */
    const char *help;    /* lower case, no full stop; one or two lines */
    double low, high;    /* range of a number, both inclusive; both 0: any */
    cli_parse *parse;    /* CLI_CUSTOM only */
    bool files;          /* CLI_CUSTOM: shells complete files */
} cli_option;

#define CLI_OPTIONS_HEADING(words)                                                                 \
    {                                                                                              \
        .kind = CLI_HEADING, .help = (words)                                                       \
    }
#define CLI_OPTIONS_END                                                                            \
    {                                                                                              \
        .kind = CLI_END                                                                            \
    }

#define CLI_TEXTS_MOST 64u

typedef struct cli_texts {
    const char *items[CLI_TEXTS_MOST]; /* borrowed from argv */
    size_t count;
} cli_texts;

/* ---- Commands ------------------------------------------------------------------------------- */

typedef struct cli cli;

typedef struct cli_command {
    const char *name;      /* "render"; a sub-command's own word: "transpose" */
    const char *arguments; /* what follows the options: "FILE", "FILE...", or NULL for nothing */
    const char *summary;   /* one line for the list of commands */
    const char *details;   /* paragraphs below the usage, divided by blank lines; or NULL */
    const char *examples;  /* whole command lines, one a line; or NULL */
    const cli_option *options; /* ends with CLI_OPTIONS_END; NULL: only the common ones */
    size_t options_bytes;      /* size of the struct the values are put in */
    int least, most;           /* number of arguments; most < 0: any */
    cli_kind argument_kind;    /* for shells: CLI_FILE, CLI_FOLDER or, else, nothing to complete */
    int (*run)(cli *c, const void *values);       /* an exit code */
    const struct cli_command *const *subcommands; /* ends with NULL; or NULL, and then run */
} cli_command;

/* All top-level commands, ended by NULL. */
extern const cli_command *const cli_commands[];

/* Rows that every command takes; their values are in struct cli. */
extern const cli_option cli_common_options[];

#define CLI_NAME_BYTES 64u

struct cli {
    const cli_command *command;
    char full_name[CLI_NAME_BYTES]; /* "midi transpose" */
    char **arguments;               /* what is no option, in order; borrowed from argv */
    int argument_count;

    bool quiet; /* --quiet: neither warnings nor progress */
    bool help;  /* --help was given */

    bool given[128]; /* by row of the command's table; ask cli_given */

    uint64_t warning_count; /* so far, also those not shown */
    char **kept;            /* the first of them as lines, for reports */
    uint32_t kept_count;
    bool warnings_finished;
    const char *warning_file; /* borrowed; what the warnings to come are about */
};

/* True when the user gave the option (and did not leave it at its initial value). */
bool cli_given(const cli *c, const char *name);

/* ---- Words to the user (say.c) -------------------------------------------------------------- */

/*
 * Says what went wrong, "plainsong: FILE: byte N: text", with the hint below it, and returns the
 * exit code that belongs to it. file: NULL when there is none; a file named in the error wins.
 */
int cli_fail(cli *c, const char *file, const ps_error *err);

/* "plainsong: render: TEXT" with an optional hint; returns CLI_USAGE. */
int cli_usage(const cli *c, const char *hint, const char *format, ...) PS_PRINTF(3, 4);

/* What to call an input in a message: "standard input" for "-". */
const char *cli_input_name(const char *path);

/* Exit code of a status. */
int cli_exit_code(ps_status status);

/* "plainsong: TEXT" unless --quiet: what was done, what was assumed. */
void cli_say(const cli *c, const char *format, ...) PS_PRINTF(2, 3);

/*
 * Where readers may send their warnings about a file: shown unless --quiet, the first 20 one by
 * one; the rest is counted. `file` is borrowed and stays in force until the next call.
 */
ps_warnings cli_warnings(cli *c, const char *file);

/* A warning of our own. */
void cli_warn(cli *c, const char *file, const char *format, ...) PS_PRINTF(3, 4);

/* Says how many warnings were not shown; before the last words of a command. Once is enough. */
void cli_finish_warnings(cli *c);

/* Frees what was kept. */
void cli_forget_warnings(cli *c);

/* The i-th warning as one line, "FILE: byte N: text", or NULL; the first 256 are kept. */
const char *cli_warning_line(const cli *c, uint32_t index);

/* ---- Files (input.c) ------------------------------------------------------------------------ */

/* Maps a file; "-" reads standard input to its end. */
ps_status cli_input(cli *c, const char *path, ps_file **file, ps_error *err);

/* Writes bytes to a file (whole or not at all); "-" is standard output. */
ps_status cli_output(cli *c, const char *path, const uint8_t *bytes, size_t size_bytes,
                     bool no_clobber, ps_error *err);

/* Reads a Standard MIDI File, warnings shown; PS_BAD_DATA etc. as ps_score_read. */
ps_status cli_read_score(cli *c, const char *path, bool strict, ps_score **score, ps_error *err);

/* ---- The system (terminal.c) ---------------------------------------------------------------- */

/* From now on Ctrl-C and SIGTERM only set a flag, for a clean end; a second one ends at once. */
void cli_catch_interrupts(void);
bool cli_interrupted(void);

bool cli_is_terminal(FILE *stream);

/* A clock that only goes forward. */
double cli_clock_sec(void);

#endif
