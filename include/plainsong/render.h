/*
 * The offline renderer: a source into a file, with level, fades, excerpt and a report; and on top
 * of it the whole way from a MIDI or track file to an audio file, as `plainsong render` does it.
 */
#ifndef PLAINSONG_RENDER_H
#define PLAINSONG_RENDER_H

#include "plainsong/accelerator.h"
#include "plainsong/effect_file.h"
#include "plainsong/file.h"
#include "plainsong/level.h"
#include "plainsong/master.h"
#include "plainsong/synth.h"

#ifdef __cplusplus
extern "C" {
#endif

/**
 * Called some ten times a second while rendering, never from two threads at once; done goes from 0
 * to 1, stage is a word for people ("measuring", "rendering", "stems"). Return false to stop.
 */
typedef bool ps_progress(void *user, double done, const char *stage);

#define PS_RENDER_BANKS 16u

/** Effects on one channel of a MIDI file, before the mix. */
typedef struct ps_channel_effects {
    uint32_t channel; /* counted from 0; 16 and up on further ports */
    const ps_chain *chain;
} ps_channel_effects;
#define PS_RENDER_HUGE_BYTES                                                                       \
    (UINT64_C(16) << 30)             /* of a track as a file: refused unless asked for */
#define PS_RENDER_FADE_MAX_SEC 600.0 /* the fade-out is held in memory until the end is seen */

typedef struct ps_render_request {
    const char *input_path;  /* "-" reads standard input */
    const char *output_path; /* "-" standard output, "null:" nowhere */
    const char *stems_dir;   /* NULL: none; one file per channel: NN-name.ext, the mix's gain */

    const char *soundfont_paths[PS_RENDER_BANKS]; /* none: ps_soundfont_find_default */
    uint32_t soundfont_offsets[PS_RENDER_BANKS];
    uint32_t soundfont_count;

    ps_audio_writer_options file; /* container is taken from the name when container_from_name */
    bool container_from_name;

    ps_performance_options performance; /* its synth.rate_hz follows file.rate_hz */
    bool strict;                        /* refuse damaged input */

    const ps_chain *effects;                   /* on the whole mix, before the level; NULL: none */
    const ps_channel_effects *channel_effects; /* MIDI; a channel once */
    size_t channel_effects_count;
    bool master; /* bring it to a spectrum and a loudness, after the effects: its loudness
                    is level_db when the mode is LUFS; no other level is applied then */
    double effects_tail_sec; /* the most that effects ring on after the end; < 0: as they do */

    ps_level_mode level_mode;
    double level_db;
    double fixed_gain; /* of PS_LEVEL_FIXED; NAN: MIDI 1, tracks 0.25, as a stream has it */
    uint32_t measures; /* of the report's levels besides the peak: PS_MEASURE_... */

    bool reference;    /* tracks: exactly as the old offline renderer, 16 bits included */
    uint64_t seed;     /* tracks: of noise and glitches */
    bool dry_run;      /* tracks: open everything, tell of what is wrong, write nothing; the report
                          has frames, seconds and rate_hz of what would be written */
    bool even_if_huge; /* write more than PS_RENDER_HUGE_BYTES */

    double start_sec, duration_sec;   /* of the piece; duration < 0: to the end */
    double fade_in_sec, fade_out_sec; /* of what is written; 0..PS_RENDER_FADE_MAX_SEC */

    uint32_t threads; /* 0: all available */
    /* Somebody faster, who may take convolutions of effects and voices of tracks:
       ps_gpu_accelerator of gpu.h. Called from any of the threads. NULL: none. */
    const ps_accelerator *accelerator;
    /* Lent by a caller who renders several files, also at the same time; both may be NULL: then the
       render makes its own. The engine's workers are used instead of `threads`. */
    ps_engine *engine;
    const ps_soundfont_file *const *soundfonts; /* `soundfont_count` opened ones; the paths above
                                                   are then only their names */
    ps_progress *progress;
    void *progress_user;
    ps_warnings warnings;
} ps_render_request;

/** Output name decides the format; 44100 Hz, 16 bits, dither, level auto, all threads; of the
   levels, mean square and loudness are measured. */
PS_API ps_render_request ps_render_defaults(void);

#define PS_RENDER_MISSING 64u

typedef struct ps_render_report {
    double seconds;          /* of audio written */
    uint64_t frames;         /* written */
    ps_levels levels;        /* of what was written, before quantizing; NAN: not measured */
    double gain;             /* applied by the level mode, linear */
    bool prevented_clipping; /* PS_LEVEL_AUTO took a second pass */
    uint64_t clipped;        /* samples beyond full scale in an integer file */
    ps_synth_stats synth;
    ps_missing_preset missing[PS_RENDER_MISSING];
    uint32_t missing_count;
    uint32_t stems;
    char soundfont_path[1024]; /* the first bank used; "" for a track */
    bool track;                /* the input was a track */
    uint32_t rate_hz;          /* of what was written */
    bool audio;                /* the input was an audio file */
    bool mastered;             /* `master` is filled, with the chain that was made */
    ps_master_report master;
    char master_chain[1024]; /* as text */
    uint64_t not_finite;     /* samples of the audio files read (input, clips, responses) that were
                                not finite: silent. A file counts once, however often it is read */
} ps_render_report;

/**
 * Renders a MIDI file or a track (JSON) to an audio file (report NULL allowed). What the input is,
 * its content says. file.rate_hz 0 is the rate of the track, 44100 for MIDI. What is about banks,
 * performance and stems does not concern tracks: PS_UNSUPPORTED for stems of one.
 *
 * Streams: memory does not grow with length. The output appears under its name only when it is
 * whole. PS_CANCELLED when progress said stop: nothing is left behind.
 */
PS_API ps_status ps_render_file(const ps_render_request *request, ps_render_report *report,
                                ps_error *err);

/**
 * The same for an audio file as the input, whose effects, level, excerpt and fades are to be
 * applied. file.rate_hz 0 is the file's own. "-" is not allowed. What is about MIDI and tracks
 * is not looked at.
 */
PS_API ps_status ps_process_file(const ps_render_request *request, ps_render_report *report,
                                 ps_error *err);

/**
 * Renders any source to an audio file: the later half of ps_render_file. Looks at the request's
 * output_path, file, level, excerpt, fades and progress, not at its input, banks, performance,
 * stems, threads; the file's rate is the source's. Of the report it fills all but synth, missing,
 * stems and soundfont_path.
 *
 * Plays the source from frame 0, twice when the level has to be measured before writing (always
 * so for PEAK, TRUE_PEAK and LUFS; for AUTO when the output is a stream or the mix turned out to
 * clip). With the engine's workers, a block is written while the next is computed.
 *
 * PS_UNSUPPORTED for an endless source without a duration.
 */
PS_API ps_status ps_render_source(ps_source *source, ps_engine *engine,
                                  const ps_render_request *request, ps_render_report *report,
                                  ps_error *err);

#ifdef __cplusplus
}
#endif

#endif
