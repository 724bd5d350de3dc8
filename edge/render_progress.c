/* Progress of a render: frames of several threads into one number, told at most 20 times a second.
 */
#include "render_pass.h"

#include <time.h>

#define TELL_EVERY_SEC 0.05

static double now_sec(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void ps_render_progress_init(ps_render_progress *progress, ps_progress *callback, void *user)
{
    progress->callback = callback;
    progress->user = user;
    progress->stage = "";
    progress->from = 0.0;
    progress->to = 1.0;
    progress->total_frames = 1;
    atomic_init(&progress->done_frames, 0);
    atomic_init(&progress->stopped, false);
    pthread_mutex_init(&progress->lock, NULL);
    progress->last_sec = -1.0;
    progress->last_done = 0.0;
}

void ps_render_progress_destroy(ps_render_progress *progress)
{
    pthread_mutex_destroy(&progress->lock);
}

void ps_render_progress_begin(ps_render_progress *progress, const char *stage, double from,
                              double to, uint64_t total_frames)
{
    progress->stage = stage;
    progress->from = from;
    progress->to = to;
    progress->total_frames = total_frames > 0 ? total_frames : 1;
    atomic_store(&progress->done_frames, 0);
    progress->last_sec = -1.0; /* a new stage is told at once */
}

/* The lengths are guesses; the number still only grows and stays within its stage. */
static double done_part(ps_render_progress *progress)
{
    double share = (double)atomic_load(&progress->done_frames) / (double)progress->total_frames;
    double done;

    share = share > 1.0 ? 1.0 : share;
    done = progress->from + (progress->to - progress->from) * share;
    if (done > progress->last_done)
        progress->last_done = done;
    return progress->last_done;
}

bool ps_render_progress_add(ps_render_progress *progress, uint64_t frames)
{
    atomic_fetch_add(&progress->done_frames, frames);
    if (progress->callback && pthread_mutex_trylock(&progress->lock) == 0) {
        const double now = now_sec();

        if (progress->last_sec < 0.0 || now - progress->last_sec >= TELL_EVERY_SEC) {
            progress->last_sec = now;
            if (!progress->callback(progress->user, done_part(progress), progress->stage))
                atomic_store(&progress->stopped, true);
        }
        pthread_mutex_unlock(&progress->lock);
    }
    return !atomic_load(&progress->stopped);
}
