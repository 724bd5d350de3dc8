/*
 * What a voice is: a table of parameters, and functions that make its sound block by block.
 *
 * A voice is one file here plus one line in voices.def. It knows its step's length and its own
 * time, which begins with the step; nothing of other voices, steps or files.
 *
 * The files of this folder that make sound are compiled once per instruction set (base/row.h);
 * loops over blocks are written so that compilers vectorize them.
 */
#ifndef PLAINSONG_VOICE_VOICE_H
#define PLAINSONG_VOICE_VOICE_H

#include "plainsong/engine.h"
#include "plainsong/track.h"

#include "dsp/flanger.h"
#include "dsp/mix.h"
#include "dsp/spatial.h"
#include "plainsong/accelerator.h"
#include "voice/curve.h"

/* Voices are asked for runs of this many frames, counted from the start of their step; only the
   last run of a step may be shorter. */
#define PS_VOICE_FRAMES 256u

/* No voice is more tones than this at a time. */
#define PS_VOICE_TONES 4u

/* A parameter as a voice gets it: numbers, flags and switches (0 or 1) at both ends of a
   transition; a static voice has them equal. */
typedef struct ps_setting {
    double start, end;
    bool given; /* it, or a name it falls back on, stood in the document (not null) */
    bool start_given, end_given; /* startX, endX themselves stood there */
    const ps_value *value; /* TEXT and VALUE: as it stood there, or NULL; of the start for TEXT */
    const ps_value *end_value; /* TEXT and VALUE that glide; else NULL */
} ps_setting;

/* Everything a voice is started with. Borrowed for as long as the voice lives. */
typedef struct ps_voice_setup {
    const ps_allocator *allocator;
    double rate_hz;
    double duration_sec; /* of the step */
    uint64_t frames;     /* trunc(duration_sec * rate_hz), > 0 */
    double frame_sec;    /* duration_sec / frames: the dt of most voices */
    bool transition;
    bool reference;              /* what needs the whole clip sees the whole clip */
    ps_ramp ramp;                /* of a transition voice */
    uint64_t seed, stream;       /* randomness depends on these and the frame alone */
    const ps_setting *settings;  /* one per row of the table, in its order */
    const ps_value *params;      /* the whole map, for chains the table cannot say; flanger removed,
                                    nulls still in it */
    const ps_track_media *media; /* or NULL */
    const ps_warnings *warnings; /* of a voice that sounds all the same; or NULL */
    const char **about;       /* receives the parameter that a voice cannot start with; or NULL */
    struct ps_voice_own *own; /* what ps_voice_setup_read allocated */
} ps_voice_setup;

typedef struct ps_voice ps_voice;

typedef struct ps_tone_stretch ps_tone_stretch; /* voice/tones.h */

typedef struct ps_voice_kind {
    ps_voice_info info;
    bool spatial;       /* the 2-D spatialiser may follow it (spatialEnable) */
    size_t voice_bytes; /* of the voice's struct, which begins with a ps_voice */
    /* Fills the zeroed struct so that the next run is the first one. On failure it leaves nothing
       to free. The error's text needs no place: the caller adds it. */
    ps_status (*start)(ps_voice *voice, ps_error *err);
    /* The next run: frames as PS_VOICE_FRAMES says. left and right are aligned to PS_ALIGN_BYTES
       and have room for PS_VOICE_FRAMES. Does not allocate. What comes out is finite. */
    void (*render)(ps_voice *voice, float *left, float *right, uint32_t frames);
    /* Makes the next run begin at a frame (a multiple of PS_VOICE_FRAMES, at or after the next
       one), with the very samples that rendering up to there would have led to. NULL: the caller
       renders and throws away. */
    void (*skip)(ps_voice *voice, uint64_t frame);
    /* No sample of either ear is larger in magnitude, from the parameters alone; INFINITY when it
       cannot be said. */
    double (*bound)(const ps_voice *voice);
    void (*finish)(ps_voice *voice); /* gives back what start took; NULL: nothing */
    /* The voice as tones in a stretch, wherever its next run is: all but where they lie in a mix
       and level[1]. How many; 0 when it is more than that, and then in any stretch of its step.
       NULL: it always is. Of those only whose step goes straight. */
    uint32_t (*tones)(const ps_voice *voice, const ps_tone_stretch *stretch,
                      ps_tone tones[PS_VOICE_TONES]);
} ps_voice_kind;

/* First member of every voice. */
struct ps_voice {
    const ps_voice_kind *kind;
    const ps_voice_setup *setup;
    uint64_t frame; /* of the next run; kept by ps_voice_render and ps_voice_skip */
};

/* What one instruction set has: the voices in the order of voices.def, ended by NULL; and what is
   made around them. */
typedef struct ps_voice_row {
    const ps_voice_kind *const *kinds;
    const ps_mix_row *mix;
    void (*flanger)(ps_flanger *flanger, float *left, float *right, uint32_t frames);
    void (*spatial)(ps_spatial *spatial, float *left, float *right, uint32_t frames);
    void (*trajectory)(const ps_trajectory *trajectory, double *deg, double *m, uint64_t first,
                       uint32_t count);
} ps_voice_row;

/* By the name of a kernel row. */
const ps_voice_row *ps_voice_row_find(const char *row);

/*
 * Makes a voice at its first run. `function` has been resolved (no "_transition").
 *
 * setup: settings, params, ramp and the like filled in; must outlive the voice
 */
ps_status ps_voice_create(ps_voice **out, const ps_voice_kind *kind, const ps_voice_setup *setup,
                          ps_error *err);
void ps_voice_render(ps_voice *voice, float *left, float *right, uint32_t frames);
void ps_voice_skip(ps_voice *voice, uint64_t frame);
void ps_voice_destroy(ps_voice *voice);

/*
 * Reads a map of parameters into settings, one per row. A null counts as absent. What cannot be
 * read as its kind fails with PS_BAD_DATA, and with its name as it stands in the map in `name` (for
 * the message's place; as long-lived as the map).
 */
ps_status ps_settings_read(ps_setting *settings, const ps_parameter *parameters, uint32_t count,
                           const ps_value *params, bool transition, const char **name,
                           ps_error *err);

/* Whether a TEXT setting is one of the words, ignoring case (ASCII) but not blanks. */
bool ps_setting_is(const ps_setting *setting, const char *word);

/* "startAmpL" of "ampL" and "start": first letter upper case. Writes at most bytes, ended by 0. */
void ps_parameter_name(char *name, size_t bytes, const char *prefix, const char *parameter);

#endif
