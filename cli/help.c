/* The help texts, made from the tables. */
#include "help.h"

#include <string.h>

#define WIDTH       80
#define HELP_COLUMN 28

void cli_full_name(char *full, const char *above, const char *own)
{
    snprintf(full, CLI_NAME_BYTES, "%.31s%s%.31s", above, above[0] ? " " : "", own);
}

/* Prints words wrapped at WIDTH, later lines indented; *column is where the first word goes. */
static void wrap(FILE *file, const char *text, size_t column, size_t indent)
{
    bool first = true;

    while (*text) {
        const size_t length = strcspn(text, " \n");

        if (length > 0) {
            if (!first && column + 1 + length > WIDTH) {
                fprintf(file, "\n%*s", (int)indent, "");
                column = indent;
                first = true;
            }
            column += length + !first;
            fprintf(file, "%s%.*s", first ? "" : " ", (int)length, text);
            first = false;
        }
        text += length;
        if (text[0] == '\n' && text[1] == '\n') {
            fprintf(file, "\n\n%*s", (int)indent, "");
            column = indent;
            first = true;
        }
        text += *text != '\0';
    }
    fputc('\n', file);
}

static void print_option(FILE *file, const cli_option *option)
{
    char words[160], help[512];
    const char *value = option->kind == CLI_FLAG ? NULL : option->value;
    const bool shown = option->initial && option->kind != CLI_FLAG;
    char letter[8] = "    ";
    size_t length;

    if (option->letter)
        snprintf(letter, sizeof letter, "-%c, ", option->letter);
    snprintf(words, sizeof words, "  %s--%s%s%s", letter, option->name, value ? " " : "",
             value ? value : "");
    snprintf(help, sizeof help, "%s%s%s%s", option->help, shown ? " (" : "",
             shown ? option->initial : "", shown ? ")" : "");
    length = strlen(words);
    fputs(words, file);
    if (length + 2 > HELP_COLUMN)
        fprintf(file, "\n%*s", HELP_COLUMN, "");
    else
        fprintf(file, "%*s", (int)(HELP_COLUMN - length), "");
    wrap(file, help, HELP_COLUMN, HELP_COLUMN);
}

static void print_options(FILE *file, const cli_option *options)
{
    for (; options && options->kind != CLI_END; options++) {
        if (options->kind == CLI_HEADING)
            fprintf(file, "\n%s:\n", options->help);
        else
            print_option(file, options);
    }
}

static void print_commands(FILE *file, const cli_command *const *commands)
{
    for (; *commands; commands++) {
        fprintf(file, "  %-12s ", (*commands)->name);
        wrap(file, (*commands)->summary, 15, 15);
    }
}

static void print_examples(FILE *file, const char *examples)
{
    fprintf(file, "\nexamples:\n");
    while (*examples) {
        const size_t length = strcspn(examples, "\n");

        fprintf(file, "  %.*s\n", (int)length, examples);
        examples += length + (examples[length] == '\n');
    }
}

void cli_print_help(FILE *file, const cli_command *command, const char *full_name)
{
    fprintf(file, "plainsong %s: ", full_name);
    wrap(file, command->summary, strlen(full_name) + 12, 4);
    if (command->subcommands)
        fprintf(file, "\nusage: plainsong %s COMMAND [OPTION...]\n", full_name);
    else
        fprintf(file, "\nusage: plainsong %s [OPTION...]%s%s\n", full_name,
                command->arguments ? " " : "", command->arguments ? command->arguments : "");
    if (command->details) {
        fputc('\n', file);
        wrap(file, command->details, 0, 0);
    }
    if (command->subcommands) {
        fprintf(file, "\ncommands:\n");
        print_commands(file, command->subcommands);
        fprintf(file, "\nplainsong %s COMMAND --help says more about each.\n", full_name);
        return;
    }
    print_options(file, command->options);
    fprintf(file, "\nCommon:\n");
    print_options(file, cli_common_options);
    if (command->examples)
        print_examples(file, command->examples);
}

void cli_print_overview(FILE *file)
{
    fprintf(file, "plainsong: MIDI and SoundFonts into audio\n"
                  "\nusage: plainsong COMMAND [OPTION...] [FILE...]\n\ncommands:\n");
    print_commands(file, cli_commands);
    fprintf(file, "\nplainsong COMMAND --help says more about each; plainsong --version names\n"
                  "the version, the libraries and the vector instructions in use.\n"
                  "\nexit status: 0 done, 1 failed, 2 wrong use, 3 bad input, 4 cannot write,\n"
                  "130 interrupted\n");
}
