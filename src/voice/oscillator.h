/*
 * Oscillators of the voices whose sound is nothing but sines: one whose frequency is summed up
 * (ps_oscillator), and one whose phase is frequency times time, as the track format has it for slow
 * modulators (ps_wobble). Both stay exact for any length of time: steady ones count in whole
 * fractions of a cycle, gliding ones add them up.
 */
#ifndef PLAINSONG_VOICE_OSCILLATOR_H
#define PLAINSONG_VOICE_OSCILLATOR_H

#include "base/row.h"

#include "voice/blocks.h"
#include "voice/tones.h"

/* Documents may hold any number. Cut to these, and bent by no more than PS_CURVE_LIMIT, products of
   a few of them stay finite as floats. */
#define PS_AMOUNT_MAX    1e6 /* gains, depths, shapes, phases in rad */
#define PS_FREQUENCY_MAX 1e9 /* Hz */

/* Where the reference wants a frequency to be above zero. */
#define PS_LEAST_HZ 1e-9

static inline double ps_limited(double x, double most)
{
    return x > most ? most : x < -most ? -most : x;
}

static inline ps_setting ps_amount(const ps_setting *setting)
{
    return (ps_setting){.start = ps_limited(setting->start, PS_AMOUNT_MAX),
                        .end = ps_limited(setting->end, PS_AMOUNT_MAX)};
}

/* The sum of a frequency and `share` of another one. */
static inline ps_setting ps_frequency(const ps_setting *setting, const ps_setting *other,
                                      double share)
{
    return (ps_setting){.start =
                            ps_limited(setting->start + share * other->start, PS_FREQUENCY_MAX),
                        .end = ps_limited(setting->end + share * other->end, PS_FREQUENCY_MAX)};
}

static inline bool ps_moves(const ps_setting *setting)
{
    return setting->start != setting->end;
}

/* Whether anything of a voice moves; else it never needs alpha. */
static inline bool ps_any_moves(const ps_setting *settings, uint32_t count)
{
    bool any = false;

    for (uint32_t i = 0; i < count; i++)
        any = any || ps_moves(&settings[i]);
    return any;
}

/* Where a transition is, in the frames of one run. */
typedef struct ps_course {
    const double *alpha; /* NULL: nothing moves */
    bool still;          /* alpha is the same in all of them */
} ps_course;

/* Of the next run of a voice; `space` is for it to lie in. */
static inline ps_course ps_course_of(const ps_voice *voice, bool moves, double *space,
                                     uint32_t count)
{
    ps_course course = {NULL, true};

    if (!moves)
        return course;
    course.still = ps_ramp_fill(&voice->setup->ramp, space, voice->frame, count);
    course.alpha = space;
    return course;
}

/* The value of a setting in a run where it is still. */
static inline double ps_value_in(const ps_setting *setting, const ps_course *course)
{
    const double alpha = course->alpha ? course->alpha[0] : 0.0;

    return setting->start + (setting->end - setting->start) * alpha;
}

/* The extremes of a setting over a step. ramp: of a transition voice, else NULL. */
static inline void ps_extremes(const ps_setting *setting, const ps_ramp *ramp, double *low,
                               double *high)
{
    double first = 0.0, last = 0.0; /* of alpha */

    if (ramp && ps_moves(setting))
        ps_ramp_range(ramp, &first, &last);
    const double change = setting->end - setting->start;
    const double a = setting->start + change * first;
    const double b = setting->start + change * last;

    *low = a < b ? a : b;
    *high = a < b ? b : a;
}

static inline double ps_magnitude(double a, double b)
{
    const double x = a < 0.0 ? -a : a, y = b < 0.0 ? -b : b;

    return x > y ? x : y;
}

/* The largest magnitude of a setting over a step. */
static inline double ps_largest(const ps_setting *setting, const ps_ramp *ramp)
{
    double low, high;

    ps_extremes(setting, ramp, &low, &high);
    return ps_magnitude(low, high);
}

/** ---- Frequencies that are summed up --------------------------------------------------------- */

typedef struct ps_oscillator {
    ps_setting hz;
    double least_hz; /* lower frequencies count as this one */
    double frame_sec;
    uint64_t phase; /* of the frame before the next one */
    uint64_t step;  /* per frame, of a steady one */
    bool steady;
} ps_oscillator;

/* Cycles per frame of a gliding one. */
static inline void ps_oscillator_steps(const ps_oscillator *o, double *restrict step,
                                       const double *restrict alpha, uint32_t count)
{
    const double start = o->hz.start, change = o->hz.end - o->hz.start;
    const double least = o->least_hz, frame_sec = o->frame_sec;

    for (uint32_t i = 0; i < count; i++) {
        const double hz = start + change * alpha[i];

        step[i] = (hz > least ? hz : least) * frame_sec;
    }
}

/* The first frame has the phase `cycles` and one increment. */
static inline void ps_oscillator_init(ps_oscillator *o, const ps_setting *hz, double least_hz,
                                      double frame_sec, uint64_t phase)
{
    const double steady_hz = hz->start > least_hz ? hz->start : least_hz;

    *o = (ps_oscillator){.hz = *hz, .least_hz = least_hz, .frame_sec = frame_sec, .phase = phase};
    o->steady = !ps_moves(hz);
    o->step = ps_phase64(steady_hz * frame_sec);
}

/* Takes that increment off again, before the first frame: it has the start phase itself, and the
   way into each later frame is at the frequency of that frame. ramp: of a gliding one. */
static inline void ps_oscillator_hold(ps_oscillator *o, const ps_ramp *ramp)
{
    double alpha, step;

    if (o->steady) {
        o->phase -= o->step;
        return;
    }
    ps_ramp_fill(ramp, &alpha, 0, 1);
    ps_oscillator_steps(o, &step, &alpha, 1);
    o->phase -= ps_phase64(step);
}

/* What each frame of a run adds, when it is the same in all of them. */
static inline uint64_t ps_oscillator_step(const ps_oscillator *o, const ps_course *course)
{
    double step;

    if (o->steady)
        return o->step;
    ps_oscillator_steps(o, &step, course->alpha, 1);
    return ps_phase64(step);
}

/* Phases of the next frames. */
static inline void ps_oscillator_phases(ps_oscillator *o, uint32_t *restrict phase,
                                        const ps_course *course, uint32_t count)
{
    ps_doubles step;

    if (o->steady || course->still) {
        const uint64_t each = ps_oscillator_step(o, course);

        ps_steady(phase, o->phase + each, each, count);
        o->phase += count * each;
        return;
    }
    ps_oscillator_steps(o, step, course->alpha, count);
    ps_integrate(phase, &o->phase, step, count, true);
}

/* Sines of the next frames. */
static inline void ps_oscillator_sines(ps_oscillator *o, float *restrict out,
                                       const ps_course *course, uint32_t count)
{
    ps_phases phase;

    ps_oscillator_phases(o, phase, course, count);
    ps_sines(out, phase, count);
}

/* Moves on without a sound. */
static inline void ps_oscillator_pass(ps_oscillator *o, const ps_course *course, uint32_t count)
{
    ps_doubles step;

    if (o->steady || course->still) {
        o->phase += count * ps_oscillator_step(o, course);
        return;
    }
    ps_oscillator_steps(o, step, course->alpha, count);
    ps_integrate_only(&o->phase, step, count);
}

/* Passes over whole runs, `first` being the next frame, to the very phases that rendering them
   would have led to. */
static inline void ps_oscillators_skip(ps_oscillator *const *oscillators, uint32_t oscillator_count,
                                       const ps_ramp *ramp, uint64_t first, uint64_t end)
{
    ps_doubles alpha;
    bool steady = true;

    for (uint32_t k = 0; k < oscillator_count; k++) {
        if (oscillators[k]->steady)
            oscillators[k]->phase += (end - first) * oscillators[k]->step;
        steady = steady && oscillators[k]->steady;
    }
    for (uint64_t frame = first; !steady && frame < end; frame += PS_VOICE_FRAMES) {
        const bool still = ps_ramp_fill(ramp, alpha, frame, PS_VOICE_FRAMES);
        const ps_course course = {alpha, still};

        for (uint32_t k = 0; k < oscillator_count; k++) {
            if (!oscillators[k]->steady)
                ps_oscillator_pass(oscillators[k], &course, PS_VOICE_FRAMES);
        }
    }
}

/** ---- Frequency times time ------------------------------------------------------------------- */

typedef struct ps_wobble {
    ps_setting hz, offset_cycles;
    double frame_sec;
    uint64_t phase, step; /* of frame 0 and per frame, of a steady one */
    bool steady;
} ps_wobble;

/* A gliding frequency is heard as the slope of f(t) t: up to twice as high. */
static inline void ps_wobble_init(ps_wobble *w, const ps_setting *hz, const ps_setting *offset_rad,
                                  double frame_sec)
{
    *w = (ps_wobble){.hz = *hz, .frame_sec = frame_sec};
    w->offset_cycles.start = offset_rad->start * PS_TURN;
    w->offset_cycles.end = offset_rad->end * PS_TURN;
    w->steady = !ps_moves(hz) && !ps_moves(offset_rad);
    w->phase = ps_phase64(w->offset_cycles.start);
    w->step = ps_phase64(hz->start * frame_sec);
}

/* Phases from `first` on of one that glides. */
static inline void ps_wobble_glide(const ps_wobble *w, uint32_t *restrict phase,
                                   const double *restrict alpha, uint64_t first, uint32_t count)
{
    const double hz = w->hz.start, hz_change = w->hz.end - w->hz.start;
    const double offset = w->offset_cycles.start;
    const double offset_change = w->offset_cycles.end - w->offset_cycles.start;
    ps_doubles cycles;

    ps_times(cycles, first, w->frame_sec, count);
    for (uint32_t i = 0; i < count; i++)
        cycles[i] = (hz + hz_change * alpha[i]) * cycles[i] + (offset + offset_change * alpha[i]);
    ps_wrap(phase, cycles, count);
}

/* Sines of `count` frames from `first` on. */
static inline void ps_wobble_sines(const ps_wobble *w, float *restrict out, const ps_course *course,
                                   uint64_t first, uint32_t count)
{
    ps_phases phase;

    if (w->steady) {
        ps_steady(phase, w->phase + first * w->step, w->step, count);
    } else if (course->still) {
        const uint64_t step = ps_phase64(ps_value_in(&w->hz, course) * w->frame_sec);
        const uint64_t offset = ps_phase64(ps_value_in(&w->offset_cycles, course));

        ps_steady(phase, offset + first * step, step, count);
    } else {
        ps_wobble_glide(w, phase, course->alpha, first, count);
    }
    ps_sines(out, phase, count);
}

/*
 * Steady ones at a third of the cost: the sine of one frame, turned on by whole steps, of which
 * there are tables: sin(a + i s) = sin(a) cos(i s) + cos(a) sin(i s).
 */
typedef struct ps_turn {
    float sine, cosine; /* of the first frame */
} ps_turn;

static inline ps_turn ps_turn_from(const ps_wobble *w, uint64_t first)
{
    const double cycles = ps_fraction(w->phase + first * w->step);

    return (ps_turn){(float)ps_sin_cycles(cycles), (float)ps_cos_cycles(cycles)};
}

static inline ps_turn ps_turn_scaled(ps_turn turn, float by)
{
    return (ps_turn){turn.sine * by, turn.cosine * by};
}

/* Of `count` steps of so many frames each. */
static inline void ps_turn_tables(float *restrict cosine, float *restrict sine, const ps_wobble *w,
                                  uint32_t frames, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const double cycles = ps_fraction((uint64_t)i * frames * w->step);

        cosine[i] = (float)ps_cos_cycles(cycles);
        sine[i] = (float)ps_sin_cycles(cycles);
    }
}

/* The sine `i` steps on, on top of something. */
static inline float ps_turned(ps_turn turn, const float *cosine, const float *sine, uint32_t i,
                              float base)
{
    return PS_MADD(turn.sine, cosine[i], PS_MADD(turn.cosine, sine[i], base));
}

/** ---- Amplitude modulation ------------------------------------------------------------------- */

/* out = 1 - depth (1 - sine) / 2: between 1 - depth and 1. */
static inline void ps_dips(float *restrict out, const float *restrict sine,
                           const float *restrict depth, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        out[i] = PS_MADD(0.5f * depth[i], sine[i] - 1.0f, 1.0f);
}

/* The largest magnitude that can get. */
static inline double ps_dips_bound(const ps_setting *depth, const ps_ramp *ramp)
{
    double low, high;

    ps_extremes(depth, ramp, &low, &high);
    const double magnitude = ps_magnitude(1.0 - low, 1.0 - high);

    return magnitude > 1.0 ? magnitude : 1.0;
}

/** ---- As tones ------------------------------------------------------------------------------- */

static inline ps_tone_line ps_setting_line(const ps_tone_stretch *stretch,
                                           const ps_setting *setting, double share)
{
    return ps_tone_line_of(stretch, share * setting->start,
                           share * (setting->end - setting->start));
}

/* begin: the phase that the oscillator began with */
static inline ps_tone_phase ps_oscillator_told(const ps_tone_stretch *stretch,
                                               const ps_oscillator *o, uint64_t begin)
{
    ps_tone_phase phase =
        ps_tone_summed(stretch, o->hz.start, o->hz.end - o->hz.start, o->frame_sec, true);

    phase.at += begin;
    return phase;
}

static inline ps_tone_phase ps_wobble_told(const ps_tone_stretch *stretch, const ps_wobble *w)
{
    return ps_tone_timed(stretch, w->hz.start, w->hz.end - w->hz.start, w->offset_cycles.start,
                         w->offset_cycles.end - w->offset_cycles.start);
}

/* Bounds are of exact waveforms; ours may round to a little more. */
#define PS_ROUNDED_UP (1.0 + 4e-6)

#endif
