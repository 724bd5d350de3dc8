/*
 * Effects. A chain says which ones, in order, with which parameters: data, read from text or built
 * by hand. A rack is a chain made to run at a sample rate: it changes blocks in place. Around a
 * source, a chain makes a source.
 *
 *      ps_chain *chain;
 *      ps_chain_read(&chain, "eq:100hz-3,4k+2 | compressor:-18,3 | limiter:-1", NULL, &err);
 *      ps_source *wet;
 *      ps_effect_source_create(&wet, engine, dry, chain, NULL, &err);
 *
 * docs/effects.md lists the effects, their parameters and the grammar of chains.
 */
#ifndef PLAINSONG_EFFECT_H
#define PLAINSONG_EFFECT_H

#include "plainsong/accelerator.h"
#include "plainsong/engine.h"
#include "plainsong/source.h"
#include "plainsong/value.h"

#ifdef __cplusplus
extern "C" {
#endif

/** ---- Effects, as tables --------------------------------------------------------------------- */

typedef enum ps_effect_value {
    PS_EFFECT_NUMBER,
    PS_EFFECT_FLAG,   /* 0 or 1; on/off, yes/no, true/false */
    PS_EFFECT_CHOICE, /* one of the words in `choices`, as a number its place from 0 */
    PS_EFFECT_TEXT,   /* a name or a path */
} ps_effect_value;

/** One row of an effect's table: the only truth about a parameter. */
typedef struct ps_effect_parameter {
    const char *name; /* "threshold"; of a family without its number: "gain" of gain1..gain16 */
    ps_effect_value kind;
    uint32_t copies;     /* 0: one parameter; n: the family name1..namen, all alike */
    const char *unit;    /* "Hz", "dB", "ms", "s", "" */
    double preset;       /* when not given */
    double low, high;    /* limits, both inclusive */
    const char *choices; /* CHOICE: "peak lowshelf highshelf"; TEXT: the preset */
    const char *meaning; /* one line */
    bool fixed;          /* settled when a rack is made: it cannot be changed while it runs */
} ps_effect_parameter;

typedef struct ps_effect_info {
    const char *name;    /* "compressor" */
    const char *summary; /* one line */
    const char *items;   /* what values without a name mean, in words, when it is not the order of
                            the table: "BAND[,BAND...], each [TYPE]FREQ[+GAIN][qQ]"; else NULL */
    const ps_effect_parameter *parameters;
    uint32_t parameter_count;
} ps_effect_info;

/** The i-th effect; false after the last. */
PS_API bool ps_effect_nth(size_t index, ps_effect_info *info);

/** An effect by its name; false when there is none. */
PS_API bool ps_effect_find(const char *name, ps_effect_info *info);

/**
 * Slots number an effect's values: the parameters in the order of the table, families unrolled.
 * A slot by its parameter's name ("gain3"); UINT32_MAX when there is none.
 */
PS_API uint32_t ps_effect_slot(const ps_effect_info *info, const char *parameter);

/** ---- Chains --------------------------------------------------------------------------------- */

typedef struct ps_chain ps_chain;

/** More effects than this are refused. */
#define PS_CHAIN_MOST 64u

typedef struct ps_chain_options {
    const ps_allocator *allocator;
    /**
     * Appends the effects of a preset to the chain. PS_NOT_FOUND when there is none of that name:
     * the error's text then stays empty, its hint may say what was meant. NULL: no presets.
     */
    ps_status (*preset)(void *user, const char *name, ps_chain *chain, ps_error *err);
    void *user;
} ps_chain_options;

/** An empty chain: nothing is changed. options NULL: none. */
PS_API ps_status ps_chain_create(ps_chain **out, const ps_chain_options *options, ps_error *err);

/** NULL allowed. Racks made from it stay good. */
PS_API void ps_chain_destroy(ps_chain *chain);

/**
 * Makes a chain of text:
 *
 *      chain  = effect { "|" effect }
 *      effect = NAME [ ":" value { "," value } ]
 *      value  = [ PARAMETER "=" ] ( NUMBER [ UNIT ] | WORD | '"' ANYTHING '"' )
 *
 * Values without a name are for the parameters in the order of the table, or what the effect's
 * `items` says. Units: hz k khz db ms s %; without one, the unit of the parameter. A NAME may be
 * that of a preset, also as "preset:NAME".
 *
 * PS_BAD_ARGUMENT with the column (err->column, counted from 1) for what cannot be read, an unknown
 * name (with the nearest one as the hint) or a value out of its range.
 */
PS_API ps_status ps_chain_read(ps_chain **out, const char *text, const ps_chain_options *options,
                               ps_error *err);

/**
 * Makes a chain of a document: a text as above, a list of effects, or a map whose member "effects"
 * is one of these. An effect in a list is a text, or a map {"effect": NAME, PARAMETER: value, ...};
 * "preset" names a preset instead, and "bypass": true leaves an entry out. The bands of eq may be
 * given as "bands": [...], texts or maps.
 *
 * PS_BAD_ARGUMENT as above, with the place in words ("effects[2].ratio: ...").
 */
PS_API ps_status ps_chain_read_value(ps_chain **out, const ps_value *document,
                                     const ps_chain_options *options, ps_error *err);

/* The same, appended to a chain, which is left as it was on failure. */
PS_API ps_status ps_chain_append(ps_chain *chain, const char *text, ps_error *err);
PS_API ps_status ps_chain_append_value(ps_chain *chain, const ps_value *document, ps_error *err);

/** Appends copies of another chain's effects. */
PS_API ps_status ps_chain_join(ps_chain *chain, const ps_chain *other, ps_error *err);

/** Appends an effect with its presets; PS_NOT_FOUND with the nearest name as the hint. */
PS_API ps_status ps_chain_add(ps_chain *chain, const char *effect, ps_error *err);

PS_API size_t ps_chain_count(const ps_chain *chain);

/** What the i-th effect is; false when there is none. */
PS_API bool ps_chain_nth(const ps_chain *chain, size_t index, ps_effect_info *info);

/* Sets a value. PS_NOT_FOUND for an unknown parameter, PS_BAD_ARGUMENT for a number that is not
   finite or outside the limits, or a text for what is a number. A CHOICE takes its word as text. */
PS_API ps_status ps_chain_set(ps_chain *chain, size_t index, const char *parameter, double value,
                              ps_error *err);
PS_API ps_status ps_chain_set_text(ps_chain *chain, size_t index, const char *parameter,
                                   const char *text, ps_error *err);

/** A value by its slot; NAN when there is none. */
PS_API double ps_chain_get(const ps_chain *chain, size_t index, uint32_t slot);

/** The text of a TEXT slot; NULL when there is none. */
PS_API const char *ps_chain_get_text(const ps_chain *chain, size_t index, uint32_t slot);

/**
 * Writes the chain as text that reads back to the same chain: only what is not preset. Like
 * snprintf it returns the bytes the whole text has without its final 0.
 */
PS_API size_t ps_chain_write(const ps_chain *chain, char *text, size_t text_bytes);

/** ---- Files that effects name ---------------------------------------------------------------- */

typedef struct ps_effect_media {
    /** Decodes a whole audio file to a sample rate: all its channels, interleaved. */
    ps_status (*load)(void *user, const char *path, double rate_hz, ps_recording *out,
                      ps_error *err);
    void (*release)(void *user, ps_recording *recording);
    void *user;
} ps_effect_media;

/** ---- Racks ---------------------------------------------------------------------------------- */

typedef struct ps_rack ps_rack;

typedef struct ps_rack_options {
    ps_effect_media media; /* load NULL: there are no files; used during creation only */
    uint64_t seed;         /* of dither: random numbers depend on it and the frame alone */
    /**
     * For files, never for live use: somebody faster, who may take convolutions; NULL: none. It is
     * called during creation and processing, on their threads, and must outlive the rack.
     *
     * A convolver whose work is wanted there gathers some 2^20 frames at a time (twice the response
     * if that is more), and has them as its latency. That takes 20 MB for a room of 3 s, at most
     * 65 MB at 48 kHz and 260 MB at 192 kHz. What comes out is within 1e-5 of what would come out
     * without, whatever becomes of the jobs.
     */
    const ps_accelerator *accelerator;
    uint64_t frames; /* for the accelerator: that will go through at most; 0: not known. Around a
                        source, the source's length counts, too. */
} ps_rack_options;

/**
 * Makes a chain ready to process blocks at a sample rate (8000..192000).
 *
 * @param options NULL: none
 *
 * The chain may be changed or destroyed afterwards.
 */
PS_API ps_status ps_rack_create(ps_rack **out, ps_engine *engine, const ps_chain *chain,
                                double rate_hz, const ps_rack_options *options, ps_error *err);

/** NULL allowed. */
PS_API void ps_rack_destroy(ps_rack *rack);

/**
 * In place, the next frames in order. How the audio is cut into blocks is not heard. What is not
 * finite in the input counts as silence. Real-time safe: no allocation, no locks, no I/O; but with
 * an accelerator it may wait for that.
 */
PS_API void ps_rack_process(ps_rack *rack, ps_block block);

/** As just created, with the values it has now: silent, at frame 0. */
PS_API void ps_rack_reset(ps_rack *rack);

/** Frames that the sound comes out later than it went in. */
PS_API uint32_t ps_rack_latency(const ps_rack *rack);

/** Frames that the sound goes on for after its end, until it is 100 dB down; latency not counted.
 */
PS_API uint64_t ps_rack_tail(const ps_rack *rack);

/** Changes that wait for their frame; more are refused. */
#define PS_RACK_CHANGES 256u

/**
 * Changes a value at a frame counted from the last reset: from there on it glides to the new value
 * in some 20 ms, so that no step is heard. A frame that has passed means the next one to come.
 * Real-time safe; on the thread that processes.
 *
 * PS_NOT_FOUND for an unknown slot or a TEXT, PS_UNSUPPORTED for a fixed one, PS_BAD_ARGUMENT for a
 * value outside the limits, PS_NO_MEMORY when too many changes wait.
 */
PS_API ps_status ps_rack_set(ps_rack *rack, size_t effect, uint32_t slot, double value,
                             uint64_t frame);

/** Samples of the input that were not finite, since creation. */
PS_API uint64_t ps_rack_not_finite(const ps_rack *rack);

/** ---- Around a source ------------------------------------------------------------------------ */

typedef struct ps_effect_source_options {
    ps_rack_options rack;
    double tail_sec;   /* the most that is played after the source's end; < 0: as long as it
                          sounds, which is the default */
    bool keep_latency; /* the sound comes late by the latency, and there is no accelerator; else the
                          source is read ahead so that it does not */
} ps_effect_source_options;

/** As long as it sounds, no latency. */
PS_API ps_effect_source_options ps_effect_source_defaults(void);

/**
 * A source with a chain around it. Takes `source` over, also on failure.
 *
 * Length: the source's and the tail. A seek plays up to 10 s before the frame, unheard, so that
 * what rings there rings: exact for frame 0, else within the tail's remains (and as exact as the
 * source seeks). Live, the pulls that follow a seek or the start read ahead by the latency.
 */
PS_API ps_status ps_effect_source_create(ps_source **out, ps_engine *engine, ps_source *source,
                                         const ps_chain *chain,
                                         const ps_effect_source_options *options, ps_error *err);

/** The rack inside: for changes, between pulls on the thread that pulls. Its frames count from
 * where the source was last sought. */
PS_API ps_rack *ps_effect_source_rack(ps_source *source);

#ifdef __cplusplus
}
#endif

#endif
