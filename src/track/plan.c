/* Laying out the steps of a track: track-wide times to frames, and which fades over which. */
#include "track/plan.h"

#include <math.h>

uint64_t ps_frames_of(double seconds, double rate_hz)
{
    const double frames = seconds * rate_hz;

    if (!(frames > 0.0))
        return 0;
    return frames < (double)PS_TRACK_FRAMES_MAX ? (uint64_t)frames : PS_TRACK_FRAMES_MAX;
}

/* The start of a step: its own, or after those before it. */
static double start_of(const ps_track_step *step, double running_sec)
{
    const double start = isnan(step->start_sec) ? running_sec : step->start_sec;

    return start > 0.0 ? start : 0.0;
}

static double running_after(const ps_track_step *step, double start_sec, double running_sec,
                            double crossfade_sec)
{
    if (!isnan(step->start_sec))
        return start_sec + step->duration_sec;
    return running_sec + fmax(0.0, step->duration_sec - fmax(0.0, crossfade_sec));
}

ps_status ps_plan_make(ps_plan *plan, const ps_track *track, double rate_hz,
                       const ps_allocator *allocator, ps_error *err)
{
    size_t count;
    const ps_track_step *steps = ps_track_get_steps(track, &count);
    const ps_track_settings *settings = ps_track_get_settings(track);
    const uint64_t crossfade = ps_frames_of(settings->crossfade_sec, rate_hz);
    ps_plan made = {allocator, rate_hz, settings->equal_power, NULL, 0, 0, true};
    double running_sec = 0.0;
    uint64_t last = 0;

    if (count > UINT32_MAX - 1)
        return ps_fail(err, PS_UNSUPPORTED, "too many steps");
    made.places = ps_alloc(allocator, count + 1, sizeof *made.places);
    if (!made.places)
        return ps_fail(err, PS_NO_MEMORY, "no memory for a plan of %zu steps", count);
    for (size_t i = 0; i < count; i++) {
        if (!(steps[i].duration_sec > 0.0))
            continue;
        const double start_sec = start_of(&steps[i], running_sec);
        ps_place place = {(uint32_t)i, ps_frames_of(start_sec, rate_hz),
                          ps_frames_of(steps[i].duration_sec, rate_hz), 0};
        running_sec = running_after(&steps[i], start_sec, running_sec, settings->crossfade_sec);
        if (place.begin + place.frames >= PS_TRACK_FRAMES_MAX) {
            ps_free(allocator, made.places);
            return ps_fail(err, PS_BAD_DATA, "progression[%zu] ends too late to be played", i);
        }
        if (place.frames == 0)
            continue;
        const uint64_t end = ps_place_end(&place);
        const uint64_t shared = end < last ? end : last;
        if (made.count > 0 && shared > place.begin && crossfade > 0)
            place.fade = shared - place.begin < crossfade ? shared - place.begin : crossfade;
        last = end > last ? end : last;
        made.places[made.count++] = place;
    }
    made.empty = last == 0;
    made.frames = made.empty ? (uint64_t)rate_hz : last;
    *plan = made;
    return PS_OK;
}

void ps_plan_clear(ps_plan *plan)
{
    ps_free(plan->allocator, plan->places);
    plan->places = NULL;
    plan->count = 0;
}
