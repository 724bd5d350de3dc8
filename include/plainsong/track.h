/*
 * Tracks: steps of voices with crossfades, a layer of noise and clips, from a document or built by
 * hand, played as a ps_source.
 *
 *      ps_track *track;
 *      ps_track_create(&track, NULL);
 *      ps_value params = ...;                           {"baseFreq": 200, "beatFreq": 4}
 *      ps_track_voice voice = { .function = "binaural_beat", .params = params };
 *      ps_track_step step = { .duration_sec = 60, .voices = &voice, .voice_count = 1 };
 *      ps_track_add_step(track, &step);
 *      ps_source *source;
 *      ps_track_source_create(&source, engine, track, NULL, &err);
 *
 * A track is data: what it means is said in docs/tracks.md. Nothing here reads a file; an edge
 * turns JSON into a ps_value and lends the media that a track names.
 */
#ifndef PLAINSONG_TRACK_H
#define PLAINSONG_TRACK_H

#include <math.h>

#include "plainsong/accelerator.h"
#include "plainsong/effect.h"
#include "plainsong/engine.h"
#include "plainsong/source.h"
#include "plainsong/value.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ps_track ps_track;

/** ---- The parts of a track ------------------------------------------------------------------- */

typedef struct ps_track_settings {
    uint32_t rate_hz;        /* 44100 */
    double crossfade_sec;    /* 1.0; negative counts as 0 */
    bool equal_power;        /* the sine and cosine law instead of straight lines */
    const char *output_name; /* "generated_track.wav" */
    ps_value effects;        /* on the whole track: a chain (ps_chain_read_value), or null */
} ps_track_settings;

typedef struct ps_track_voice {
    const char *function; /* "binaural_beat"; an unknown one is silent, with a warning */
    bool is_transition;   /* moves from start... to end... values */
    ps_value params;      /* a map, or null for none */
    ps_value envelope;    /* {"type": ..., "params": {...}}, or null */
    const char *description, *category; /* or NULL */
    ps_value rest;                      /* a map of what else stood in the document, or null */
    ps_value told; /* a list of the parameters ("": the function) that ps_track_read has warned of,
                      so that a source need not warn again; or null */
} ps_track_voice;

typedef struct ps_track_step {
    double start_sec; /* NAN: after the steps before it, overlapping by the crossfade */
    double duration_sec;
    const ps_track_voice *voices;
    size_t voice_count;
    const char *description; /* or NULL */
    ps_value rest;
} ps_track_step;

typedef struct ps_track_noise {
    const char *path;                 /* of a .noise file, or NULL: params stand here */
    ps_value params;                  /* the content of a .noise file: a map; null: no noise */
    double gain;                      /* 1 */
    double pan;                       /* -1..1: balance, 0 */
    double start_sec;                 /* 0 */
    double fade_in_sec, fade_out_sec; /* 0 */
    ps_value envelope;                /* list of [sec, gain], ascending; or null */
    ps_value rest;
    bool told; /* ps_track_read has warned of what is wrong with params: a source need not */
} ps_track_noise;

typedef struct ps_track_clip {
    const char *path; /* of an audio or MIDI file, "data:" URL, or NULL: pushed samples */
    double start_sec; /* 0 */
    double gain;      /* 1 */
    double pan;       /* -1..1: balance, 0 */
    double fade_in_sec, fade_out_sec; /* 0 */
    double duration_sec;              /* informative: what the file said, 0 unknown */
    const char *description;
    ps_value effects; /* a chain, before gain, pan and fades; or null */
    ps_value rest;
} ps_track_clip;

/** ---- Building ------------------------------------------------------------------------------- */

/** An empty track with the settings above. allocator NULL: the C library's. */
PS_API ps_status ps_track_create(ps_track **out, const ps_allocator *allocator, ps_error *err);

/** NULL allowed. Sources made from it stay good: they hold what they need. */
PS_API void ps_track_destroy(ps_track *track);

/* Each copies what it is given, texts and values included. PS_BAD_ARGUMENT for a number that is not
   finite (start_sec excepted) or a rate outside 8000..192000. */
PS_API ps_status ps_track_set_settings(ps_track *track, const ps_track_settings *settings,
                                       ps_error *err);
PS_API ps_status ps_track_add_step(ps_track *track, const ps_track_step *step, ps_error *err);
PS_API ps_status ps_track_add_clip(ps_track *track, const ps_track_clip *clip, ps_error *err);
PS_API ps_status ps_track_set_noise(ps_track *track, const ps_track_noise *noise, ps_error *err);

/* What a track holds; pointers stay good until it is changed or destroyed. */
PS_API const ps_track_settings *ps_track_get_settings(const ps_track *track);
PS_API const ps_track_step *ps_track_get_steps(const ps_track *track, size_t *count);
PS_API const ps_track_clip *ps_track_get_clips(const ps_track *track, size_t *count);
/** NULL when there is none. */
PS_API const ps_track_noise *ps_track_get_noise(const ps_track *track);

/** ---- Documents ------------------------------------------------------------------------------ */

/**
 * Told where in a document something is: "progression[2].voices[0].params.beatFreq", "" for the
 * whole. Fills err->line and err->column if it can.
 */
typedef struct ps_locator {
    void (*locate)(void *user, const char *where, ps_error *err);
    void *user;
} ps_locator;

typedef struct ps_track_read_options {
    const ps_allocator *allocator;
    ps_warnings
        warnings; /* unknown names, values that cannot be used, two spellings of one field */
    ps_locator locator;
    bool strict; /* a warning is an error */
} ps_track_read_options;

/**
 * Makes a track of a document of either generation, in every spelling the old readers took
 * (docs/tracks.md lists them). What cannot be used is told and left out; the start times of steps
 * are filled in as the old loader did.
 *
 * PS_BAD_DATA when the document is no track at all.
 */
PS_API ps_status ps_track_read(ps_track **out, const ps_value *document,
                               const ps_track_read_options *options, ps_error *err);

/**
 * The track as a document of the second generation: global, progression, background_noise,
 * overlay_clips; what was not understood when it was read is still there. The value lives as long
 * as the track and is valid until the next call. NULL when memory is out.
 */
PS_API const ps_value *ps_track_write(ps_track *track);

/** ---- Playing -------------------------------------------------------------------------------- */

/** The files a track names, lent by an edge. Any of the functions may be NULL: there are none. */
typedef struct ps_track_media {
    /** Decodes a whole audio file. */
    ps_status (*load)(void *user, const char *path, ps_recording *out, ps_error *err);
    void (*release)(void *user, ps_recording *recording);
    /** A clip as a source at a rate, so that it need not be held whole; NULL: clips are loaded. */
    ps_status (*open)(void *user, const char *path, double rate_hz, ps_source **out, ps_error *err);
    void *user;
    ps_chain_options chains; /* presets that chains may name */
    ps_effect_media effects; /* files that effects name */
} ps_track_media;

typedef struct ps_track_options {
    double rate_hz;       /* 0: the track's own */
    bool reference;       /* sound exactly as the old offline renderer, defects included */
    bool no_align;        /* crossfades are not aligned in phase */
    bool live;            /* a pull makes nothing ahead: what prepare has not made yet is silent */
    uint64_t seed;        /* of noise and glitches */
    ps_track_media media; /* its user must outlive the source */
    ps_warnings warnings; /* voices that stay silent, files that cannot be read; at creation */
    ps_locator locator;
    /**
     * For files: somebody faster, who must outlive the source; NULL: none. Not asked live, nor for
     * the reference's sound.
     *
     * It may take convolutions of clips' effects (effect.h says more), and make the voices that are
     * nothing but sines, all of a step in one job: binaural_beat, monaural_beat_stereo_amps,
     * stereo_am_independent and isochronic_tone, whose parameters stand or go in straight lines,
     * without flanger and spatialiser. Then 4 MB more are held for each step that sounds, and
     * samples are within 1e-5 of full scale of those without.
     */
    const ps_accelerator *accelerator;
} ps_track_options;

/**
 * A track as a source. The mix is as the voices make it, before any level.
 *
 * In the default mode memory does not grow with length, and seeking is exact: a seek replays what
 * has to be replayed of the steps that sound there. Before them it looks, once, at the crossfades
 * that lead up to them without a gap, because each is aligned with what the one before it moved. In
 * reference mode whole steps are held. The track may be destroyed afterwards.
 *
 * live: call ps_source_prepare from another thread, at least twice a second and once before the
 * first pull; a pull then neither allocates nor blocks.
 */
PS_API ps_status ps_track_source_create(ps_source **out, ps_engine *engine, const ps_track *track,
                                        const ps_track_options *options, ps_error *err);

/**
 * The chain of effects on the whole track, which a source of it does not have: put it around the
 * source (ps_effect_source_create). *out is NULL when there is none. PS_BAD_ARGUMENT when what
 * stands in the track is none.
 */
PS_API ps_status ps_track_effects(ps_chain **out, const ps_track *track,
                                  const ps_chain_options *options, ps_error *err);

/* The following are for sources made by ps_track_source_create; they may be called from any thread
   but the one that pulls or prepares, and take effect at a coming block. */

/**
 * Plays another track from here on: steps and voices that did not change run on, what changed is
 * crossfaded over 30 ms. Takes effect when prepare has made the new voices.
 *
 * Clips too: where the chain and the start of a pushed one stay, its effects run on; a new chain
 * hears the samples from the change on, and the sound keeps its place. The chain on the whole track
 * is not the source's (ps_track_effects): it is not changed.
 */
PS_API ps_status ps_track_source_update(ps_source *source, const ps_track *track, ps_error *err);

/** The step that sounds (the later one in a crossfade), counted from 0; its count when none. */
PS_API size_t ps_track_source_step(const ps_source *source, size_t *count);

/** The frame a step begins at, for ps_source_seek; UINT64_MAX when there is no such step. */
PS_API uint64_t ps_track_source_step_frame(const ps_source *source, size_t step);

/**
 * Appends samples to a clip that has no file (path NULL, or its file could not be read). They play
 * from the clip's start on, back to back; what comes too late plays late. finished: no more come.
 * Effects that are late (look-ahead, blocks of a convolution) take their latency ahead out of what
 * has been pushed; where that is less, the sound comes later by the rest.
 * PS_BAD_ARGUMENT when the clip is not such a one, PS_NO_MEMORY when its queue is full.
 */
PS_API ps_status ps_track_source_push_clip(ps_source *source, size_t clip, const float *left,
                                           const float *right, uint32_t frames, bool finished);

/** ---- Voices, as tables ---------------------------------------------------------------------- */

typedef enum ps_parameter_kind {
    PS_PARAMETER_NUMBER,
    PS_PARAMETER_FLAG,   /* on for any value that is not 0, false or empty */
    PS_PARAMETER_SWITCH, /* the same, but reads the words true/yes/on/1 and false/no/off/0 */
    PS_PARAMETER_TEXT,   /* one of `choices` */
    PS_PARAMETER_VALUE,  /* a list or map; its meaning says of what */
} ps_parameter_kind;

/** What a transition voice makes of a parameter. */
typedef enum ps_glide {
    PS_GLIDE_NONE,   /* it does not move: read under its own name */
    PS_GLIDE_CHAIN,  /* startX, else x, else the preset; endX, else what the start is */
    PS_GLIDE_START,  /* the same, but the end is read and ignored */
    PS_GLIDE_OWN,    /* startX and endX have presets of their own; x is not looked at */
    PS_GLIDE_ABSENT, /* only the static voice has it */
    PS_GLIDE_ONLY,   /* only the transition voice has it, under its own name */
    PS_GLIDE_APART,  /* startX, else x, else the preset; endX, else x, else the preset */
} ps_glide;

/** One row of a voice's table: the only truth about a parameter. */
typedef struct ps_parameter {
    const char *name; /* "ampL" */
    ps_parameter_kind kind;
    ps_glide glide;
    const char *unit; /* "Hz", "rad", "s", "dB", "cycles", "" */
    double preset;    /* when absent */
    double low, high; /* a sensible range for an editor; not a limit unless the meaning says so */
    const char *choices;             /* TEXT: "sine triangle", the first is the preset */
    const char *meaning;             /* one line */
    const char *start, *end;         /* names in a transition; NULL: "start" + Name, "end" + Name */
    double start_preset, end_preset; /* PS_GLIDE_OWN */
} ps_parameter;

typedef struct ps_voice_info {
    const char *name;    /* "binaural_beat" */
    const char *summary; /* one line */
    bool transition;     /* there is a NAME_transition too */
    const ps_parameter *parameters;
    uint32_t parameter_count;
} ps_voice_info;

/** The i-th voice; false after the last. */
PS_API bool ps_voice_nth(size_t index, ps_voice_info *info);

/** A voice by its name, without or with "_transition"; false when there is none. */
PS_API bool ps_voice_find(const char *name, ps_voice_info *info);

/** Parameters every voice takes around its own: flanger, envelope timing, spatialiser. */
typedef enum ps_common_group {
    PS_COMMON_TRANSITION, /* initial_offset, transition_duration, transition_curve */
    PS_COMMON_FLANGER,    /* flange... */
    PS_COMMON_SPATIAL,    /* spatial...: voices that say so take them */
} ps_common_group;

PS_API const ps_parameter *ps_common_parameters(ps_common_group group, uint32_t *count);

#ifdef __cplusplus
}
#endif

#endif
