/* Levels and gains in loops that vectorize, the detector between them in as few steps as it takes.
 */
#include "dsp/compress.h"

#include <math.h>
#include <string.h>

#include "kernel/math.h"

/* a * b + c, in one step where the row has it. */
#ifdef __FMA__
#define MADD(a, b, c) __builtin_fma(a, b, c)
#else
#define MADD(a, b, c) ((a) * (b) + (c))
#endif

#define RUN   PS_COMPRESS_RUN
/* The detector waits for itself at every frame. Runs this short let a processor make the next
   run's levels in the meantime. */
#define SHORT 64u

#define FAINT 1e-30

void PS_ROW(ps_compress_peak)(float *level, const float *left, const float *right, uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++) {
        const float x = fabsf(left[i]), y = fabsf(right[i]);

        level[i] = x > y ? x : y;
    }
}

void PS_ROW(ps_compress_mean)(float *level, const float *left, const float *right, double share,
                              double *mean, uint32_t frames)
{
    const double keep = 1.0 - share;
    double m = *mean;

    for (uint32_t i = 0; i < frames; i++) {
        const double x = (double)left[i], y = (double)right[i];

        m = MADD(keep, m, 0.5 * share * (x * x + y * y));
        level[i] = (float)m;
    }
    *mean = m < FAINT * FAINT ? 0.0 : m;
}

/* Loops that choose and multiply run over whole vectors: what is left over would be computed by
   other instructions, and where products are fused with sums those may round otherwise. */
#define VECTOR 16u

typedef struct curve {
    float level[RUN], threshold[RUN], knee[RUN], slope[RUN];
} curve;

/* What is wanted, as the shares of it that attack and release go in one frame. */
static void want(const ps_compress *c, const curve *at, double *grow, double *fall, uint32_t frames)
{
    const float power = (float)c->power;
    const double attack = c->attack, release = c->release;

    for (uint32_t i = 0; i < frames; i++) {
        const float over = power * ps_log2_float(at->level[i]) - at->threshold[i];
        const float knee = at->knee[i], into = over + 0.5f * knee, above = over - 0.5f * knee;
        const float low = into > 0.0f ? into : 0.0f, within = low < knee ? low : knee;
        const float bend = within * within * (0.5f / knee);
        const float wanted = at->slope[i] * (bend + (above > 0.0f ? above : 0.0f));

        grow[i] = attack * (double)wanted;
        fall[i] = release * (double)wanted;
    }
}

/* Towards what is wanted: of both ways that of attack when it leads up, that of release when it
   leads down. With the faster attack that is always the higher of both. */
static inline double follow(const ps_compress *c, const double *grow, const double *fall,
                            double *reduction, uint32_t frames)
{
    const double stay = 1.0 - c->attack, keep = 1.0 - c->release;
    double y = c->reduction;

    if (c->attack >= c->release) {
        for (uint32_t i = 0; i < frames; i++) {
            const double up = MADD(stay, y, grow[i]), down = MADD(keep, y, fall[i]);

            reduction[i] = y = up > down ? up : down;
        }
    } else {
        for (uint32_t i = 0; i < frames; i++) {
            const double up = MADD(stay, y, grow[i]), down = MADD(keep, y, fall[i]);

            reduction[i] = y = up < down ? up : down;
        }
    }
    return y;
}

/* The frames of a call, and what makes whole vectors of them. */
static uint32_t fill(curve *at, ps_compress *c, const float *level, uint32_t frames)
{
    const uint32_t whole = (frames + VECTOR - 1) / VECTOR * VECTOR;

    memcpy(at->level, level, frames * sizeof *level);
    ps_smooth_fill(&c->threshold, at->threshold, frames);
    ps_smooth_fill(&c->knee, at->knee, frames);
    ps_smooth_fill(&c->slope, at->slope, frames);
    for (uint32_t i = frames; i < whole; i++) {
        at->level[i] = at->knee[i] = 1.0f;
        at->threshold[i] = at->slope[i] = 0.0f;
    }
    return whole;
}

void PS_ROW(ps_compress_run)(ps_compress *c, const float *level, float *gain, uint32_t frames)
{
    double grow[RUN], fall[RUN], reduction[RUN];
    float gains[RUN];
    curve at;
    const uint32_t whole = fill(&at, c, level, frames);

    want(c, &at, grow, fall, whole);
    c->reduction = follow(c, grow, fall, reduction, frames);
    memset(reduction + frames, 0, (whole - frames) * sizeof *reduction);
    for (uint32_t i = 0; i < whole; i++)
        gains[i] = ps_exp2_float((float)-reduction[i]);
    memcpy(gain, gains, frames * sizeof *gain);
    c->reduction = c->reduction < FAINT ? 0.0 : c->reduction;
}
