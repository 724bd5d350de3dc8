/* One run of the reverb: reverb.c says what it is made of. */
#include "dsp/reverb_state.h"

#include <math.h>

#include "base/row.h"
#include "dsp/scrub.h"

#define LINES     PS_REVERB_LINES
#define DIFFUSERS PS_REVERB_DIFFUSERS
#define SWINGS    PS_REVERB_SWINGS
#define RUN       PS_GRID_FRAMES

#define DIFFUSION 0.7f
#define OUT_GAIN  0.44f

/* At rest below this, as it leaves a damping shelf: four lines sum to less than -100 dBFS. */
#define REST (1e-5f / (4.0f * OUT_GAIN))

/* Below -300 dB a shelf is at rest; going on would end in slow denormals. */
static float at_rest(float x)
{
    return x > -1e-15f && x < 1e-15f ? 0.0f : x;
}

static void damping_process(ps_damping *d, const ps_delay lines[LINES], float out[LINES][RUN])
{
    float y[LINES], a1[LINES];

    for (uint32_t line = 0; line < LINES; line++) {
        const float *in = ps_delay_read(&lines[line]);
        const float b0 = d->b0[line], b1 = d->b1[line];

        out[line][0] = b0 * in[0] + b1 * d->x[line];
        for (uint32_t i = 1; i < RUN; i++)
            out[line][i] = b0 * in[i] + b1 * in[i - 1];
        d->x[line] = in[RUN - 1];
    }
    for (uint32_t line = 0; line < LINES; line++) {
        y[line] = d->y[line];
        a1[line] = d->a1[line];
    }
    /* The recursion waits for itself, so the lines take turns. */
    for (uint32_t i = 0; i < RUN; i++) {
        for (uint32_t line = 0; line < LINES; line++)
            out[line][i] = y[line] = out[line][i] + a1[line] * y[line];
    }
    for (uint32_t line = 0; line < LINES; line++)
        d->y[line] = at_rest(y[line]);
}

/* Schroeder's allpass, v[n] = x[n] + g v[n-D], y[n] = v[n-D] - g v[n] ("Natural sounding
   artificial reverberation", JAES 10, 1962): thickens the echoes, colours nothing. */
static void diffuse(ps_delay *delay, float run[RUN])
{
    const float *late = ps_delay_read(delay);
    float v[RUN];

    for (uint32_t i = 0; i < RUN; i++) {
        v[i] = run[i] + DIFFUSION * late[i];
        run[i] = late[i] - DIFFUSION * v[i];
    }
    ps_delay_write(delay, v);
}

/* The angle at a run's first frame. With t = tan(angle / 2), a triangle about tan(22.5 degrees),
   sine and cosine need no trigonometry and lie on the unit circle exactly. */
static void swing_at(const ps_reverb *r, uint32_t swing, uint64_t run, float *cosine, float *sine)
{
    const double cycles = (double)run * r->swing_per_run[swing];
    const double t = 0.41421356237 + 0.2 * (4.0 * fabs(cycles - floor(cycles) - 0.5) - 1.0);

    *cosine = (float)((1.0 - t * t) / (1.0 + t * t));
    *sine = (float)(2.0 * t / (1.0 + t * t));
}

/* Linear between the runs: on a chord of the unit circle, so never louder. */
static void swing_run(const ps_reverb *r, uint32_t swing, float cosine[RUN], float sine[RUN])
{
    float c0, s0, c1, s1;

    swing_at(r, swing, r->run, &c0, &s0);
    swing_at(r, swing, r->run + 1, &c1, &s1);
    c1 = (c1 - c0) / RUN;
    s1 = (s1 - s0) / RUN;
    for (uint32_t i = 0; i < RUN; i++) {
        cosine[i] = c0 + c1 * (float)(int32_t)i;
        sine[i] = s0 + s1 * (float)(int32_t)i;
    }
}

static void rotate(float a[RUN], float b[RUN], const float cosine[RUN], const float sine[RUN])
{
    for (uint32_t i = 0; i < RUN; i++) {
        const float u = a[i], v = b[i];

        a[i] = cosine[i] * u + sine[i] * v;
        b[i] = sine[i] * u - cosine[i] * v;
    }
}

/* The other two stages of the matrix within four lines, and the input into each of them. */
static void mix(float *const m[4], const float in[RUN])
{
    for (uint32_t i = 0; i < RUN; i++) {
        const float a = m[0][i] + m[1][i], b = m[0][i] - m[1][i];
        const float c = m[2][i] + m[3][i], d = m[2][i] - m[3][i];

        m[0][i] = a + c + in[i];
        m[1][i] = b + d - in[i];
        m[2][i] = a - c + in[i];
        m[3][i] = b - d - in[i];
    }
}

static void feed_back(ps_reverb *r, float m[LINES][RUN], const float in[RUN])
{
    float cosine[RUN], sine[RUN];

    for (uint32_t swing = 0; swing < SWINGS; swing++) {
        swing_run(r, swing, cosine, sine);
        for (uint32_t line = swing; line < LINES / 2; line += SWINGS)
            rotate(m[line], m[line + LINES / 2], cosine, sine);
    }
    for (uint32_t line = 0; line < LINES; line += 4) {
        float *const four[4] = {m[line], m[line + 1], m[line + 2], m[line + 3]};

        mix(four, in);
    }
    for (uint32_t line = 0; line < LINES; line++)
        ps_delay_write(&r->lines[line], m[line]);
}

/* Each side hears four lines. These, with these signs, sound equally loud and have the evenest
   spectrum of all choices; one like a row of the matrix would make combs. Adding and subtracting
   1e-15 turns what is below -440 dB into zero, so that no denormal leaves. */
static void put_out(float m[LINES][RUN], float *left, float *right)
{
    for (uint32_t i = 0; i < RUN; i++) {
        const float l = OUT_GAIN * (m[0][i] - m[2][i] - m[4][i] + m[7][i]);
        const float r = OUT_GAIN * (m[1][i] - m[3][i] - m[5][i] - m[6][i]);

        left[i] += l + 1e-15f - 1e-15f;
        right[i] += r + 1e-15f - 1e-15f;
    }
}

/* Goes to rest when nothing has stirred for longer than the longest delay. */
static void listen_for_silence(ps_reverb *r, float m[LINES][RUN])
{
    for (uint32_t line = 0; line < LINES; line++) {
        if (ps_peak_of_run(m[line]) >= REST) {
            r->quiet_frames = 0;
            return;
        }
    }
    r->quiet_frames += RUN;
}

void PS_ROW(ps_reverb_run)(void *reverb, const float *in, float *left, float *right)
{
    ps_reverb *r = reverb;
    float fed[RUN], m[LINES][RUN];
    const bool sounds = ps_scrub_run(fed, in);

    if (sounds) {
        r->silent = false;
        r->quiet_frames = 0;
    }
    if (r->silent)
        return;
    for (uint32_t i = 0; i < DIFFUSERS; i++)
        diffuse(&r->diffusers[i], fed);
    damping_process(&r->damping, r->lines, m);
    put_out(m, left, right);
    if (!sounds) {
        listen_for_silence(r, m);
        if (r->quiet_frames > r->longest_frames) {
            ps_reverb_empty(r);
            return;
        }
    }
    feed_back(r, m, fed);
}
