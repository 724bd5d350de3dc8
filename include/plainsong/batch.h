/*
 * Many files rendered with one set of options into a folder, on all threads: files in parallel, and
 * threads that have no file left help inside those that are still being rendered.
 *
 *      ps_batch_inputs *inputs;
 *      ps_batch_inputs_create(&inputs, &err);
 *      ps_batch_inputs_add(inputs, "lessons", &err);
 *      ps_batch_options options = { .output_dir = "out", .resume = true };
 *      size_t count;
 *      const ps_batch_input *items = ps_batch_inputs_items(inputs, &count);
 *      ps_batch_results *results;
 *      status = ps_batch_run(&results, &request, &options, items, count, &err);
 *      ...ps_batch_results_nth(results, i)...
 *      ps_batch_results_destroy(results);
 *
 * docs/batch.md says what is guaranteed.
 */
#ifndef PLAINSONG_BATCH_H
#define PLAINSONG_BATCH_H

#include "plainsong/render.h"

#ifdef __cplusplus
extern "C" {
#endif

/** ---- Inputs --------------------------------------------------------------------------------- */

typedef struct ps_batch_input {
    const char *path; /* a MIDI file, a track, or an audio file (it has the ending of one) */
    const char *name; /* of the output within the folder, without its ending: "week 1/scale"; NULL:
                         the path's last part without its ending */
} ps_batch_input;

/** A list of inputs that grows. */
typedef struct ps_batch_inputs ps_batch_inputs;

PS_API ps_status ps_batch_inputs_create(ps_batch_inputs **out, ps_error *err);

/**
 * Appends a file, or what a folder holds: its files that end in .mid .midi .kar .rmi .smf or .json
 * and those of its folders, in the order of their names' bytes, named as they lie in it. Left out
 * are names that begin with a dot, links to folders, and plainsong-batch.json. Audio files are
 * taken only when they are named themselves.
 *
 * PS_CANNOT_READ when a folder cannot be listed. A path that does not exist is appended: it fails
 * later, by itself.
 */
PS_API ps_status ps_batch_inputs_add(ps_batch_inputs *inputs, const char *path, ps_error *err);

/** All of them, in order; good until the next change. */
PS_API const ps_batch_input *ps_batch_inputs_items(const ps_batch_inputs *inputs, size_t *count);

/** NULL allowed. */
PS_API void ps_batch_inputs_destroy(ps_batch_inputs *inputs);

/** ---- Results -------------------------------------------------------------------------------- */

typedef enum ps_batch_outcome {
    PS_BATCH_PENDING, /* the batch was stopped before */
    PS_BATCH_DONE,
    PS_BATCH_SKIPPED, /* resume: was there already; what is said below stands in the manifest */
    PS_BATCH_FAILED,
} ps_batch_outcome;

typedef struct ps_batch_result {
    ps_batch_outcome outcome;
    const char *input_path;
    const char *output_path;
    const ps_error *error; /* FAILED; else NULL */
    size_t same_as;        /* an earlier input is the same file with the same name, and this is its
                              result; else SIZE_MAX */
    char key[33];          /* content key, hexadecimal; "" when the input could not be read */
    uint64_t frames;
    double seconds; /* of audio written */
    uint32_t rate_hz;
    ps_levels levels; /* of what was written; NAN: not measured; of a file skipped peak, rms,
                         integrated loudness and true peak */
    double gain;      /* applied by the level mode, linear */
    bool prevented_clipping;
    uint64_t clipped;
    uint32_t warnings; /* about this file */
    double wall_sec;   /* that rendering took; 0 of a file skipped */
} ps_batch_result;

typedef struct ps_batch_results ps_batch_results;

/** The i-th input's; owned by the results. */
PS_API const ps_batch_result *ps_batch_results_nth(const ps_batch_results *results, size_t index);

typedef struct ps_batch_totals {
    size_t files, done, skipped, failed, pending; /* inputs that are the same count each */
    double seconds;                               /* of audio written, now and before */
    const char *manifest_path;
} ps_batch_totals;

PS_API void ps_batch_results_totals(const ps_batch_results *results, ps_batch_totals *totals);

/** NULL allowed. */
PS_API void ps_batch_results_destroy(ps_batch_results *results);

/** ---- Running -------------------------------------------------------------------------------- */

/** How far a batch is. */
typedef struct ps_batch_state {
    double done;                      /* of everything, 0..1 */
    size_t files;                     /* inputs that are the same count once */
    size_t finished, skipped, failed; /* finished: the other two are among them */
    size_t index;                     /* the input that the rest is about */
    const char *input_path;
    double file_done;              /* 0..1 */
    const char *stage;             /* "reading", "measuring", "rendering", ... */
    const ps_batch_result *result; /* its outcome, when it has just come about; else NULL */
} ps_batch_state;

/** Called on any of the threads, never from two at once. Return false to stop. */
typedef bool ps_batch_progress(void *user, const ps_batch_state *state);

/** Where the manifest is, in the output folder, when nothing else is said. */
#define PS_BATCH_MANIFEST "plainsong-batch.json"

typedef struct ps_batch_options {
    const char *output_dir;    /* made when it is missing, and so are folders in it */
    const char *manifest_path; /* NULL: PS_BATCH_MANIFEST in output_dir */
    bool resume;               /* leave alone what the manifest says was made of the same */
    ps_batch_progress *progress;
    void *progress_user;
} ps_batch_options;

/**
 * Renders every input as ps_render_file does (audio files as ps_process_file does) with the options
 * of `request`, whose input_path, output_path, progress and engine are not looked at; its container
 * counts, not a name. request->threads renders at a time, at most so many files are open. Warnings
 * come on any of the threads, never from two at once.
 *
 * Outputs are called as their inputs are; of those that would be called the same (upper and lower
 * case of ASCII being one) the first keeps its name, the others become NAME-2, NAME-3, ..., in the
 * order of the inputs, the lowest number that is free. An input given twice is rendered once.
 *
 * The samples do not depend on the number of threads: each file is what it is rendered alone.
 *
 * @param results receives what became of each input, also when the batch is stopped or the manifest
 *                cannot be written at the end; NULL when it did not begin. May not be NULL itself
 *
 * PS_OK when every input has an outcome, PS_BATCH_FAILED being one. PS_CANCELLED when progress said
 * stop and something was left to do. Before anything is rendered: PS_BAD_ARGUMENT, PS_UNSUPPORTED
 * for stems, PS_CANNOT_WRITE for the folder or the manifest, what a bank has to say that cannot be
 * opened, and PS_BAD_DATA when resume finds a manifest that is none.
 */
PS_API ps_status ps_batch_run(ps_batch_results **results, const ps_render_request *request,
                              const ps_batch_options *options, const ps_batch_input *inputs,
                              size_t count, ps_error *err);

#ifdef __cplusplus
}
#endif

#endif
