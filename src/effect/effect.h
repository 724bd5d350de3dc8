/*
 * What an effect is: a table of parameters, and functions that change blocks in place.
 *
 * An effect is one file here plus one line in effects.def. The files of effects are compiled once
 * per instruction set (base/row.h); loops over blocks are written so that compilers vectorize them.
 *
 * How audio is cut into calls must not be heard, and a value may change between any two frames. So
 * a call is for any number of frames up to PS_EFFECT_FRAMES, and never goes across a frame that is
 * a multiple of it, counted from the last reset (effect->frame): work in larger steps (transforms,
 * flushing what has become denormal) belongs where that count is such a multiple. Values glide
 * frame by frame (dsp/smooth.h), counted from the frame of their change.
 */
#ifndef PLAINSONG_EFFECT_EFFECT_H
#define PLAINSONG_EFFECT_EFFECT_H

#include "plainsong/effect.h"

#include "base/row.h"

#define PS_EFFECT_FRAMES 256u

/* Input louder than this (120 dBFS) counts as silence, so that squares of it stay finite. */
#define PS_EFFECT_LIMIT 0x1p20f

/* Values move from one to the next in so long. */
#define PS_EFFECT_GLIDE_SEC 0.02

/* Everything an effect is started with. Borrowed for the time of the start alone. */
typedef struct ps_effect_setup {
    ps_engine *engine;
    const ps_allocator *allocator;
    double rate_hz;
    const double *values;     /* one per slot, within their limits */
    const char *const *texts; /* one per slot: of TEXT ones their text, else NULL */
    const ps_effect_media *media;
    uint64_t seed;
    uint64_t
        stream; /* its place in the chain: randomness depends on seed, stream and frame alone */
    const ps_accelerator *accelerator; /* outlives the effect; NULL: none, as in all live use */
    uint64_t frames;                   /* of the piece at most; 0: not known */
} ps_effect_setup;

typedef struct ps_effect ps_effect;

typedef struct ps_effect_kind {
    ps_effect_info info;
    size_t effect_bytes; /* of the effect's struct, which begins with a ps_effect */
    /*
     * Makes of the i-th value without a name what the effect means by it ("4k+2" of eq), in values
     * that hold what was given so far. NULL: it is the i-th parameter of the table.
     */
    ps_status (*item)(double *values, uint32_t index, const char *text, ps_error *err);
    /* Fills the zeroed struct: silent, at frame 0. What fails leaves the rest to finish. */
    ps_status (*start)(ps_effect *effect, const ps_effect_setup *setup, ps_error *err);
    /* In place. Input is finite and within PS_EFFECT_LIMIT. Does not allocate. */
    void (*process)(ps_effect *effect, float *left, float *right, uint32_t frames);
    /* A value changes from the next frame on. Not called for fixed ones. */
    void (*set)(ps_effect *effect, uint32_t slot, double value);
    /* As after the start, but with the values it has now, at once. */
    void (*reset)(ps_effect *effect);
    /* NULL: none. Constant from the start on. */
    uint32_t (*latency)(const ps_effect *effect);
    /* Frames until the sound is 100 dB down after its end; NULL: none worth waiting for. */
    uint64_t (*tail)(const ps_effect *effect);
    void (*finish)(ps_effect *effect); /* gives back what start took; NULL: nothing */
} ps_effect_kind;

/* First member of every effect. */
struct ps_effect {
    const ps_effect_kind *kind;
    const ps_allocator *allocator;
    double rate_hz;
    uint64_t frame; /* the next one, counted from the last reset; kept by the rack */
};

/* The kinds of one instruction set in the order of effects.def, ended by NULL. */
typedef const ps_effect_kind *const ps_effect_row[];

const ps_effect_kind *const *ps_effect_row_find(const char *row);

/* By name among them; NULL when there is none. */
const ps_effect_kind *ps_effect_kind_find(const char *row, const char *name);

/* All slots of a table. */
uint32_t ps_effect_slots(const ps_effect_info *info);

/* The row of a slot, and which of the family (counted from 0). */
const ps_effect_parameter *ps_effect_slot_row(const ps_effect_info *info, uint32_t slot,
                                              uint32_t *copy);

/* "gain3", into at least PS_EFFECT_NAME_BYTES. */
#define PS_EFFECT_NAME_BYTES 64u
void ps_effect_slot_name(const ps_effect_info *info, uint32_t slot, char *name);

/* Which of the words of a CHOICE, ignoring case; -1 when none. */
int ps_effect_choice(const ps_effect_parameter *row, const char *word);

/* PS_BAD_ARGUMENT unless the value is finite, within the limits, and whole for a choice. */
ps_status ps_effect_check(const ps_effect_parameter *row, const char *name, double value,
                          ps_error *err);

/* PS_BAD_ARGUMENT unless the value of a number that counts something is whole. */
ps_status ps_effect_whole(const ps_effect_kind *kind, uint32_t slot, double value, ps_error *err);

/* The presets of a table, one per slot. */
void ps_effect_presets(const ps_effect_info *info, double *values);

/*
 * Reads a number with an optional unit: "100hz", "4k", "-18dB", "30%", "0.2s" for a parameter in
 * ms. *end is what follows. False when there is no number. `unit`: of the parameter.
 */
bool ps_effect_number(const char *text, const char *unit, double *value, const char **end);

#endif
