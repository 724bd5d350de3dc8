/* Voices as tones: sums in closed form. */
#include "voice/tones.h"

#include "voice/blocks.h"

/* ---- Where alpha bends ----------------------------------------------------------------------- */

/* As ps_ramp_fill has it, before it is held to 0..1. */
static double course_at(const ps_ramp *ramp, uint64_t frame)
{
    return ((double)frame * ramp->frame_sec - ramp->start_sec) * (1.0 / ramp->span_sec);
}

/* Whether the change has begun with a frame, and whether it is over. */
static bool has_begun(const ps_ramp *ramp, uint64_t frame)
{
    return ramp->span_sec > 0.0 ? course_at(ramp, frame) > 0.0
                                : (double)frame * ramp->frame_sec >= ramp->start_sec;
}

static bool is_over(const ps_ramp *ramp, uint64_t frame)
{
    return ramp->span_sec > 0.0 ? course_at(ramp, frame) >= 1.0 : has_begun(ramp, frame);
}

/* The first of a step's frames that is so, near a time; their number when none is. */
static uint64_t first_frame(const ps_ramp *ramp, bool (*is_so)(const ps_ramp *, uint64_t),
                            double sec, uint64_t frames)
{
    const double near = sec / ramp->frame_sec;
    uint64_t frame = near < (double)frames ? (uint64_t)near : frames;

    if (ramp->never)
        return frames;
    while (frame > 0 && is_so(ramp, frame - 1))
        frame--;
    while (frame < frames && !is_so(ramp, frame))
        frame++;
    return frame;
}

bool ps_goes_straight(const ps_voice_setup *setup)
{
    return !setup->transition || setup->ramp.curve->kind == PS_CURVE_LINEAR;
}

static uint64_t smaller(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* The sum of alpha over the frames from `begin` on, in which it moves. */
static double sum_of(const ps_ramp *ramp, uint64_t begin, uint64_t frames)
{
    const double middle = (double)begin + 0.5 * ((double)frames - 1.0);

    return frames > 0
               ? (double)frames * (middle * ramp->frame_sec - ramp->start_sec) / ramp->span_sec
               : 0.0;
}

ps_tone_stretch ps_tone_stretch_of(const ps_voice_setup *setup, uint64_t first, uint64_t end)
{
    const ps_ramp *ramp = &setup->ramp;
    ps_tone_stretch s = {.first = first, .before = first, .frame_sec = setup->frame_sec};
    uint64_t bend = end;

    if (setup->transition) {
        const uint64_t begin = first_frame(ramp, has_begun, ramp->start_sec, setup->frames);
        const uint64_t over =
            first_frame(ramp, is_over, ramp->start_sec + ramp->span_sec, setup->frames);

        s.before = smaller(first, begin);
        s.moved = smaller(first, over) - s.before;
        s.after = first - s.before - s.moved;
        s.moved_sum = sum_of(ramp, begin, s.moved);
        if (first >= over)
            s.alpha = 1.0;
        else if (first >= begin) {
            s.alpha = course_at(ramp, first);
            s.slope = ramp->frame_sec / ramp->span_sec;
        }
        bend = first < begin ? begin : first < over ? over : end;
    }
    s.frames = smaller(bend, end) - first;
    return s;
}

/* ---- Lines and phases ------------------------------------------------------------------------ */

ps_tone_line ps_tone_line_of(const ps_tone_stretch *stretch, double from, double by)
{
    return (ps_tone_line){from + by * stretch->alpha, by * stretch->slope};
}

/* The fraction of a number of turns; one that is small is as precise as it is small, as it will be
   multiplied. */
static uint64_t phase_of(double cycles)
{
    const double whole = (cycles + PS_ROUNDER) - PS_ROUNDER, part = cycles - whole;
    const bool small = part > -0.25 && part < 0.25;

    return (uint64_t)(int64_t)(part * (small ? 0x1p64 : 0x1p63)) << (small ? 0 : 1);
}

/* What a voice adds for a frame in which the frequency stands. */
static uint64_t step_of(double hz, double step_sec)
{
    return ps_phase64(hz * step_sec);
}

ps_tone_phase ps_tone_summed(const ps_tone_stretch *s, double from_hz, double by_hz,
                             double step_sec, bool after)
{
    const double moved_hz = from_hz * (double)s->moved + by_hz * s->moved_sum;
    const uint64_t moved =
        by_hz == 0.0 ? s->moved * step_of(from_hz, step_sec) : phase_of(moved_hz * step_sec);
    const uint64_t way = s->before * step_of(from_hz, step_sec) + moved +
                         s->after * step_of(from_hz + by_hz, step_sec);
    const double hz = from_hz + by_hz * s->alpha, bend_hz = by_hz * s->slope;

    if (bend_hz == 0.0) {
        const uint64_t step = step_of(hz, step_sec);

        return (ps_tone_phase){way + (after ? step : 0), step, 0};
    }
    const uint64_t step = phase_of(hz * step_sec), bend = phase_of(bend_hz * step_sec);
    return (ps_tone_phase){way + (after ? step : 0), step + (after ? bend : 0), bend};
}

ps_tone_phase ps_tone_timed(const ps_tone_stretch *s, double from_hz, double by_hz,
                            double from_cycles, double by_cycles)
{
    const double t = (double)s->first * s->frame_sec;
    const double hz = from_hz + by_hz * s->alpha, bend_hz = by_hz * s->slope;
    const double cycles = from_cycles + by_cycles * s->alpha;

    if (s->slope == 0.0) {
        const uint64_t step = step_of(hz, s->frame_sec);

        return (ps_tone_phase){ps_phase64(cycles) + s->first * step, step, 0};
    }
    /* (hz + bend i) (t + frame_sec i) + cycles + by slope i, where i^2 is i (i - 1) + i. */
    const double square = bend_hz * s->frame_sec;
    const double by = hz * s->frame_sec + bend_hz * t + by_cycles * s->slope + square;
    return (ps_tone_phase){phase_of(hz * t + cycles), phase_of(by), phase_of(2.0 * square)};
}
