/*
 * What the files of the extension share. The extension is a pipe: Python's objects in, the
 * engine's calls, Python's objects out. Every call that can take a millisecond is made without the
 * interpreter's lock.
 *
 * Every type is final, so the type of `self` leads to the module's state.
 */
#ifndef PLAINSONG_PYTHON_CORE_H
#define PLAINSONG_PYTHON_CORE_H

#define PY_SSIZE_T_CLEAN
#ifndef Py_LIMITED_API
#define Py_LIMITED_API 0x030b0000
#endif
#include <Python.h>

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "plainsong/plainsong.h"

typedef struct core_state {
    PyTypeObject *audio_buffer, *soundfont, *score, *track, *chain, *source;
} core_state;

/*
 * Around calls of the engine: gives the interpreter's lock back and takes it again. Once in a
 * block.
 */
#define CORE_UNLOCK() PyThreadState *const unlocked = PyEval_SaveThread()
#define CORE_LOCK()   PyEval_RestoreThread(unlocked)

/* The state of the module that made the type of `self`. */
core_state *core_state_of(PyObject *self);

/* ---- errors.c ------------------------------------------------------------------------------- */

/* An error without a place, ready to be filled. */
ps_error core_no_error(void);

/* Raises what the engine said; what a progress function raised has precedence. Returns NULL. */
PyObject *core_raise(const ps_error *err);

/* Raises ValueError: what was used is closed. Returns NULL. */
PyObject *core_closed(const char *what);

/* Texts of files in unknown encodings and paths, as str; NULL gives None. */
PyObject *core_text(const char *text);
PyObject *core_path_text(const char *path);

/* ---- warnings.c ----------------------------------------------------------------------------- */

#define CORE_WARNINGS_MOST 64u

/* Warnings of the engine, kept from any thread until somebody holds the interpreter's lock. */
typedef struct core_warnings {
    pthread_mutex_t lock;
    const char *path; /* of the file meant, where a warning names none; borrowed; or NULL */
    ps_error kept[CORE_WARNINGS_MOST];
    uint32_t count; /* of all that came; only the first are kept */
} core_warnings;

void core_warnings_init(core_warnings *warnings, const char *path);
void core_warnings_destroy(core_warnings *warnings);
ps_warnings core_warnings_lend(core_warnings *warnings);

/* Issues plainsong.PlainsongWarning for each; -1 when one of them became an exception. */
int core_warnings_issue(const core_warnings *warnings);

/* ---- runtime.c ------------------------------------------------------------------------------ */

/* Must run once before the rest. */
void core_runtime_prepare(void);

typedef struct core_engine {
    ps_engine *engine;
    ps_threads *threads;
    bool own; /* the two are given back with it; else the process's */
} core_engine;

/*
 * An engine with so many threads. 0: the process's, with all there are; 1: the process's without
 * any. A forked child gets new ones.
 */
ps_status core_engine_borrow(core_engine *out, uint32_t threads, ps_error *err);
void core_engine_give_back(core_engine *engine);

/* The process's GPU; NULL for PS_GPU_OFF or when memory is out. */
const ps_accelerator *core_gpu(ps_gpu_mode mode);

/* ---- bank_cache.c --------------------------------------------------------------------------- */

typedef struct core_bank core_bank;

/*
 * Opens a bank, or shares the one that is open already: the same file, unchanged on disk. NULL as
 * the path is the bank that plays when none is named. Without the interpreter's lock.
 */
ps_status core_bank_open(core_bank **out, const char *path, bool strict, ps_error *err);
core_bank *core_bank_share(core_bank *bank);
void core_bank_close(core_bank *bank); /* NULL allowed */

ps_soundfont *core_bank_soundfont(const core_bank *bank);
const char *core_bank_path(const core_bank *bank);
const core_warnings *core_bank_warnings(const core_bank *bank);

/* Closes what nobody uses; the number of banks still open. */
size_t core_bank_cache_clear(void);

typedef struct core_bank_counts {
    size_t open, idle, hits, misses;
} core_bank_counts;
core_bank_counts core_bank_cache_counts(void);

/* ---- progress.c ----------------------------------------------------------------------------- */

typedef struct core_progress {
    PyObject *function;      /* borrowed; NULL: nobody is told, but Ctrl-C is heard */
    PyThreadState *unlocked; /* of the thread that called, which is told */
    double stretch;          /* how many times longer a piece may be than it will probably be */
    double begin;            /* of the stage, as the renderer counts */
    const char *stage;
} core_progress;

/* A ps_progress, called without the interpreter's lock. */
bool core_progress_tell(void *user, double done, const char *stage);

/* True for None (function NULL) and for what can be called. */
bool core_progress_init(core_progress *progress, PyObject *function);

/* ---- interleaved.c -------------------------------------------------------------------------- */

/* A source that plays interleaved samples of 1 or 2 channels, borrowed. */
ps_status core_interleaved_source(ps_source **out, const float *samples, uint64_t frames,
                                  uint32_t channels, double rate_hz, ps_error *err);

/* Stereo samples from and to planar blocks. */
void core_interleave(float *samples, ps_block block);
void core_deinterleave(ps_block block, const float *samples);

/* ---- audio_buffer.c ------------------------------------------------------------------------- */

typedef struct core_samples {
    float *samples; /* frames * 2, interleaved; from malloc */
    uint64_t frames;
    uint32_t rate_hz;
} core_samples;

extern PyType_Spec core_audio_buffer_spec;

/* Takes the samples over, also on failure. */
PyObject *core_audio_buffer_new(const core_state *state, core_samples samples);

/* Any object with float samples, (frames, 2), (frames, 1) or (frames,), C-contiguous. */
typedef struct core_input {
    Py_buffer view;
    const float *samples;
    uint64_t frames;
    uint32_t channels;
} core_input;

/* Raises TypeError or ValueError and returns false. */
bool core_input_get(core_input *input, PyObject *object);
void core_input_release(core_input *input);

/* ---- file_options.c ------------------------------------------------------------------------- */

#define CORE_TAGS_MOST 32u

/* How a file is written. */
typedef struct core_file {
    ps_audio_writer_options options;
    ps_tag tags[CORE_TAGS_MOST];
    PyObject *kept; /* a copy of the dict, for its texts; or NULL */
} core_file;

/*
 * From format (None or a name), bits (0: 16, and 32 as float for raw; -32 is float), quality
 * (< 0: default), dither, channels, no_clobber, tags (a dict of str or None). Raises and returns
 * false. core_file_release in any case.
 */
bool core_file_init(core_file *file, const char *path, const char *format, int bits, double quality,
                    bool dither, bool mono, bool no_clobber, PyObject *tags);
void core_file_release(core_file *file);

/* ---- soundfont.c score.c track.c chain.c ---------------------------------------------------- */

extern PyType_Spec core_soundfont_spec, core_score_spec, core_track_spec, core_chain_spec;

/* NULL, with an exception, when it is closed. */
core_bank *core_soundfont_bank(PyObject *soundfont);
const ps_score *core_score_get(PyObject *score);
const ps_chain *core_chain_get(PyObject *chain);

typedef struct core_track {
    ps_track_file *file;
    const char *path; /* NULL: from nowhere */
} core_track;
core_track core_track_get(PyObject *track);

/* `object` as JSON text, a bytes object. */
PyObject *core_json(PyObject *object);

/* ---- piece.c -------------------------------------------------------------------------------- */

/* How a piece is to sound. */
typedef struct core_sound {
    ps_performance_options performance;
    uint32_t rate_hz; /* 0: the piece's own */
    bool reference;
    uint64_t seed;
    uint32_t threads;
    int gpu; /* a ps_gpu_mode */
    double effects_tail_sec;
    bool master;
    double master_lufs;
    double last_sec; /* that will be played, for the GPU; < 0: not known */
    const ps_chain *chain;
    ps_channel_effects channels[PS_SCORE_CHANNELS];
    uint32_t channel_count;
} core_sound;

/* A source with everything that it plays from. */
typedef struct core_piece {
    core_engine engine;
    ps_source *source;
    ps_media *media;
    core_bank *banks[PS_RENDER_BANKS];
    ps_bank_choice choices[PS_RENDER_BANKS];
    uint32_t bank_count;
    PyObject *what;   /* the Score or Track that is played; or NULL */
    core_input input; /* samples that are played; or all 0 */
    bool track, reference;
    uint64_t seed;
    uint64_t likely_frames; /* 0: as the source says */
    ps_master_report master;
    char *master_chain; /* as text, when it was mastered; from malloc */
    core_warnings warnings;
} core_piece;

/* Without the interpreter's lock; the rest of the piece (what, input, banks) is there already. */
ps_status core_piece_open_score(core_piece *piece, const ps_score *score, const core_sound *sound,
                                core_progress *progress, ps_error *err);
ps_status core_piece_open_track(core_piece *piece, core_track track, const core_sound *sound,
                                core_progress *progress, ps_error *err);
ps_status core_piece_open_input(core_piece *piece, const core_sound *sound, core_progress *progress,
                                ps_error *err);
ps_status core_piece_open_audio(core_piece *piece, const char *path, const core_sound *sound,
                                core_progress *progress, ps_error *err);

/* Without the interpreter's lock: all but `what` and `input`. */
void core_piece_close(core_piece *piece);

/* ---- collect.c ------------------------------------------------------------------------------ */

typedef struct core_span {
    double start_sec, duration_sec; /* duration < 0: to the end */
    double fade_in_sec, fade_out_sec;
    ps_level_mode level_mode;
    double level_db;
    double fixed_gain;
} core_span;

/* A piece from frame 0 into memory, as ps_render_source puts it into a float file. */
ps_status core_collect(core_samples *out, core_piece *piece, const core_span *span,
                       core_progress *progress, ps_error *err);

/* ---- source.c ------------------------------------------------------------------------------- */

extern PyType_Spec core_source_spec;

/* _core.open_source(...) */
PyObject *core_open_source(PyObject *module, PyObject *args, PyObject *kwargs);

#endif
