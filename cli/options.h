/* The command line read by a table of options, the GNU way. */
#ifndef PLAINSONG_CLI_OPTIONS_H
#define PLAINSONG_CLI_OPTIONS_H

#include "command.h"

/*
 * Fills `values` (zeroed, options_bytes) and *c from the words after the command's name. Initial
 * values are parsed first, through the same rows. `--x=y`, `--x y`, `-xy`, `-x y`, several flags in
 * one (`-qj`), `--` ends the options, `-` is an argument; options and arguments may mix.
 *
 * Returns CLI_DONE, or CLI_USAGE when something is wrong and has been said.
 */
int cli_read_options(cli *c, void *values, int argc, char **argv);

/* The row of a table with this name, or letter (when name is NULL); NULL when there is none. */
const cli_option *cli_find_option(const cli_option *table, const char *name, char letter);

#endif
