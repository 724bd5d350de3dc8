/*
 * Echoes: the sound again and again after a time, each softer and, through a one-pole low-pass,
 * duller; from side to side when they play ping-pong.
 *
 *   x ─┬──────────────────────────────────► (+) ─► y
 *      └►(+)─► delay ─┬────────────► wet ────┘
 *         ▲           │
 *         └─ feedback ◄─ low-pass
 */
#include "dsp/smooth.h"
#include "dsp/tap_line.h"
#include "effect/effect.h"
#include "kernel/math.h"

enum { TIME, FEEDBACK, WET, TONE, PING_PONG, SLOTS };

#define TIME_MS 5000.0

/* clang-format off */
static const ps_effect_parameter table[SLOTS] = {
    [TIME] = {"time", PS_EFFECT_NUMBER, 0, "ms", 350.0, 1.0, TIME_MS, NULL, "from one echo to the next; a change bends their pitch for a moment", false},
    [FEEDBACK] = {"feedback", PS_EFFECT_NUMBER, 0, "", 0.35, 0.0, 0.95, NULL, "level of an echo beside the one before", false},
    [WET] = {"wet", PS_EFFECT_NUMBER, 0, "", 0.3, 0.0, 1.0, NULL, "level of the first echo; the sound itself stays as it is", false},
    [TONE] = {"tone", PS_EFFECT_NUMBER, 0, "Hz", 6000.0, 200.0, 20000.0, NULL, "each echo after the first loses what is above", false},
    [PING_PONG] = {"pingpong", PS_EFFECT_FLAG, 0, "", 0.0, 0.0, 1.0, NULL, "echoes change sides", true},
};
/* clang-format on */

typedef struct delay {
    ps_effect effect;
    ps_tap_line lines[2];
    float lows[2]; /* state of the low-passes */
    bool ping_pong;
    ps_smooth time; /* frames */
    ps_smooth feedback, wet, share;
} delay;

static double frames_of(const ps_effect *effect, double ms)
{
    const double frames = 0.001 * ms * effect->rate_hz;

    return frames > 3.0 ? frames : 3.0;
}

/* Of a new sample in the low-pass: 1 - exp(-2 pi f / rate). */
static double share_of(const ps_effect *effect, double hz)
{
    return 1.0 - ps_exp2(-9.0647202836543877 * hz / effect->rate_hz);
}

static ps_status start(ps_effect *effect, const ps_effect_setup *setup, ps_error *err)
{
    delay *d = (delay *)effect;
    const uint32_t most = (uint32_t)frames_of(effect, TIME_MS) + 4;
    ps_status status = ps_tap_line_create(&d->lines[0], most, effect->allocator, err);

    if (status == PS_OK)
        status = ps_tap_line_create(&d->lines[1], most, effect->allocator, err);
    d->ping_pong = setup->values[PING_PONG] != 0.0;
    ps_smooth_init(&d->time, frames_of(effect, setup->values[TIME]));
    ps_smooth_init(&d->feedback, setup->values[FEEDBACK]);
    ps_smooth_init(&d->wet, setup->values[WET]);
    ps_smooth_init(&d->share, share_of(effect, setup->values[TONE]));
    return status;
}

static float lower(float *low, float sample, float share)
{
    *low += share * (sample - *low);
    if (*low > -1e-15f && *low < 1e-15f)
        *low = 0.0f; /* denormals are slow */
    return *low;
}

static void process(ps_effect *effect, float *left, float *right, uint32_t frames)
{
    delay *d = (delay *)effect;
    float time[PS_EFFECT_FRAMES], feedback[PS_EFFECT_FRAMES], wet[PS_EFFECT_FRAMES];
    float share[PS_EFFECT_FRAMES];

    ps_smooth_fill(&d->time, time, frames);
    ps_smooth_fill(&d->feedback, feedback, frames);
    ps_smooth_fill(&d->wet, wet, frames);
    ps_smooth_fill(&d->share, share, frames);
    for (uint32_t i = 0; i < frames; i++) {
        const float l = ps_tap_line_read(&d->lines[0], time[i]);
        const float r = ps_tap_line_read(&d->lines[1], time[i]);
        const float low_l = feedback[i] * lower(&d->lows[0], l, share[i]);
        const float low_r = feedback[i] * lower(&d->lows[1], r, share[i]);

        if (d->ping_pong) {
            ps_tap_line_write(&d->lines[0], 0.5f * (left[i] + right[i]) + low_r);
            ps_tap_line_write(&d->lines[1], low_l);
        } else {
            ps_tap_line_write(&d->lines[0], left[i] + low_l);
            ps_tap_line_write(&d->lines[1], right[i] + low_r);
        }
        left[i] += wet[i] * l;
        right[i] += wet[i] * r;
    }
}

/* As a tape does, at most at half or one and a half times its speed. */
static void glide_time(delay *d, double frames)
{
    const double now = ps_smooth_now(&d->time);
    const double way = frames > now ? frames - now : now - frames;

    ps_smooth_to(&d->time, frames, (uint32_t)(2.0 * way) + 1);
}

static void set(ps_effect *effect, uint32_t slot, double value)
{
    delay *d = (delay *)effect;
    const uint32_t frames = (uint32_t)(PS_EFFECT_GLIDE_SEC * effect->rate_hz);

    if (slot == TIME)
        glide_time(d, frames_of(effect, value));
    else if (slot == TONE)
        ps_smooth_to(&d->share, share_of(effect, value), frames);
    else
        ps_smooth_to(slot == FEEDBACK ? &d->feedback : &d->wet, value, frames);
}

static void reset(ps_effect *effect)
{
    delay *d = (delay *)effect;

    ps_tap_line_reset(&d->lines[0]);
    ps_tap_line_reset(&d->lines[1]);
    d->lows[0] = d->lows[1] = 0.0f;
    ps_smooth_arrive(&d->time);
    ps_smooth_arrive(&d->feedback);
    ps_smooth_arrive(&d->wet);
    ps_smooth_arrive(&d->share);
}

/* Until 100 dB are gone. */
static uint64_t tail(const ps_effect *effect)
{
    const delay *d = (const delay *)effect;
    const double gain = d->feedback.to;
    const double echoes = gain < 0.01 ? 2.0 : 2.0 - 16.6096404744 / ps_log2(gain);

    return (uint64_t)(echoes * d->time.to);
}

static void finish(ps_effect *effect)
{
    ps_free(effect->allocator, ((delay *)effect)->lines[0].samples);
    ps_free(effect->allocator, ((delay *)effect)->lines[1].samples);
}

const ps_effect_kind PS_ROW(ps_effect_delay) = {
    .info = {"delay", "echoes", NULL, table, SLOTS},
    .effect_bytes = sizeof(delay),
    .start = start,
    .process = process,
    .set = set,
    .reset = reset,
    .tail = tail,
    .finish = finish,
};
