/* How loud audio is, told to people and programs. */
#ifndef PLAINSONG_CLI_LEVELS_H
#define PLAINSONG_CLI_LEVELS_H

#include "command.h"
#include "json_out.h"

/* Decibels of a linear level: -INFINITY for silence. */
double cli_db(double level);

/* Members of the object that is open; what was not measured and what has no decibels is null. */
void cli_put_levels(json_out *j, const ps_levels *levels);

/* Lines on standard output. */
void cli_print_levels(const ps_levels *levels);

#endif
