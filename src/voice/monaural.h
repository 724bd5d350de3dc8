/*
 * A monaural beat: a lower and an upper sine, both in both ears with four gains, so that they beat
 * in the air already. Two voices are made of it.
 */
#ifndef PLAINSONG_VOICE_MONAURAL_H
#define PLAINSONG_VOICE_MONAURAL_H

#include "voice/oscillator.h"

typedef struct ps_monaural {
    ps_oscillator lower, upper;
    ps_setting lower_left, upper_left, lower_right, upper_right; /* gains */
    ps_setting swing_cycles; /* phase modulation, one tone against the other: to either side */
    ps_wobble swing;
    ps_setting depth; /* of the tremolo, 0..2: at 2 it is a ring modulator */
    ps_setting tremolo_hz;
    ps_wobble tremolo;
    bool swings, trembles;
} ps_monaural;

/* Its parameters, in the order that tables have them in. */
enum {
    PS_MONAURAL_LOWER_L,
    PS_MONAURAL_UPPER_L,
    PS_MONAURAL_LOWER_R,
    PS_MONAURAL_UPPER_R,
    PS_MONAURAL_BASE,
    PS_MONAURAL_BEAT,
    PS_MONAURAL_PHASE_LOWER,
    PS_MONAURAL_PHASE_UPPER,
    PS_MONAURAL_SWING_SPEED,
    PS_MONAURAL_SWING,
    PS_MONAURAL_DEPTH,
    PS_MONAURAL_SPEED,
    PS_MONAURAL_OFFSET,
    PS_MONAURAL_ROWS
};

/* clang-format off */
#define PS_MONAURAL_ROW(index, glide, name, ends, unit, preset, low, high, meaning) \
    [index] = {name, PS_PARAMETER_NUMBER, glide, unit, preset, low, high, NULL, meaning, "start" ends, "end" ends}
#define PS_MONAURAL_GAIN(index, name, meaning) \
    PS_MONAURAL_ROW(index, PS_GLIDE_CHAIN, name, "_" name, "", 0.5, 0.0, 1.0, meaning)

/*
 * Their rows. tail: what the names of the ends of most end with; prefix: what the names of the
 * tremolo begin with; tremolo: what it is called.
 */
#define PS_MONAURAL_TABLE(tail, prefix, tremolo) \
    PS_MONAURAL_GAIN(PS_MONAURAL_LOWER_L, "amp_lower_L", "gain of the lower tone on the left"), \
    PS_MONAURAL_GAIN(PS_MONAURAL_UPPER_L, "amp_upper_L", "gain of the upper tone on the left"), \
    PS_MONAURAL_GAIN(PS_MONAURAL_LOWER_R, "amp_lower_R", "gain of the lower tone on the right"), \
    PS_MONAURAL_GAIN(PS_MONAURAL_UPPER_R, "amp_upper_R", "gain of the upper tone on the right"), \
    PS_MONAURAL_ROW(PS_MONAURAL_BASE, PS_GLIDE_CHAIN, "baseFreq", "BaseFreq", "Hz", 200.0, 20.0, 2000.0, "midway between the two tones"), \
    PS_MONAURAL_ROW(PS_MONAURAL_BEAT, PS_GLIDE_CHAIN, "beatFreq", "BeatFreq", "Hz", 4.0, 0.0, 50.0, "upper tone minus lower tone"), \
    PS_MONAURAL_ROW(PS_MONAURAL_PHASE_LOWER, PS_GLIDE_START, "startPhaseL", "StartPhaseL" tail, "rad", 0.0, -3.1416, 3.1416, "start phase of the lower tone"), \
    PS_MONAURAL_ROW(PS_MONAURAL_PHASE_UPPER, PS_GLIDE_START, "startPhaseR", "StartPhaseU" tail, "rad", 0.0, -3.1416, 3.1416, "start phase of the upper tone"), \
    PS_MONAURAL_ROW(PS_MONAURAL_SWING_SPEED, PS_GLIDE_CHAIN, "phaseOscFreq", "PhaseOscFreq" tail, "Hz", 0.0, 0.0, 20.0, "speed of the phase modulation"), \
    PS_MONAURAL_ROW(PS_MONAURAL_SWING, PS_GLIDE_CHAIN, "phaseOscRange", "PhaseOscRange" tail, "rad", 0.0, 0.0, 6.2832, "how far it moves the tones apart, from end to end"), \
    PS_MONAURAL_ROW(PS_MONAURAL_DEPTH, PS_GLIDE_CHAIN, prefix "ampOscDepth", "AmpOscDepth" tail, "", 0.0, 0.0, 2.0, "depth of " tremolo ", held to 0..2: 2 is ring modulation"), \
    PS_MONAURAL_ROW(PS_MONAURAL_SPEED, PS_GLIDE_CHAIN, prefix "ampOscFreq", "AmpOscFreq" tail, "Hz", 0.0, 0.0, 50.0, "speed of " tremolo "; 0: none"), \
    PS_MONAURAL_ROW(PS_MONAURAL_OFFSET, PS_GLIDE_CHAIN, prefix "ampOscPhaseOffset", "AmpOscPhaseOffset" tail, "rad", 0.0, -3.1416, 3.1416, "phase of " tremolo)
/* clang-format on */

static inline void ps_monaural_init(ps_monaural *m, const ps_setting *settings, double frame_sec)
{
    const ps_setting none = {0};
    const ps_setting *base = &settings[PS_MONAURAL_BASE], *beat = &settings[PS_MONAURAL_BEAT];
    const ps_setting lower = ps_frequency(base, beat, -0.5), upper = ps_frequency(base, beat, 0.5);
    const ps_setting swing_hz = ps_frequency(&settings[PS_MONAURAL_SWING_SPEED], &none, 0.0);
    const ps_setting swing = ps_amount(&settings[PS_MONAURAL_SWING]);
    const ps_setting offset = ps_amount(&settings[PS_MONAURAL_OFFSET]);
    const double lower_rad = ps_limited(settings[PS_MONAURAL_PHASE_LOWER].start, PS_AMOUNT_MAX);
    const double upper_rad = ps_limited(settings[PS_MONAURAL_PHASE_UPPER].start, PS_AMOUNT_MAX);

    ps_oscillator_init(&m->lower, &lower, 0.0, frame_sec, ps_phase64_radians(lower_rad));
    ps_oscillator_init(&m->upper, &upper, 0.0, frame_sec, ps_phase64_radians(upper_rad));
    m->lower_left = ps_amount(&settings[PS_MONAURAL_LOWER_L]);
    m->upper_left = ps_amount(&settings[PS_MONAURAL_UPPER_L]);
    m->lower_right = ps_amount(&settings[PS_MONAURAL_LOWER_R]);
    m->upper_right = ps_amount(&settings[PS_MONAURAL_UPPER_R]);
    ps_wobble_init(&m->swing, &swing_hz, &none, frame_sec);
    m->swing_cycles.start = swing.start * (0.5 * PS_TURN);
    m->swing_cycles.end = swing.end * (0.5 * PS_TURN);
    m->swings = !ps_stays(&swing, 0.0) && !ps_stays(&swing_hz, 0.0);
    m->depth = ps_amount(&settings[PS_MONAURAL_DEPTH]);
    m->tremolo_hz = ps_frequency(&settings[PS_MONAURAL_SPEED], &none, 0.0);
    ps_wobble_init(&m->tremolo, &m->tremolo_hz, &offset, frame_sec);
    m->trembles = !ps_stays(&m->depth, 0.0) && !ps_stays(&m->tremolo_hz, 0.0);
}

/* The tones' phases, moved apart by the phase modulation. */
static inline void ps_monaural_swing(const ps_monaural *m, uint32_t *restrict lower,
                                     uint32_t *restrict upper, const ps_course *course,
                                     uint64_t first, uint32_t frames)
{
    ps_floats sine;
    ps_doubles range;

    ps_wobble_sines(&m->swing, sine, course, first, frames);
    ps_glide_fill(range, &m->swing_cycles, course->alpha, frames);
    for (uint32_t i = 0; i < frames; i++) {
        const uint32_t shift = (uint32_t)(ps_phase64(range[i] * (double)sine[i]) >> 32);

        lower[i] -= shift;
        upper[i] += shift;
    }
}

/* out = 1 - D / 2 + D / 2 sine, the depth D held to 0..2. While the speed is 0, or negative where
   only forwards_only counts, there is none. */
static inline void ps_tremolo(float *restrict out, const ps_wobble *wobble, const ps_setting *depth,
                              const ps_course *course, bool forwards_only, uint64_t first,
                              uint32_t frames)
{
    const double start = wobble->hz.start, change = wobble->hz.end - wobble->hz.start;
    ps_floats sine, amount;

    ps_wobble_sines(wobble, sine, course, first, frames);
    ps_glide_floats(amount, depth, course->alpha, frames);
    if (change != 0.0)
        for (uint32_t i = 0; i < frames; i++) {
            const double hz = start + change * course->alpha[i];

            amount[i] = hz == 0.0 || (forwards_only && hz < 0.0) ? 0.0f : amount[i];
        }
    for (uint32_t i = 0; i < frames; i++) {
        const float d = amount[i] > 2.0f ? 2.0f : amount[i] < 0.0f ? 0.0f : amount[i];

        out[i] = PS_MADD(0.5f * d, sine[i] - 1.0f, 1.0f);
    }
}

/* The next frames, `first` being the number of their first one. */
static inline void ps_monaural_render(ps_monaural *m, float *restrict left, float *restrict right,
                                      const ps_course *course, uint64_t first, uint32_t frames)
{
    ps_phases lower, upper;
    ps_floats low, high, a, b, c, d, loud;

    ps_oscillator_phases(&m->lower, lower, course, frames);
    ps_oscillator_phases(&m->upper, upper, course, frames);
    if (m->swings)
        ps_monaural_swing(m, lower, upper, course, first, frames);
    ps_sines(low, lower, frames);
    ps_sines(high, upper, frames);
    ps_glide_floats(a, &m->lower_left, course->alpha, frames);
    ps_glide_floats(b, &m->upper_left, course->alpha, frames);
    ps_glide_floats(c, &m->lower_right, course->alpha, frames);
    ps_glide_floats(d, &m->upper_right, course->alpha, frames);
    if (m->trembles)
        ps_tremolo(loud, &m->tremolo, &m->depth, course, false, first, frames);
    else
        for (uint32_t i = 0; i < frames; i++)
            loud[i] = 1.0f;
    for (uint32_t i = 0; i < frames; i++) {
        const float l = PS_MADD(low[i], a[i], high[i] * b[i]) * loud[i];
        const float r = PS_MADD(low[i], c[i], high[i] * d[i]) * loud[i];

        left[i] = l > 1.0f ? 1.0f : l < -1.0f ? -1.0f : l;
        right[i] = r > 1.0f ? 1.0f : r < -1.0f ? -1.0f : r;
    }
}

static inline void ps_monaural_skip(ps_monaural *m, const ps_ramp *ramp, uint64_t first,
                                    uint64_t end)
{
    ps_oscillator *const all[] = {&m->lower, &m->upper};

    ps_oscillators_skip(all, 2, ramp, first, end);
}

/* ---- As tones -------------------------------------------------------------------------------- */

/* Where no sum is held to 1, no depth to 0..2, and the tremolo is on all the time or not at all. */
static inline bool ps_monaural_is_told(const ps_monaural *m)
{
    const ps_setting *hz = &m->tremolo_hz, *swing_hz = &m->swing.hz;
    bool told = true;

    for (int end = 0; end < 2; end++) {
        const double a = end ? m->lower_left.end : m->lower_left.start;
        const double b = end ? m->upper_left.end : m->upper_left.start;
        const double c = end ? m->lower_right.end : m->lower_right.start;
        const double d = end ? m->upper_right.end : m->upper_right.start;
        const double lower = end ? m->lower.hz.end : m->lower.hz.start;
        const double upper = end ? m->upper.hz.end : m->upper.hz.start;
        const double depth = end ? m->depth.end : m->depth.start;

        told = told && ps_magnitude(a, 0.0) + ps_magnitude(b, 0.0) <= 1.0 &&
               ps_magnitude(c, 0.0) + ps_magnitude(d, 0.0) <= 1.0 && lower >= 0.0 && upper >= 0.0 &&
               lower <= PS_TONE_HZ_MOST && upper <= PS_TONE_HZ_MOST &&
               (!m->trembles || (depth >= 0.0 && depth <= 2.0));
    }
    if (m->trembles)
        told = told && ps_magnitude(hz->start, hz->end) <= PS_SLOW_HZ_MOST &&
               (!ps_moves(hz) || hz->start * hz->end > 0.0);
    if (m->swings)
        told = told && ps_magnitude(swing_hz->start, swing_hz->end) <= PS_SLOW_HZ_MOST &&
               ps_magnitude(m->swing_cycles.start, m->swing_cycles.end) <= 64.0;
    return told;
}

/* One of the two tones, for both ears: as one, or one each where their gains move. */
static inline uint32_t ps_monaural_pair(ps_tone tones[2], const ps_tone *tone,
                                        const ps_tone_stretch *stretch, const ps_setting *left,
                                        const ps_setting *right)
{
    const bool moves = ps_moves(left) || ps_moves(right);

    tones[0] = tones[1] = *tone;
    tones[0].left = moves ? 1.0f : (float)left->start;
    tones[0].right = moves ? 0.0f : (float)right->start;
    tones[1].right = 1.0f;
    if (!moves) {
        tones[0].level[0] = (ps_tone_line){1.0, 0.0};
        return 1;
    }
    tones[0].level[0] = ps_setting_line(stretch, left, 1.0);
    tones[1].level[0] = ps_setting_line(stretch, right, 1.0);
    return 2;
}

/* settings: as of ps_monaural_init */
static inline uint32_t ps_monaural_tones(const ps_monaural *m, const ps_setting *settings,
                                         const ps_tone_stretch *stretch, ps_tone tones[4])
{
    const double lower_rad = ps_limited(settings[PS_MONAURAL_PHASE_LOWER].start, PS_AMOUNT_MAX);
    const double upper_rad = ps_limited(settings[PS_MONAURAL_PHASE_UPPER].start, PS_AMOUNT_MAX);
    ps_tone lower = {.level = {{1.0, 0.0}, {1.0, 0.0}}};
    uint32_t count;

    if (!ps_monaural_is_told(m))
        return 0;
    if (m->trembles) { /* 1 - D / 2 + D / 2 sine: half a turn on, that is 1 - D / 2 (1 + sine) */
        lower.depth = ps_setting_line(stretch, &m->depth, 0.5);
        lower.tremolo = ps_wobble_told(stretch, &m->tremolo);
        lower.tremolo.at += UINT64_C(1) << 63;
    }
    if (m->swings)
        lower.swing[0] = ps_wobble_told(stretch, &m->swing);
    ps_tone upper = lower;
    lower.phase = ps_oscillator_told(stretch, &m->lower, ps_phase64_radians(lower_rad));
    upper.phase = ps_oscillator_told(stretch, &m->upper, ps_phase64_radians(upper_rad));
    if (m->swings) {
        lower.turns[0] = ps_setting_line(stretch, &m->swing_cycles, -1.0);
        upper.turns[0] = ps_setting_line(stretch, &m->swing_cycles, 1.0);
    }
    count = ps_monaural_pair(tones, &lower, stretch, &m->lower_left, &m->lower_right);
    return count +
           ps_monaural_pair(tones + count, &upper, stretch, &m->upper_left, &m->upper_right);
}

/* Never more than 1; the tremolo only makes it softer. ramp NULL: nothing moves. */
static inline double ps_monaural_bound(const ps_monaural *m, const ps_ramp *ramp)
{
    const double left = ps_largest(&m->lower_left, ramp), left2 = ps_largest(&m->upper_left, ramp);
    const double right = ps_largest(&m->lower_right, ramp);
    const double right2 = ps_largest(&m->upper_right, ramp);
    const double most = ps_magnitude(left + left2, right + right2) * PS_ROUNDED_UP;

    return most > 1.0 ? 1.0 : most;
}

#endif
