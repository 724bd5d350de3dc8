/* Copies a track by building it anew. */
#include "track/copy.h"

static ps_status copy_parts(ps_track *copy, const ps_track *track, ps_error *err)
{
    size_t step_count, clip_count;
    const ps_track_step *steps = ps_track_get_steps(track, &step_count);
    const ps_track_clip *clips = ps_track_get_clips(track, &clip_count);
    const ps_track_noise *noise = ps_track_get_noise(track);
    ps_status status = ps_track_set_settings(copy, ps_track_get_settings(track), err);

    for (size_t i = 0; i < step_count && status == PS_OK; i++)
        status = ps_track_add_step(copy, &steps[i], err);
    for (size_t i = 0; i < clip_count && status == PS_OK; i++)
        status = ps_track_add_clip(copy, &clips[i], err);
    if (noise && status == PS_OK)
        status = ps_track_set_noise(copy, noise, err);
    return status;
}

ps_status ps_track_copy(ps_track **out, const ps_track *track, const ps_allocator *allocator,
                        ps_error *err)
{
    ps_track *copy;
    ps_status status = ps_track_create(&copy, allocator, err);

    if (status != PS_OK)
        return status;
    status = copy_parts(copy, track, err);
    if (status != PS_OK) {
        ps_track_destroy(copy);
        return status;
    }
    *out = copy;
    return PS_OK;
}
