/* The presets that come with Plainsong, compiled in. */
#ifndef PLAINSONG_EDGE_PRESETS_H
#define PLAINSONG_EDGE_PRESETS_H

typedef struct ps_builtin_preset {
    const char *name, *json;
} ps_builtin_preset;

/* By name, ended by a row of NULL. */
extern const ps_builtin_preset ps_builtin_presets[];

#endif
