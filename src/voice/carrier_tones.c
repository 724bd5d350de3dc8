/*
 * The tones of the binaural and isochronic voices, told by numbers. A vibrato of one shape and rate
 * is a sum of sines too, which is one again (Lagrange's identity):
 *
 *      sum of sin(2 pi (p + k s)), k = 0..n, is
 *      (cos(2 pi (p - s / 2)) - cos(2 pi (p + (n + 1/2) s))) / (2 sin(pi s))
 */
#include "voice/carrier.h"

#include "voice/tones.h"

#define SKEW_MOST        0.99 /* of a tremolo: a half wave that is shorter is too steep */
#define MOVING_SKEW_MOST 0.9  /* the float that it is in a voice moves its corner */
#define TURNS_MOST       64.0 /* of a swing */
#define LEAST_HZ         1e-6 /* where a tone stands still, a voice minds its sign */
#define VIBRATO_LEAST_HZ 1e-3
#define VIBRATO_WAY      1.6e5 /* Hz s: in a voice, a wave is off by 2e-12 in the mean */

static double size_of(double x)
{
    return x < 0.0 ? -x : x;
}

static bool is_within(ps_line line, double low, double high)
{
    return ps_stays_within(line.from, line.by, low, high);
}

static bool stands(ps_line line)
{
    return line.by == 0.0;
}

/* ---- Which ears are tones -------------------------------------------------------------------- */

/* A vibrato's swing of the phase, in turns. */
static double vibrato_turns(const ps_carrier *c, const ps_line *line)
{
    const double step = line[PS_CARRIER_VIBRATO_HZ].from * c->style.step_sec;

    return line[PS_CARRIER_HALF_RANGE_HZ].from * c->style.step_sec /
           (2.0 * ps_sin_cycles(0.5 * step));
}

static bool vibrato_is_swing(const ps_carrier *c, const ps_line *line, double duration_sec)
{
    const double range_hz = size_of(line[PS_CARRIER_HALF_RANGE_HZ].from);
    const double hz = size_of(line[PS_CARRIER_VIBRATO_HZ].from);

    if (ps_line_stays(line[PS_CARRIER_HALF_RANGE_HZ], 0.0))
        return true;
    return !c->style.triangle && stands(line[PS_CARRIER_HALF_RANGE_HZ]) &&
           stands(line[PS_CARRIER_VIBRATO_HZ]) && stands(line[PS_CARRIER_VIBRATO_CYCLES]) &&
           ps_line_stays(line[PS_CARRIER_VIBRATO_SHAPE], 0.0) &&
           ps_line_stays(c->lines[PS_CARRIER_MONO], 0.0) && hz >= VIBRATO_LEAST_HZ &&
           hz <= PS_SLOW_HZ_MOST && range_hz * duration_sec <= VIBRATO_WAY &&
           size_of(vibrato_turns(c, line)) <= TURNS_MOST;
}

static bool tremolo_is_told(const ps_line *line)
{
    const ps_line skew = line[PS_CARRIER_TREMOLO_SHAPE];
    const double most = stands(skew) ? SKEW_MOST : MOVING_SKEW_MOST;

    return ps_line_stays(line[PS_CARRIER_HALF_DEPTH], 0.0) ||
           (is_within(line[PS_CARRIER_TREMOLO_HZ], -PS_SLOW_HZ_MOST, PS_SLOW_HZ_MOST) &&
            is_within(skew, -most, most));
}

static bool ear_is_tone(const ps_carrier *c, const ps_line *line, double duration_sec)
{
    const double range_hz = size_of(line[PS_CARRIER_HALF_RANGE_HZ].from);

    return is_within(line[PS_CARRIER_HZ], LEAST_HZ + range_hz, PS_TONE_HZ_MOST) &&
           vibrato_is_swing(c, line, duration_sec) && tremolo_is_told(line);
}

static bool wobble_is_swing(const ps_carrier *c)
{
    return is_within(c->lines[PS_CARRIER_WOBBLE_CYCLES], -TURNS_MOST, TURNS_MOST) &&
           (ps_line_stays(c->lines[PS_CARRIER_WOBBLE_CYCLES], 0.0) ||
            is_within(c->lines[PS_CARRIER_WOBBLE_HZ], -PS_SLOW_HZ_MOST, PS_SLOW_HZ_MOST));
}

/* Whether the right ear hears what the left one does. */
static bool are_twins(const ps_carrier *c)
{
    for (uint32_t i = 0; i < PS_CARRIER_EAR_LINES; i++) {
        const ps_line left = c->lines[i], right = c->lines[i + PS_CARRIER_EAR_LINES];

        if (left.from != right.from || left.by != right.by)
            return false;
    }
    return ps_line_stays(c->lines[PS_CARRIER_WOBBLE_CYCLES], 0.0);
}

/* ---- Telling --------------------------------------------------------------------------------- */

static ps_tone_line told(const ps_tone_stretch *stretch, ps_line line)
{
    return ps_tone_line_of(stretch, line.from, line.by);
}

static void tell_vibrato(ps_tone *tone, const ps_carrier *c, const ps_line *line,
                         const ps_tone_stretch *stretch, bool transition)
{
    const uint64_t step = ps_phase64(line[PS_CARRIER_VIBRATO_HZ].from * c->style.step_sec);
    const uint64_t half = (uint64_t)((int64_t)step / 2), quarter = UINT64_C(1) << 62;
    /* In the first frame. */
    const uint64_t begin =
        ps_phase64(line[PS_CARRIER_VIBRATO_CYCLES].from) + (transition ? step : 0);
    const double turns = vibrato_turns(c, line);

    tone->phase.at += ps_phase64(turns * ps_cos_cycles(ps_fraction(begin - half)));
    tone->swing[1].at =
        begin + stretch->first * step - quarter + (c->style.before ? 0 - half : half);
    tone->swing[1].by = step;
    tone->turns[1].at = turns;
}

static void tell_wobble(ps_tone *tone, const ps_carrier *c, const ps_tone_stretch *stretch,
                        double side)
{
    const ps_line hz = c->lines[PS_CARRIER_WOBBLE_HZ];
    const ps_line cycles = c->lines[PS_CARRIER_WOBBLE_CYCLES];

    tone->swing[0] = ps_tone_timed(stretch, hz.from, hz.by, 0.0, 0.0);
    tone->turns[0] = ps_tone_line_of(stretch, side * cycles.from, side * cycles.by);
}

static ps_tone ear_of(const ps_carrier *c, uint32_t ear, const ps_tone_stretch *stretch,
                      bool transition)
{
    const ps_line *line = &c->lines[ear * PS_CARRIER_EAR_LINES];
    const ps_line hz = line[PS_CARRIER_HZ], cycles = line[PS_CARRIER_CYCLES];
    const ps_line tremolo = line[PS_CARRIER_TREMOLO_HZ];
    const ps_line tremolo_cycles = line[PS_CARRIER_TREMOLO_CYCLES];
    const ps_tone_line start = told(stretch, (ps_line){0.0, cycles.by});
    ps_tone tone = {
        .left = ear == 0 ? 1.0f : 0.0f,
        .right = ear == 0 ? 0.0f : 1.0f,
        .phase = ps_tone_summed(stretch, hz.from, hz.by, c->style.step_sec, !c->style.before),
        .level = {told(stretch, line[PS_CARRIER_GAIN]), {1.0, 0.0}},
        .depth = told(stretch, line[PS_CARRIER_HALF_DEPTH]),
        .skew = told(stretch, line[PS_CARRIER_TREMOLO_SHAPE]),
        .tremolo = ps_tone_timed(stretch, tremolo.from, tremolo.by, tremolo_cycles.from,
                                 tremolo_cycles.by),
    };

    tone.phase.at += ps_phase64(cycles.from) + ps_phase64(start.at);
    tone.phase.by += ps_phase64(start.by);
    if (!ps_line_stays(line[PS_CARRIER_HALF_RANGE_HZ], 0.0))
        tell_vibrato(&tone, c, line, stretch, transition);
    if (!ps_line_stays(c->lines[PS_CARRIER_WOBBLE_CYCLES], 0.0))
        tell_wobble(&tone, c, stretch, ear == 0 ? -1.0 : 1.0);
    return tone;
}

uint32_t ps_carrier_tones(const ps_carrier *c, const ps_voice_setup *setup,
                          const ps_tone_stretch *stretch, ps_tone tones[2])
{
    for (uint32_t ear = 0; ear < 2; ear++) {
        if (!ear_is_tone(c, &c->lines[ear * PS_CARRIER_EAR_LINES], setup->duration_sec))
            return 0;
    }
    if (!wobble_is_swing(c))
        return 0;
    tones[0] = ear_of(c, 0, stretch, setup->transition);
    if (are_twins(c)) {
        tones[0].right = 1.0f;
        return 1;
    }
    tones[1] = ear_of(c, 1, stretch, setup->transition);
    return 2;
}
