/* Words to the user: errors, warnings, notes; all on standard error, one line each. */
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"

#define WARNINGS_SHOWN 20u
#define WARNINGS_KEPT  256u

int cli_exit_code(ps_status status)
{
    switch (status) {
    case PS_OK:
        return CLI_DONE;
    case PS_BAD_ARGUMENT:
        return CLI_USAGE;
    case PS_BAD_DATA:
    case PS_UNSUPPORTED:
    case PS_NOT_FOUND:
    case PS_CANNOT_READ:
        return CLI_BAD_INPUT;
    case PS_CANNOT_WRITE:
        return CLI_CANNOT_WRITE;
    case PS_CANCELLED:
        return CLI_INTERRUPTED;
    case PS_NO_MEMORY:
        break;
    }
    return CLI_FAILED;
}

const char *cli_input_name(const char *path)
{
    return strcmp(path, "-") == 0 ? "standard input" : path;
}

/* The error as one line; `file` names it when it does not name a file itself. */
static void compose(char *line, size_t line_bytes, const char *file, const char *mark,
                    const ps_error *err)
{
    ps_error named = *err;

    if (file)
        ps_error_in(&named, cli_input_name(file));
    ps_error_line(&named, mark, line, line_bytes);
}

/* Red or yellow for the eye on a terminal, unless NO_COLOR asks otherwise. */
static bool use_color(void)
{
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");

    return cli_is_terminal(stderr) && !(no_color && no_color[0] != '\0') &&
           !(term && strcmp(term, "dumb") == 0);
}

/* Names come from outside and must not steer the terminal. */
static void disarm(char *line)
{
    for (; *line; line++) {
        if ((unsigned char)*line < 0x20 || *line == 0x7f)
            *line = '?';
    }
}

static void print_line(const char *color, char *line)
{
    disarm(line);
    if (use_color())
        fprintf(stderr, "\033[%smplainsong:\033[0m %s\n", color, line);
    else
        fprintf(stderr, "plainsong: %s\n", line);
}

int cli_fail(cli *c, const char *file, const ps_error *err)
{
    char line[1024];

    cli_finish_warnings(c);
    compose(line, sizeof line, file, "", err);
    print_line("1;31", line);
    if (err->hint[0] != '\0')
        fprintf(stderr, "    hint: %s\n", err->hint);
    return cli_exit_code(err->status);
}

int cli_usage(const cli *c, const char *hint, const char *format, ...)
{
    char text[512], line[640];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    snprintf(line, sizeof line, "%s%s%s", c->full_name, c->full_name[0] ? ": " : "", text);
    print_line("1;31", line);
    if (hint)
        fprintf(stderr, "    hint: %s\n", hint);
    return CLI_USAGE;
}

void cli_say(const cli *c, const char *format, ...)
{
    va_list arguments;

    if (c->quiet)
        return;
    fprintf(stderr, "plainsong: ");
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\n");
}

static void keep(cli *c, const char *line)
{
    if (!c->kept)
        c->kept = calloc(WARNINGS_KEPT, sizeof *c->kept);
    if (c->kept && c->kept_count < WARNINGS_KEPT) {
        c->kept[c->kept_count] = strdup(line);
        c->kept_count += c->kept[c->kept_count] != NULL;
    }
}

static void add_warning(void *user, const ps_error *warning)
{
    cli *c = user;
    char line[1024];

    compose(line, sizeof line, c->warning_file, "", warning);
    keep(c, line);
    if (!c->quiet && c->warning_count < WARNINGS_SHOWN) {
        compose(line, sizeof line, c->warning_file, "warning: ", warning);
        print_line("1;33", line);
        if (warning->hint[0] != '\0')
            fprintf(stderr, "    hint: %s\n", warning->hint);
    }
    c->warning_count++;
}

ps_warnings cli_warnings(cli *c, const char *file)
{
    const ps_warnings warnings = {add_warning, c};

    c->warning_file = file;
    return warnings;
}

void cli_warn(cli *c, const char *file, const char *format, ...)
{
    ps_error warning = {.offset_bytes = PS_NOWHERE};
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(warning.text, sizeof warning.text, format, arguments);
    va_end(arguments);
    c->warning_file = file;
    add_warning(c, &warning);
}

const char *cli_warning_line(const cli *c, uint32_t index)
{
    return index < c->kept_count ? c->kept[index] : NULL;
}

void cli_finish_warnings(cli *c)
{
    if (!c->quiet && c->warning_count > WARNINGS_SHOWN && !c->warnings_finished)
        cli_say(c, "and %llu more warnings",
                (unsigned long long)(c->warning_count - WARNINGS_SHOWN));
    c->warnings_finished = true;
}

void cli_forget_warnings(cli *c)
{
    for (uint32_t i = 0; i < c->kept_count; i++)
        free(c->kept[i]);
    free(c->kept);
    c->kept = NULL;
    c->kept_count = 0;
}
