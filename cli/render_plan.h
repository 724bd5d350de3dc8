/* `plainsong render --dry-run`: what would be done. */
#ifndef PLAINSONG_CLI_RENDER_PLAN_H
#define PLAINSONG_CLI_RENDER_PLAN_H

#include <stdbool.h>

#include "command.h"

/* Prints length, notes, banks and the presets asked for; an exit code. */
int render_plan(cli *c, const ps_render_request *request, bool json);

#endif
