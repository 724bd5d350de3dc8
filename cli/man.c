/* The manual page, made from the tables. */
#include "help.h"

#include <string.h>

/* Text with what troff would take for its own made harmless. */
static void roff(FILE *file, const char *text)
{
    bool line_start = true;

    for (; *text; text++) {
        if (line_start && (*text == '.' || *text == '\''))
            fputs("\\&", file);
        if (text[0] == '\n' && text[1] == '\n') {
            fputs("\n.PP\n", file);
            line_start = true;
            text++;
            continue;
        }
        if (*text == '\\')
            fputs("\\e", file);
        else if (*text == '-')
            fputs("\\-", file);
        else
            fputc(*text, file);
        line_start = *text == '\n';
    }
}

static void roff_option(FILE *file, const cli_option *option)
{
    fputs(".TP\n.B ", file);
    if (option->letter)
        fprintf(file, "\\-%c, ", option->letter);
    fputs("\\-\\-", file);
    roff(file, option->name);
    if (option->kind != CLI_FLAG) {
        fputs(" \\fI", file);
        roff(file, option->value);
        fputs("\\fR", file);
    }
    fputc('\n', file);
    roff(file, option->help);
    if (option->initial && option->kind != CLI_FLAG) {
        fputs(" (", file);
        roff(file, option->initial);
        fputc(')', file);
    }
    fputc('\n', file);
}

static void roff_options(FILE *file, const cli_option *options)
{
    for (; options && options->kind != CLI_END; options++) {
        if (options->kind == CLI_HEADING) {
            fputs(".PP\n.I ", file);
            roff(file, options->help);
            fputc('\n', file);
        } else {
            roff_option(file, options);
        }
    }
}

static void roff_examples(FILE *file, const char *examples)
{
    fputs(".PP\n.nf\n", file);
    roff(file, examples);
    fputs("\n.fi\n", file);
}

static void roff_command(FILE *file, const cli_command *command, const char *full_name)
{
    fputs(".SS \"plainsong ", file);
    roff(file, full_name);
    if (command->arguments) {
        fputs(" [OPTION...] ", file);
        roff(file, command->arguments);
    }
    fputs("\"\n", file);
    roff(file, command->summary);
    fputc('\n', file);
    if (command->details) {
        fputs(".PP\n", file);
        roff(file, command->details);
        fputc('\n', file);
    }
    roff_options(file, command->options);
    if (command->examples)
        roff_examples(file, command->examples);
    for (const cli_command *const *sub = command->subcommands; sub && *sub; sub++) {
        char name[CLI_NAME_BYTES];

        cli_full_name(name, full_name, (*sub)->name);
        roff_command(file, *sub, name);
    }
}

void cli_print_man(FILE *file)
{
    fprintf(file,
            ".TH PLAINSONG 1 \"\" \"plainsong %s\" \"User Commands\"\n"
            ".SH NAME\nplainsong \\- MIDI and SoundFonts into audio\n"
            ".SH SYNOPSIS\n.B plainsong\n.I COMMAND\n[\\fIOPTION\\fR...] [\\fIFILE\\fR...]\n"
            ".SH COMMANDS\n",
            ps_version());
    for (const cli_command *const *command = cli_commands; *command; command++)
        roff_command(file, *command, (*command)->name);
    fputs(".SH COMMON OPTIONS\n", file);
    roff_options(file, cli_common_options);
    fputs(".SH EXIT STATUS\n"
          "0 done; 1 failed; 2 wrong use; 3 bad input; 4 cannot write; 130 interrupted.\n"
          ".SH ENVIRONMENT\n"
          ".TP\n.B PLAINSONG_SOUNDFONT\nthe bank used when none is named\n"
          ".TP\n.B NO_COLOR\nwhen set, messages have no colours\n",
          file);
}
