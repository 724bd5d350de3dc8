/*
 * The tones of the binaural, isochronic and dual pulse voices.
 *
 * What a sum carries on for minutes (frequency, vibrato) is computed in double: the small bias that
 * a float waveform has would turn the phase by a hundredth of a radian in five minutes. What only
 * bends the sample at hand is float.
 */
#include "voice/carrier.h"

#include <string.h>

/* One run, and the lines that hold in it. */
typedef struct block {
    const ps_line *lines;
    const double *alpha; /* NULL: all lines stand still */
    const float *alpha_float;
    uint64_t first;
    double frame_sec;
    uint32_t count;
} block;

/* ---- Start ----------------------------------------------------------------------------------- */

static ps_line add(ps_line a, ps_line b, double share)
{
    return (ps_line){a.from + share * b.from, a.by + share * b.by};
}

static void set_ear(ps_line *line, uint32_t ear, const ps_carrier_style *style,
                    const ps_setting *settings)
{
    const double side = style->one_pitch ? 0.0 : (ear == 1) == style->left_high ? -0.5 : 0.5;
    const ps_setting *own = settings + ear;

    line[PS_CARRIER_GAIN] = ps_gain_line(&own[PS_CARRIER_AMP], 1.0);
    line[PS_CARRIER_HALF_DEPTH] = ps_gain_line(&own[PS_CARRIER_TREMOLO_DEPTH], 0.5);
    line[PS_CARRIER_TREMOLO_HZ] = ps_line_of(&own[PS_CARRIER_TREMOLO_FREQ], 1.0);
    line[PS_CARRIER_TREMOLO_CYCLES] = ps_line_of(&own[PS_CARRIER_TREMOLO_PHASE], PS_TURN);
    line[PS_CARRIER_TREMOLO_SHAPE] = ps_line_of(&own[PS_CARRIER_TREMOLO_SKEW], 1.0);
    line[PS_CARRIER_HZ] = add(ps_line_of(&settings[PS_CARRIER_BASE], 1.0),
                              ps_line_of(&settings[PS_CARRIER_BEAT], 1.0), side);
    line[PS_CARRIER_CYCLES] = ps_line_of(&own[PS_CARRIER_PHASE], PS_TURN);
    if (!style->phase_moves)
        line[PS_CARRIER_CYCLES].by = 0.0;
    line[PS_CARRIER_HALF_RANGE_HZ] = ps_line_of(&own[PS_CARRIER_VIBRATO_RANGE], 0.5);
    line[PS_CARRIER_VIBRATO_HZ] = ps_line_of(&own[PS_CARRIER_VIBRATO_FREQ], 1.0);
    line[PS_CARRIER_VIBRATO_CYCLES] = ps_line_of(&own[PS_CARRIER_VIBRATO_PHASE], PS_TURN);
    line[PS_CARRIER_VIBRATO_SHAPE] = ps_line_of(&own[PS_CARRIER_VIBRATO_SKEW], 1.0);
}

void PS_ROW(ps_carrier_start)(ps_carrier *carrier, const ps_carrier_style *style,
                              const ps_voice_setup *setup, const ps_setting *settings)
{
    *carrier = (ps_carrier){.style = *style, .frame_sec = setup->frame_sec};
    for (uint32_t ear = 0; ear < 2; ear++) {
        ps_line *line = &carrier->lines[ear * PS_CARRIER_EAR_LINES];

        set_ear(line, ear, style, settings);
        /* The vibrato of a static voice is at its offset in the first frame; that of a transition
           has gone one step. */
        if (!setup->transition)
            carrier->vibrato_sum[ear] =
                -ps_phase64(line[PS_CARRIER_VIBRATO_HZ].from * style->step_sec);
    }
    carrier->lines[PS_CARRIER_WOBBLE_HZ] = ps_line_of(&settings[PS_CARRIER_WOBBLE_FREQ], 1.0);
    carrier->lines[PS_CARRIER_WOBBLE_CYCLES] =
        ps_line_of(&settings[PS_CARRIER_WOBBLE_RANGE], 0.5 * PS_TURN);
}

/* ---- Low frequency oscillators --------------------------------------------------------------- */

/* phase = frac(hz * t + cycles) of each frame. */
static void lfo_phases(uint32_t *restrict phase, ps_line hz, ps_line cycles, const block *b)
{
    const double *restrict alpha = b->alpha;
    const double base = (double)b->first, frame_sec = b->frame_sec;

    if (hz.by == 0.0 && cycles.by == 0.0) {
        const uint64_t step = ps_phase64(hz.from * frame_sec);

        ps_steady(phase, ps_phase64(cycles.from) + b->first * step, step, b->count);
        return;
    }
    for (uint32_t i = 0; i < b->count; i++) {
        const double t = (base + (double)(int32_t)i) * frame_sec;
        const double offset = PS_MADD_DOUBLE(cycles.by, alpha[i], cycles.from);

        phase[i] = ps_phase32(PS_MADD_DOUBLE(PS_MADD_DOUBLE(hz.by, alpha[i], hz.from), t, offset));
    }
}

/* wave = the skewed sine of the tremolo. */
static void tremolo_wave(float *restrict wave, const ps_line *line, const block *b)
{
    const ps_line shape = line[PS_CARRIER_TREMOLO_SHAPE];
    uint32_t phase[PS_VOICE_FRAMES];
    float skew[PS_VOICE_FRAMES];

    lfo_phases(phase, line[PS_CARRIER_TREMOLO_HZ], line[PS_CARRIER_TREMOLO_CYCLES], b);
    if (ps_line_stays(shape, 0.0)) {
        ps_sines(wave, phase, b->count);
        return;
    }
    ps_line_fill_floats(skew, shape, b->alpha_float, b->count);
    ps_keep_skews(skew, b->count);
    ps_skew_sines(wave, phase, skew, b->count);
}

/* gain = amp * (1 - depth / 2 * (1 + wave)). */
static void fill_gain(float *restrict gain, const ps_line *line, const block *b)
{
    const ps_line half = line[PS_CARRIER_HALF_DEPTH];
    float wave[PS_VOICE_FRAMES], depth[PS_VOICE_FRAMES];

    ps_line_fill_floats(gain, line[PS_CARRIER_GAIN], b->alpha_float, b->count);
    if (ps_line_stays(half, 0.0))
        return;
    tremolo_wave(wave, line, b);
    ps_line_fill_floats(depth, half, b->alpha_float, b->count);
    for (uint32_t i = 0; i < b->count; i++)
        gain[i] *= 1.0f - depth[i] * (1.0f + wave[i]);
}

/* left -= wobble, right += wobble. */
static void add_wobble(uint32_t *restrict left, uint32_t *restrict right, const block *b)
{
    const ps_line range = b->lines[PS_CARRIER_WOBBLE_CYCLES];
    uint32_t phase[PS_VOICE_FRAMES];
    double cycles[PS_VOICE_FRAMES];

    lfo_phases(phase, b->lines[PS_CARRIER_WOBBLE_HZ], (ps_line){0.0, 0.0}, b);
    ps_line_fill(cycles, range, b->alpha, b->count);
    for (uint32_t i = 0; i < b->count; i++) {
        const uint32_t d = ps_phase32(cycles[i] * ps_sine32_double(phase[i]));

        left[i] -= d;
        right[i] += d;
    }
}

/* ---- Frequency ------------------------------------------------------------------------------- */

/* Phases of the vibrato. */
static void vibrato_phases(uint64_t *restrict phase, uint64_t *sum, const ps_line *line,
                           double step_sec, const block *b)
{
    const ps_line hz = line[PS_CARRIER_VIBRATO_HZ], cycles = line[PS_CARRIER_VIBRATO_CYCLES];
    const uint64_t offset = ps_phase64(cycles.from);
    uint64_t s = *sum + offset;

    if (hz.by == 0.0) {
        const uint64_t step = ps_phase64(hz.from * step_sec);

        for (uint32_t i = 0; i < b->count; i++)
            phase[i] = s + (i + 1) * step;
        *sum += b->count * step;
    } else {
        for (uint32_t i = 0; i < b->count; i++)
            phase[i] = ps_phase64(PS_MADD_DOUBLE(hz.by, b->alpha[i], hz.from) * step_sec);
        for (uint32_t i = 0; i < b->count; i++) {
            s += phase[i];
            phase[i] = s;
        }
        *sum = s - offset;
    }
    if (cycles.by != 0.0)
        for (uint32_t i = 0; i < b->count; i++)
            phase[i] += ps_phase64(cycles.by * b->alpha[i]);
}

/* hz += range * skewed sine, of one skew. */
static void add_sines(double *restrict hz, const double *restrict range,
                      const uint64_t *restrict phase, double skew, uint32_t count)
{
    const double k = ps_skew_share_double(skew);
    const double per_up = 1.0 / k, per_down = 1.0 / (1.0 - k);

    for (uint32_t i = 0; i < count; i++) {
        const double p = ps_fraction(phase[i]);
        const bool up = p < k;
        const double half =
            ps_half_wave_double(PS_MADD_DOUBLE(p - (up ? 0.0 : k), up ? per_up : per_down, -0.5));

        hz[i] = PS_MADD_DOUBLE(range[i], up ? half : -half, hz[i]);
    }
}

/* The same while the skew moves. What a float share of the cycle is off changes from frame to
   frame and cancels out, and the wave itself is right in the mean. */
static void add_gliding_sines(double *restrict hz, const double *restrict range,
                              const uint64_t *restrict phase, ps_line shape, const block *b)
{
    uint32_t top[PS_VOICE_FRAMES];
    float skew[PS_VOICE_FRAMES], wave[PS_VOICE_FRAMES];

    for (uint32_t i = 0; i < b->count; i++) {
        top[i] = (uint32_t)(phase[i] >> 32);
        skew[i] = (float)PS_MADD_DOUBLE(shape.by, b->alpha[i], shape.from);
    }
    ps_keep_skews(skew, b->count);
    ps_skew_sines(wave, top, skew, b->count);
    for (uint32_t i = 0; i < b->count; i++)
        hz[i] = PS_MADD_DOUBLE(range[i], (double)wave[i], hz[i]);
}

/* hz += range * skewed triangle. */
static void add_triangles(double *restrict hz, const double *restrict range,
                          const uint64_t *restrict phase, ps_line shape, const block *b)
{
    double skew[PS_VOICE_FRAMES];

    ps_line_fill(skew, shape, b->alpha, b->count);
    for (uint32_t i = 0; i < b->count; i++) {
        bool up;
        const double y =
            ps_skew_place_double(ps_fraction(phase[i]), ps_skew_share_double(skew[i]), &up);

        hz[i] = PS_MADD_DOUBLE(range[i], up ? 2.0 * y : -2.0 * y, hz[i]);
    }
}

/* hz += vibrato. */
static void add_vibrato(double *restrict hz, uint64_t *sum, const ps_line *line,
                        const ps_carrier_style *style, const block *b)
{
    const ps_line mono = b->lines[PS_CARRIER_MONO], shape = line[PS_CARRIER_VIBRATO_SHAPE];
    uint64_t phase[PS_VOICE_FRAMES];
    double range[PS_VOICE_FRAMES];

    vibrato_phases(phase, sum, line, style->step_sec, b);
    ps_line_fill(range, line[PS_CARRIER_HALF_RANGE_HZ], b->alpha, b->count);
    if (!ps_line_stays(mono, 0.0)) {
        double amount[PS_VOICE_FRAMES];

        ps_line_fill(amount, mono, b->alpha, b->count);
        for (uint32_t i = 0; i < b->count; i++)
            range[i] = amount[i] > 0.5 ? 0.0 : range[i];
    }
    if (style->triangle)
        add_triangles(hz, range, phase, shape, b);
    else if (shape.by == 0.0)
        add_sines(hz, range, phase, shape.from, b->count);
    else
        add_gliding_sines(hz, range, phase, shape, b);
}

/* Whether an ear's frequency is the same in all frames of a block. */
static bool is_steady(const ps_line *line)
{
    return line[PS_CARRIER_HZ].by == 0.0 && ps_line_stays(line[PS_CARRIER_HALF_RANGE_HZ], 0.0);
}

/* The step of a steady tone, in cycles a frame. */
static uint64_t steady_step(const ps_carrier *c, const ps_line *line)
{
    const double hz = line[PS_CARRIER_HZ].from;

    return ps_phase64((hz > 0.0 ? hz : 0.0) * c->style.step_sec);
}

/* Moves the sums of a steady tone on. Its vibrato may only rest, so that its phase runs on too. */
static void add_steady(ps_carrier *c, uint32_t ear, const ps_line *line, uint64_t frames)
{
    c->sum[ear] += frames * steady_step(c, line);
    c->vibrato_sum[ear] +=
        frames * ps_phase64(line[PS_CARRIER_VIBRATO_HZ].from * c->style.step_sec);
}

/* The steps of a moving tone, in cycles a frame. */
static void fill_steps(double *restrict step, ps_carrier *c, uint32_t ear, const ps_line *line,
                       const block *b)
{
    const double step_sec = c->style.step_sec;

    ps_line_fill(step, line[PS_CARRIER_HZ], b->alpha, b->count);
    if (c->style.base_floor)
        for (uint32_t i = 0; i < b->count; i++)
            step[i] = step[i] > 0.0 ? step[i] : 0.0;
    if (!ps_line_stays(line[PS_CARRIER_HALF_RANGE_HZ], 0.0))
        add_vibrato(step, &c->vibrato_sum[ear], line, &c->style, b);
    for (uint32_t i = 0; i < b->count; i++)
        step[i] = (step[i] > 0.0 ? step[i] : 0.0) * step_sec;
}

/* The phases of an ear's tone. */
static void tone_phases(uint32_t *restrict phase, ps_carrier *c, uint32_t ear, const block *b)
{
    const ps_line *line = &b->lines[ear * PS_CARRIER_EAR_LINES];
    const ps_line cycles = line[PS_CARRIER_CYCLES];
    const uint64_t start = ps_phase64(cycles.from);

    if (is_steady(line)) {
        const uint64_t step = steady_step(c, line);

        ps_steady(phase, c->sum[ear] + start + (c->style.before ? 0 : step), step, b->count);
        add_steady(c, ear, line, b->count);
    } else {
        double step[PS_VOICE_FRAMES];
        uint64_t sum = c->sum[ear] + start;

        fill_steps(step, c, ear, line, b);
        ps_integrate(phase, &sum, step, b->count, !c->style.before);
        c->sum[ear] = sum - start;
    }
    if (cycles.by != 0.0)
        for (uint32_t i = 0; i < b->count; i++)
            phase[i] += ps_phase32(cycles.by * b->alpha[i]);
}

/* ---- Rendering and skipping ------------------------------------------------------------------ */

/* Whether the right ear hears what the left one does. */
static bool are_twins(const ps_carrier *c, const ps_line *lines)
{
    for (uint32_t i = 0; i < PS_CARRIER_EAR_LINES; i++) {
        const ps_line left = lines[i], right = lines[i + PS_CARRIER_EAR_LINES];

        if (left.from != right.from || left.by != right.by)
            return false;
    }
    return c->sum[0] == c->sum[1] && c->vibrato_sum[0] == c->vibrato_sum[1] &&
           ps_line_stays(lines[PS_CARRIER_WOBBLE_CYCLES], 0.0);
}

/* The lines of a run: those on their way, or all held where alpha stands. */
static const ps_line *lines_of(ps_carrier *c, const double *alpha, double at)
{
    if (alpha)
        return c->lines;
    ps_lines_hold(c->held, c->lines, PS_CARRIER_LINES, at);
    return c->held;
}

void PS_ROW(ps_carrier_render)(ps_carrier *c, float *left, float *right, uint64_t first,
                               const double *alpha, double at, uint32_t count)
{
    float alpha_float[PS_VOICE_FRAMES], gain[PS_VOICE_FRAMES];
    uint32_t phase[2][PS_VOICE_FRAMES];
    const block b = {lines_of(c, alpha, at), alpha, alpha_float, first, c->frame_sec, count};

    const bool twins = are_twins(c, b.lines);

    if (alpha)
        for (uint32_t i = 0; i < count; i++)
            alpha_float[i] = (float)alpha[i];
    for (uint32_t ear = 0; ear < (twins ? 1 : 2); ear++)
        tone_phases(phase[ear], c, ear, &b);
    if (!ps_line_stays(b.lines[PS_CARRIER_WOBBLE_CYCLES], 0.0))
        add_wobble(phase[0], phase[1], &b);
    for (uint32_t ear = 0; ear < (twins ? 1 : 2); ear++) {
        float *restrict out = ear == 0 ? left : right;

        fill_gain(gain, &b.lines[ear * PS_CARRIER_EAR_LINES], &b);
        for (uint32_t i = 0; i < count; i++)
            out[i] = ps_sine32(phase[ear][i]) * gain[i];
    }
    if (twins) {
        memcpy(right, left, count * sizeof *right);
        c->sum[1] = c->sum[0];
        c->vibrato_sum[1] = c->vibrato_sum[0];
    }
}

void PS_ROW(ps_carrier_skip)(void *carrier, const double *alpha, double at, uint64_t frames)
{
    ps_carrier *c = carrier;
    const block b = {lines_of(c, alpha, at), alpha, NULL, 0, c->frame_sec, PS_VOICE_FRAMES};

    for (uint32_t ear = 0; ear < 2; ear++) {
        const ps_line *line = &b.lines[ear * PS_CARRIER_EAR_LINES];

        if (is_steady(line)) {
            add_steady(c, ear, line, frames);
            continue;
        }
        for (uint64_t done = 0; done < frames; done += PS_VOICE_FRAMES) {
            double step[PS_VOICE_FRAMES];

            fill_steps(step, c, ear, line, &b);
            ps_integrate_only(&c->sum[ear], step, PS_VOICE_FRAMES);
        }
    }
}

double PS_ROW(ps_carrier_bound)(const ps_carrier *c, uint32_t ear, double low, double high)
{
    const ps_line *line = &c->lines[ear * PS_CARRIER_EAR_LINES];
    const ps_line half = line[PS_CARRIER_HALF_DEPTH];
    const ps_line lowest = {1.0 - 2.0 * half.from, -2.0 * half.by}; /* gain of the tremolo */
    const double tremolo = ps_line_largest(lowest, low, high);
    const double gain = ps_line_largest(line[PS_CARRIER_GAIN], low, high);

    /* A little more, for what floats round up. */
    return gain * (tremolo > 1.0 ? tremolo : 1.0) * (1.0 + 1e-5);
}
