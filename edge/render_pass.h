/*
 * One pass of the renderer: plays a source from its position and hands every block through fade,
 * gain and meter to a writer.
 *
 *      source -> ring of blocks -> fade -> gain -> meter -> writer
 *
 * While the source computes one block, the one before it is measured and written. The ring is as
 * long as the fade-out, because a fade-out has begun before the end of the piece is seen.
 */
#ifndef PLAINSONG_EDGE_RENDER_PASS_H
#define PLAINSONG_EDGE_RENDER_PASS_H

#include "plainsong/file.h"
#include "plainsong/level.h"
#include "plainsong/render.h"

/* Which frames of the piece, and what is done to all of them. */
typedef struct ps_render_span {
    uint64_t first_frame;
    uint64_t most_frames; /* UINT64_MAX: to the end */
    bool padded;          /* silence up to most_frames when the source ends before */
    uint64_t fade_in_frames, fade_out_frames;
    bool mono;
} ps_render_span;

/* Progress of a pass as a part of a whole; shared by passes that run at the same time. */
typedef struct ps_render_progress ps_render_progress;

typedef struct ps_render_pass {
    ps_source *source;
    ps_engine *engine;
    ps_render_span span;
    float gain;
    ps_audio_writer *writer; /* NULL: only measured */
    bool peak_only;          /* of the levels measure nothing but peak and frames; the others NAN */
    uint32_t measures;       /* else these, too: PS_MEASURE_... */
    bool stop_at_clipping;   /* from the first sample beyond full scale on, only measure */

    ps_render_progress *progress; /* NULL: nobody is told and nobody stops it */
    uint64_t likely_frames;       /* of the source, for the progress */

    /* results */
    ps_levels levels; /* of what was written */
    uint64_t clipped; /* samples beyond full scale */
} ps_render_pass;

/* Runs a pass. The source must be at frame 0. PS_CANCELLED when progress said stop. */
ps_status ps_render_pass_run(ps_render_pass *pass, ps_error *err);

/* ---- Progress ------------------------------------------------------------------------------- */

#include <pthread.h>
#include <stdatomic.h>

struct ps_render_progress {
    ps_progress *callback; /* NULL: nobody listens */
    void *user;
    const char *stage;
    double from, to; /* what the frames below stand for in the whole, 0..1 */
    uint64_t total_frames;
    atomic_uint_fast64_t done_frames; /* of all passes since ps_render_progress_begin */
    atomic_bool stopped;
    pthread_mutex_t lock; /* around the two below: passes run on several threads */
    double last_sec;
    double last_done;
};

void ps_render_progress_init(ps_render_progress *progress, ps_progress *callback, void *user);
void ps_render_progress_destroy(ps_render_progress *progress);

/* While no pass runs: a new stage, `from`..`to` of the whole work, in which total_frames will be
 * computed. */
void ps_render_progress_begin(ps_render_progress *progress, const char *stage, double from,
                              double to, uint64_t total_frames);

/* Adds frames; tells the callback when enough time has passed. False: stop. */
bool ps_render_progress_add(ps_render_progress *progress, uint64_t frames);

#endif
