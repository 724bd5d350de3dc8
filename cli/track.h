/* What commands share about track files. */
#ifndef PLAINSONG_CLI_TRACK_H
#define PLAINSONG_CLI_TRACK_H

#include "command.h"

/* Whether a file is to be read as a track or voice preset: by its bytes, or else by its name. */
bool cli_is_track(const char *path, const uint8_t *bytes, size_t size_bytes);

/* Prints what is in a track, .voice or .voices file ("-": standard input); an exit code. */
int cli_track_info(cli *c, const char *path, bool json, bool strict);

/* `plainsong list voices` */
extern const cli_command cli_list_voices;

/* `plainsong list gpus` */
extern const cli_command cli_list_gpus;

#endif
