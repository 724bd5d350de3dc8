/* One run of the reverb: reverb.c says what it is made of. */
#include "dsp/reverb_state.h"

#include <math.h>

#include "base/row.h"
#include "dsp/scrub.h"
#include "kernel/floats.h"

#define LINES     PS_REVERB_LINES
#define DIFFUSERS PS_REVERB_DIFFUSERS
#define SWINGS    PS_REVERB_SWINGS
#define RUN       PS_GRID_FRAMES

#define DIFFUSION 0.7f
#define OUT_GAIN  0.44f

/* At rest below this, as it leaves a damping shelf: four lines sum to less than -100 dBFS. */
#define REST (1e-5f / (4.0f * OUT_GAIN))

/* Below -300 dB a shelf is at rest; going on would end in slow denormals. */
static void let_rest(float *y)
{
    for (uint32_t i = 0; i < LINES * PS_DAMPING_AHEAD; i++)
        y[i] = fabsf(y[i]) < 1e-15f ? 0.0f : y[i];
}

static void weigh_taps(const float taps[PS_DAMPING_AHEAD + 1], const float *restrict in,
                       float *restrict out)
{
    const float t0 = taps[0], t1 = taps[1], t2 = taps[2], t3 = taps[3], t4 = taps[4];
    const float *restrict before = in - PS_DELAY_BEFORE;

    for (uint32_t i = 0; i < RUN; i++)
        out[i] = (t0 * before[i + 4] + t1 * before[i + 3]) +
                 (t2 * before[i + 2] + t3 * before[i + 1]) + t4 * before[i];
}

/* The recursion waits for itself, so some lines take turns. */
static void recur(ps_damping *d, uint32_t first, float out[LINES][RUN])
{
    ps_four y[4], feedback[4];

    for (uint32_t k = 0; k < 4; k++) {
        y[k] = ps_four_load(d->y[first + k]);
        feedback[k] = ps_four_all(d->feedback[first + k]);
    }
    for (uint32_t i = 0; i < RUN; i += 4) {
        for (uint32_t k = 0; k < 4; k++) {
            y[k] = ps_four_load(out[first + k] + i) + feedback[k] * y[k];
            ps_four_store(out[first + k] + i, y[k]);
        }
    }
    for (uint32_t k = 0; k < 4; k++)
        ps_four_store(d->y[first + k], y[k]);
}

static void damping_process(ps_damping *d, const ps_delay lines[LINES], float out[LINES][RUN])
{
    for (uint32_t line = 0; line < LINES; line++)
        weigh_taps(d->taps[line], ps_delay_read(&lines[line]), out[line]);
    recur(d, 0, out);
    recur(d, LINES / 2, out);
    let_rest(d->y[0]);
}

/* Schroeder's allpass, v[n] = x[n] + g v[n-D], y[n] = v[n-D] - g v[n] ("Natural sounding
   artificial reverberation", JAES 10, 1962): thickens the echoes, colours nothing. */
static void diffuse(ps_delay *delay, float run[RUN])
{
    const float *restrict late = ps_delay_read(delay); /* written at least a run ago */
    float *restrict next = ps_delay_next(delay);

    for (uint32_t i = 0; i < RUN; i++) {
        const float v = run[i] + DIFFUSION * late[i];

        run[i] = late[i] - DIFFUSION * v;
        next[i] = v;
    }
    ps_delay_written(delay);
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

/* What a line weighs in a rotation. Linear between the runs: on a chord of the unit circle, so
   never louder. */
typedef struct weight {
    float from, step;
} weight;

/* Rows of the rotation by a swing: what lines 0..3 take of themselves and of the lines four on,
   then what these take. */
typedef struct rotation {
    weight near[2], far[2];
} rotation;

static rotation rotation_of(const ps_reverb *r, uint32_t swing)
{
    float cosine, sine, next_cosine, next_sine;
    weight c, s;

    swing_at(r, swing, r->run, &cosine, &sine);
    swing_at(r, swing, r->run + 1, &next_cosine, &next_sine);
    c = (weight){cosine, (next_cosine - cosine) / RUN};
    s = (weight){sine, (next_sine - sine) / RUN};
    return (rotation){{c, s}, {s, {-c.from, -c.step}}};
}

static float at(weight w, uint32_t i)
{
    return w.from + w.step * (float)(int32_t)i;
}

/* Four lines of the matrix: the rotation, by one swing for even lines and another for odd ones, two
   stages of butterflies, and the input into each line. */
static void feed(float *restrict n0, float *restrict n1, float *restrict n2, float *restrict n3,
                 float m[LINES][RUN], const weight even[2], const weight odd[2],
                 const float in[RUN])
{
    const weight e0 = even[0], e1 = even[1], o0 = odd[0], o1 = odd[1];

    for (uint32_t i = 0; i < RUN; i++) {
        const float a = at(e0, i) * m[0][i] + at(e1, i) * m[4][i];
        const float b = at(o0, i) * m[1][i] + at(o1, i) * m[5][i];
        const float c = at(e0, i) * m[2][i] + at(e1, i) * m[6][i];
        const float d = at(o0, i) * m[3][i] + at(o1, i) * m[7][i];

        n0[i] = (a + b) + (c + d) + in[i];
        n1[i] = (a - b) + (c - d) - in[i];
        n2[i] = (a + b) - (c + d) + in[i];
        n3[i] = (a - b) - (c - d) - in[i];
    }
}

static void feed_back(ps_reverb *r, float m[LINES][RUN], const float in[RUN])
{
    const rotation even = rotation_of(r, 0), odd = rotation_of(r, 1);
    ps_delay *near = r->lines, *far = r->lines + LINES / 2;

    feed(ps_delay_next(&near[0]), ps_delay_next(&near[1]), ps_delay_next(&near[2]),
         ps_delay_next(&near[3]), m, even.near, odd.near, in);
    feed(ps_delay_next(&far[0]), ps_delay_next(&far[1]), ps_delay_next(&far[2]),
         ps_delay_next(&far[3]), m, even.far, odd.far, in);
    for (uint32_t line = 0; line < LINES; line++)
        ps_delay_written(&r->lines[line]);
}

/* Each side hears four lines. These, with these signs, sound equally loud and have the evenest
   spectrum of all choices; one like a row of the matrix would make combs. Adding and subtracting
   1e-15 turns what is below -440 dB into zero, so that no denormal leaves. */
static void put_out(float m[LINES][RUN], float *restrict left, float *restrict right)
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
