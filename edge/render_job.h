/*
 * A job of the renderer: one source into one file, in one or two passes. The file is opened and
 * given its name in steps of their own, so that several jobs (the mix and its stems) can appear
 * together.
 */
#ifndef PLAINSONG_EDGE_RENDER_JOB_H
#define PLAINSONG_EDGE_RENDER_JOB_H

#include "render_pass.h"

typedef struct ps_render_job {
    const ps_render_request *request; /* borrowed */
    ps_render_pass pass;
    ps_audio_writer_options file; /* the request's, completed */
    const char *path;             /* borrowed */
    uint64_t frames; /* UINT64_MAX until known: of what will be written, for a pipe's header */
    bool prevented_clipping;
} ps_render_job;

/*
 * Checks the request and prepares a job that writes `source` to `path`. The source is borrowed.
 * likely_frames: how long it will probably be, 0 when only its own length is known.
 */
ps_status ps_render_job_init(ps_render_job *job, ps_source *source, ps_engine *engine,
                             const ps_render_request *request, const char *path,
                             uint64_t likely_frames, ps_error *err);

/* Measures when the level asks for it, then writes; twice when needed. The file is not finished. */
ps_status ps_render_job_run(ps_render_job *job, ps_render_progress *progress, double share,
                            ps_error *err);

/* Gives the file its name. */
ps_status ps_render_job_finish(ps_render_job *job, ps_error *err);

/* Removes what is unfinished. */
void ps_render_job_close(ps_render_job *job);

/* Completes the file options: the container by the path, where the request says so. */
ps_status ps_render_container(const ps_render_request *request, const char *path,
                              ps_container *container, ps_error *err);

/* The job's results as part of a report. */
void ps_render_job_report(const ps_render_job *job, ps_render_report *report);

#endif
