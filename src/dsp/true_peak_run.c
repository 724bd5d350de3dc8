/*
 * The points between samples. The weights of n points at the distances d = 1/2, 3/2, ... on both
 * sides are
 *
 *      w(d) = sinc(d) I0(b sqrt(1 - (2 d / n)^2)), scaled to a sum of 1 over both sides,
 *
 * Kaiser's window (Kaiser & Schafer, "On the use of the I0-sinh window for spectrum analysis",
 * 1980) with n = 44, b = 6.45 for the points half-way and n = 10, b = 8.8 for the quarters. The
 * quarters have an easier task: at twice the rate nothing lies above a quarter of it.
 */
#include <math.h>
#include <stddef.h>

#include "dsp/level_row.h"

/* a * b + c, in one step where the row has it. */
#ifdef __FMA__
#define MADD(a, b, c) __builtin_fmaf(a, b, c)
#else
#define MADD(a, b, c) ((a) * (b) + (c))
#endif

#define PART 11 /* compilers unroll no loop that is much longer */

static const float halfway[2 * PART] = {
    0.635731039f,    -0.209328378f,    0.122546557f,    -0.0843489136f,  0.0624211985f,
    -0.0479667119f,  0.0376130549f,    -0.0297931198f,  0.0236804835f,   -0.0187971356f,
    0.0148454257f,   -0.0116278443f,   0.00900552631f,  -0.00687545705f, 0.00515738989f,
    -0.00378611113f, 0.00270678714f,   -0.00187215083f, 0.00124080971f,  -0.000776242185f,
    0.000446210955f, -0.000222418457f,
};

#define QUARTER_0 0.610787713f
#define QUARTER_1 -0.14499244f
#define QUARTER_2 0.0421953705f
#define QUARTER_3 -0.00875705989f
#define QUARTER_4 0.000766415958f

static inline float weighed(const float *weight, const float *back, const float *ahead)
{
    float sum = 0.0f;

    for (int k = PART - 1; k >= 0; k--)
        sum = MADD(weight[k], back[-k] + ahead[k], sum);
    return sum;
}

void PS_ROW(ps_halfway)(float *restrict half, const float *restrict x, uint32_t frames)
{
    const float *restrict back = x - 22, *restrict ahead = x - 21;

    for (uint32_t i = 0; i < frames; i++)
        half[i] = weighed(halfway + PART, back + i - PART, ahead + i + PART) +
                  weighed(halfway, back + i, ahead + i);
}

/* From five on either side, the nearest first. */
static inline float quarter(float a0, float b0, float a1, float b1, float a2, float b2, float a3,
                            float b3, float a4, float b4)
{
    const float far = MADD(QUARTER_3, a3 + b3, QUARTER_4 * (a4 + b4));

    return MADD(QUARTER_0, a0 + b0, MADD(QUARTER_1, a1 + b1, MADD(QUARTER_2, a2 + b2, far)));
}

/* The points at one and three quarters behind x[0], of which h[0] is half-way. */
static inline float first_quarter(const float *x, const float *h)
{
    return quarter(x[0], h[0], h[-1], x[1], x[-1], h[1], h[-2], x[2], x[-2], h[2]);
}

static inline float third_quarter(const float *x, const float *h)
{
    return quarter(h[0], x[1], x[0], h[1], h[-1], x[2], x[-1], h[2], h[-2], x[3]);
}

static inline float larger(float a, float b)
{
    return a > b ? a : b;
}

void PS_ROW(ps_between_most)(float *restrict out, const float *restrict x,
                             const float *restrict half, uint32_t frames)
{
    const float *restrict at = x - 24, *restrict h = half - 2;

    for (uint32_t i = 0; i < frames; i++) {
        const float first = first_quarter(at + i, h + i), third = third_quarter(at + i, h + i);

        out[i] = larger(larger(fabsf(at[i]), fabsf(h[i])), larger(fabsf(first), fabsf(third)));
    }
}

void PS_ROW(ps_between_all)(float *restrict out, const float *restrict x,
                            const float *restrict half, uint32_t frames)
{
    const float *restrict at = x - 24, *restrict h = half - 2;

    for (uint32_t i = 0; i < frames; i++) {
        out[4 * i] = at[i];
        out[4 * i + 1] = first_quarter(at + i, h + i);
        out[4 * i + 2] = h[i];
        out[4 * i + 3] = third_quarter(at + i, h + i);
    }
}

/* ---- Twice as fine --------------------------------------------------------------------------- */

/* Lagrange's weights for a point half-way between six, of which nothing lies above an eighth of
   the rate at which they come: -0.003 dB there. */
#define SIXTH_0 (150.0f / 256.0f)
#define SIXTH_1 (-25.0f / 256.0f)
#define SIXTH_2 (3.0f / 256.0f)

static inline float between_six(float a, float b, float c, float d, float e, float f)
{
    return fabsf(MADD(SIXTH_0, c + d, MADD(SIXTH_1, b + e, SIXTH_2 * (a + f))));
}

void PS_ROW(ps_between_fine)(float *restrict out, const float *restrict x,
                             const float *restrict half, uint32_t frames)
{
    const float *restrict at = x - 25, *restrict h = half - 3;
    float quarters[2][PS_LEVEL_RUN + 8]; /* one more on both sides, and whole vectors */
    const float *first = quarters[0] + 7, *third = quarters[1] + 7;

    for (uint32_t i = 0; i < frames + 8; i++) {
        quarters[0][i] = first_quarter(at - 7 + i, h - 7 + i);
        quarters[1][i] = third_quarter(at - 7 + i, h - 7 + i);
    }
    for (uint32_t i = 0; i < frames; i++) {
        const float a = h[(ptrdiff_t)i - 1], b = third[(ptrdiff_t)i - 1];
        const float c = at[i], d = first[i], e = h[i], f = third[i];
        const float g = at[i + 1], j = first[i + 1], k = h[i + 1];
        const float known = larger(larger(fabsf(c), fabsf(d)), larger(fabsf(e), fabsf(f)));
        const float low = larger(between_six(a, b, c, d, e, f), between_six(b, c, d, e, f, g));
        const float high = larger(between_six(c, d, e, f, g, j), between_six(d, e, f, g, j, k));

        out[i] = larger(known, larger(low, high));
    }
}
