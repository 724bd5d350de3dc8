/* What the tables of commands and options say to people (help, man page) and to shells. */
#ifndef PLAINSONG_CLI_HELP_H
#define PLAINSONG_CLI_HELP_H

#include "command.h"

/* Writes "midi transpose", a command's name below another's ("" for none): CLI_NAME_BYTES. */
void cli_full_name(char *full, const char *above, const char *own);

/* `plainsong --help`. */
void cli_print_overview(FILE *file);

/* `plainsong render --help`; full_name is "render" or "midi transpose". */
void cli_print_help(FILE *file, const cli_command *command, const char *full_name);

/* The manual page in man(7) macros. */
void cli_print_man(FILE *file);

/* Completion for "bash", "zsh" or "fish"; false for another shell. */
bool cli_print_completion(FILE *file, const char *shell);

#endif
