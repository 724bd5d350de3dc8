/* The subcommands of `plainsong list` that have files of their own. */
#ifndef PLAINSONG_CLI_LISTS_H
#define PLAINSONG_CLI_LISTS_H

#include "command.h"

extern const cli_command cli_list_effects, cli_list_presets;

#endif
