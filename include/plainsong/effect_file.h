/*
 * Effects and the world: presets, chains in files, the audio files that effects name.
 */
#ifndef PLAINSONG_EFFECT_FILE_H
#define PLAINSONG_EFFECT_FILE_H

#include "plainsong/effect.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ps_preset {
    char name[64];         /* "gospel-piano" */
    char description[256]; /* one line */
    char path[1024];       /* of a user's own; "" for those that come with Plainsong */
} ps_preset;

/**
 * The i-th preset; false after the last. First the user's own, NAME.json in the folder
 * $PLAINSONG_PRESETS or else $XDG_CONFIG_HOME/plainsong/presets (~/.config), by name; then those
 * that come with Plainsong, but for names the user has. A preset is a chain as a document
 * {"description": ..., "effects": ...} (ps_chain_read_value).
 */
PS_API bool ps_preset_nth(size_t index, ps_preset *preset);

/** For reading chains that may name presets. */
PS_API ps_chain_options ps_chain_options_with_presets(void);

/**
 * Makes a chain of what a user writes: text (ps_chain_read), a document (it begins with [ or {), or
 * the name of a file that ends in .json. Presets may be named.
 */
PS_API ps_status ps_chain_read_any(ps_chain **out, const char *text, ps_error *err);

/** Reads a chain from a JSON file. Errors name it. */
PS_API ps_status ps_chain_file_read(ps_chain **out, const char *path, ps_error *err);

/** Audio files of any kind that can be read, resampled (libsoxr, high quality) as needed. */
PS_API ps_effect_media ps_effect_files(void);

#ifdef __cplusplus
}
#endif

#endif
