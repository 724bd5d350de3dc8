/* The gain of the noise layer. */
#include "track/layer_gain.h"

#include "track/plan.h"

/* A pair of numbers. */
static bool corner_of(const ps_value *value, double rate_hz, ps_layer_corner *corner)
{
    double seconds;

    if (value->kind != PS_VALUE_LIST || value->count < 2 ||
        !ps_value_number(&value->members[0], &seconds) ||
        !ps_value_number(&value->members[1], &corner->gain))
        return false;
    corner->frame = (seconds > 0.0 ? seconds : 0.0) * rate_hz;
    return true;
}

ps_status ps_layer_gain_make(ps_layer_gain *gain, const ps_track_noise *what, uint64_t frames,
                             double rate_hz, const ps_allocator *allocator, ps_error *err)
{
    const ps_value *list = &what->envelope;
    ps_layer_gain made = {.gain = what->gain, .frames = frames};

    made.fade_in = ps_frames_of(what->fade_in_sec, rate_hz);
    made.fade_out = ps_frames_of(what->fade_out_sec, rate_hz);
    made.fade_in = made.fade_in < frames ? made.fade_in : frames;
    made.fade_out = made.fade_out < frames ? made.fade_out : frames;
    if (list->kind == PS_VALUE_LIST && list->count > 0) {
        made.corners = ps_alloc(allocator, list->count, sizeof *made.corners);
        if (!made.corners)
            return ps_fail(err, PS_NO_MEMORY, "no memory for the envelope of the noise");
        for (size_t i = 0; i < list->count; i++) {
            ps_layer_corner corner;

            if (corner_of(&list->members[i], rate_hz, &corner) &&
                (made.count == 0 || corner.frame >= made.corners[made.count - 1].frame))
                made.corners[made.count++] = corner;
        }
    }
    *gain = made;
    return PS_OK;
}

void ps_layer_gain_free(ps_layer_gain *gain, const ps_allocator *allocator)
{
    ps_free(allocator, gain->corners);
    gain->corners = NULL;
    gain->count = 0;
}

static double line_at(ps_layer_gain *gain, double frame)
{
    const ps_layer_corner *c = gain->corners;

    if (gain->at >= gain->count || c[gain->at].frame > frame)
        gain->at = 0;
    while (gain->at + 1 < gain->count && c[gain->at + 1].frame <= frame)
        gain->at++;
    if (frame <= c[gain->at].frame || gain->at + 1 == gain->count)
        return c[gain->at].gain;
    const ps_layer_corner *a = &c[gain->at], *b = a + 1;
    return a->gain + (b->gain - a->gain) * (frame - a->frame) / (b->frame - a->frame);
}

double ps_layer_gain_at(ps_layer_gain *gain, uint64_t frame)
{
    double g = gain->gain;

    if (frame < gain->fade_in)
        g *= gain->fade_in > 1 ? (double)frame / (double)(gain->fade_in - 1) : 0.0;
    if (frame >= gain->frames - gain->fade_out)
        g *= gain->fade_out > 1 && frame < gain->frames
                 ? (double)(gain->frames - 1 - frame) / (double)(gain->fade_out - 1)
             : gain->fade_out == 1 && frame < gain->frames ? 1.0
                                                           : 0.0;
    return gain->count > 0 ? g * line_at(gain, (double)frame) : g;
}

bool ps_layer_gain_is_steady(const ps_layer_gain *gain, uint64_t first, uint64_t count)
{
    if (first < gain->fade_in || first + count > gain->frames - gain->fade_out)
        return false;
    return gain->count == 0 || (double)first >= gain->corners[gain->count - 1].frame ||
           (double)(first + count) <= gain->corners[0].frame;
}
