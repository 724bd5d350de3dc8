/*
 * The SoundFont synthesizer, in two forms.
 *
 * ps_synth is the real-time object: MIDI messages in, blocks out, each message acting on the exact
 * frame it names. ps_performance is a ps_source: a score played by banks from its first frame to
 * the end of its last tail.
 */
#ifndef PLAINSONG_SYNTH_H
#define PLAINSONG_SYNTH_H

#include "plainsong/engine.h"
#include "plainsong/score.h"
#include "plainsong/soundfont.h"
#include "plainsong/source.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum ps_interpolation {
    PS_INTERPOLATE_NEAREST,
    PS_INTERPOLATE_LINEAR,
    PS_INTERPOLATE_CUBIC,  /* 4-point, third order */
    PS_INTERPOLATE_SINC8,  /* windowed sinc, band-limited when pitched up */
    PS_INTERPOLATE_SINC32, /* the same with 32 points */
} ps_interpolation;

/** How CC 0 and CC 32 choose a bank; a reset SysEx in the piece overrides it. */
typedef enum ps_bank_mode {
    PS_BANK_GM,  /* bank select is ignored */
    PS_BANK_GS,  /* CC 0 is the bank, CC 32 is ignored (default) */
    PS_BANK_XG,  /* CC 32 is the bank; CC 0 = 126, 127 (drum kits), 64 (effects) are special */
    PS_BANK_MMA, /* bank = CC 0 * 128 + CC 32 */
} ps_bank_mode;

typedef struct ps_synth_options {
    double rate_hz;                 /* 8000..192000; 44100 */
    uint32_t polyphony;             /* most notes at once, 1..4096; 256 */
    ps_interpolation interpolation; /* cubic */
    ps_bank_mode bank_mode;         /* GS */
    double gain;                    /* linear, of everything; 0.5 */
    double reverb_gain;             /* of the reverb's return, 0: no reverb; 1 */
    double chorus_gain;             /* of the chorus's return, 0: no chorus; 1 */
    bool velocity_to_filter;        /* SF2 8.4.2 as printed, -2400 cents; false: as players do */
    ps_channel_set channels;        /* channels whose notes sound; all */
} ps_synth_options;

/** The defaults named above. */
PS_API ps_synth_options ps_synth_defaults(void);

typedef struct ps_synth ps_synth;

/** Makes a synthesizer without banks. PS_BAD_ARGUMENT names the option out of range. */
PS_API ps_status ps_synth_create(ps_synth **out, ps_engine *engine, const ps_synth_options *options,
                                 ps_error *err);

/** NULL allowed. */
PS_API void ps_synth_destroy(ps_synth *synth);

/**
 * Stacks a bank under those added before: the first bank that has a preset wins.
 *
 * @param bank        borrowed until the synthesizer is gone
 * @param bank_offset added to the bank numbers of its presets
 *
 * Not while another thread renders.
 */
PS_API ps_status ps_synth_add_bank(ps_synth *synth, ps_soundfont *bank, uint32_t bank_offset,
                                   ps_error *err);

/**
 * Sends a message that acts at an absolute frame (counted from the first frame ever rendered).
 * Messages must come in order of time. A frame already computed means: as soon as possible, at
 * most PS_GRID_FRAMES later. `tick`, `order` and `track` of the event are ignored; data is
 * borrowed until ps_synth_render has passed the frame.
 *
 * A note sounds for at least 10 ms: an earlier note-off takes its key up, but the release begins
 * round(0.010 * rate) frames after the frame of the note-on (docs/synthesis.md, Time).
 *
 * Real-time safe; the same thread as render, or while render is not running. False when the queue
 * (1024 messages) is full: the message is dropped.
 */
PS_API bool ps_synth_send(ps_synth *synth, uint64_t frame, const ps_event *event);

/** The next frames. Real-time safe. */
PS_API void ps_synth_render(ps_synth *synth, ps_block block);

/** First frame that render has not yet computed: the earliest a message can act on exactly. */
PS_API uint64_t ps_synth_frontier(const ps_synth *synth);

/** Everything off, all channels as after power-on, effects silent. Real-time safe. */
PS_API void ps_synth_reset(ps_synth *synth);

/** What happened since creation. */
typedef struct ps_synth_stats {
    uint64_t notes;          /* note-ons that sounded */
    uint64_t regions;        /* sounding regions started (a stereo note has two) */
    uint32_t active;         /* regions sounding now */
    uint32_t peak_polyphony; /* most regions at once */
    uint64_t stolen;         /* regions faded out to make room */
    uint64_t silent_notes;   /* note-ons no region answered */
    uint64_t not_ready;      /* regions left out because their sample was not prepared */
} ps_synth_stats;

PS_API void ps_synth_get_stats(const ps_synth *synth, ps_synth_stats *stats);

/** A program that no bank has, and what was played instead. */
typedef struct ps_missing_preset {
    uint16_t bank, program;           /* wanted */
    uint16_t used_bank, used_program; /* played */
    bool drums;
    bool silent;      /* nothing could be found at all */
    uint16_t channel; /* first channel that asked */
} ps_missing_preset;

/** The distinct missing programs that notes asked for, up to 64. */
PS_API const ps_missing_preset *ps_synth_missing_presets(const ps_synth *synth, uint32_t *count);

/** ---- A score played by banks ---------------------------------------------------------------- */

typedef struct ps_bank_choice {
    ps_soundfont *bank; /* borrowed until the source is gone */
    uint32_t offset;    /* added to its bank numbers */
} ps_bank_choice;

typedef struct ps_performance_options {
    ps_synth_options synth;
    double tail_sec; /* most time after the last event until silence is waited for; 30 */
    uint32_t loops;  /* times a marked loop is played again; 0 */
} ps_performance_options;

PS_API ps_performance_options ps_performance_defaults(void);

/**
 * Makes a source that plays a score.
 *
 * Prepares every sample the score needs (decoding in parallel on the engine's workers), so that
 * pulling is real-time safe when the engine has no workers. With workers, pulls of many grid runs
 * at once are computed in parallel.
 *
 * @param score borrowed until the source is gone; must have the rate's frames as whole numbers:
 *              options->synth.rate_hz is rounded to whole frames per second
 *
 * Length: at most the last event plus tail_sec; it ends when all notes and effects have died.
 * Seek: replays every event and envelope up to the frame, so notes sound with their true phase and
 * level; filter memory, reverb and chorus start empty. Exact for frame 0.
 */
PS_API ps_status ps_performance_create(ps_source **out, ps_engine *engine, const ps_score *score,
                                       const ps_bank_choice *banks, size_t bank_count,
                                       const ps_performance_options *options, ps_error *err);

/** The synthesizer inside a source made by ps_performance_create, for its statistics. */
PS_API const ps_synth *ps_performance_synth(const ps_source *source);

#ifdef __cplusplus
}
#endif

#endif
