/* Progress on standard error: a line that rewrites itself, or a line of JSON each time. */
#ifndef PLAINSONG_CLI_PROGRESS_H
#define PLAINSONG_CLI_PROGRESS_H

#include "command.h"

enum { CLI_PROGRESS_AUTO, CLI_PROGRESS_JSON, CLI_PROGRESS_NONE };

typedef struct cli_progress {
    bool line; /* a terminal is looking */
    bool json;
    bool shown; /* there is a line to wipe */
} cli_progress;

/* mode: of the choice "auto|json|none"; auto shows a line when standard error is a terminal. */
void cli_progress_begin(cli_progress *progress, const cli *c, int mode);

/* A ps_progress with a cli_progress as user: shows, and asks to stop when interrupted. */
bool cli_progress_tell(void *user, double done, const char *stage);

/* Wipes the line. */
void cli_progress_end(cli_progress *progress);

#endif
