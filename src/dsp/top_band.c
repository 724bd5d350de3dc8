#include "dsp/top_band.h"

#include <string.h>

#include "dsp/butterworth.h"
#include "kernel/math.h"

/* a * b + c, in one step where the row has it. */
#ifdef __FMA__
#define MADD(a, b, c) __builtin_fmaf(a, b, c)
#else
#define MADD(a, b, c) ((a) * (b) + (c))
#endif

#define RUN    PS_TOP_BAND_RUN
#define MARGIN PS_TOP_BAND_MARGIN

#define LEFT_OUT  2.4e-7 /* at most, of what is small */
#define FORGOTTEN 1e-9   /* of an answer is left beyond its reach */
#define TOGETHER  4      /* frames that are answered at once: kinks have a few in a row */

/* Filtering one frame of one ear costs about as much as this many frames of answers. */
#define FRAMES_EACH 16u

struct ps_top_band {
    const ps_allocator *allocator;
    uint32_t chunk;
    uint32_t taps; /* of the answer, on either side */
    float *answer; /* a[-taps] to a[taps], with TOGETHER zeros on either side */
    float limit;
    uint32_t found; /* frames of this chunk that got an answer */
    uint32_t most;  /* of them, before it is better to filter */
    float *band[2]; /* of the chunk, where it is known not to be 0 */
    bool *known;    /* of each run */
};

/* ---- Making one ---- */

static void start_answer(ps_top_band *top, const ps_two_sided *poles)
{
    float *middle = top->answer + TOGETHER + top->taps;
    double sum = 0.0;

    ps_two_sided_fill(poles, middle, top->taps + 1);
    for (uint32_t n = 0; n <= top->taps; n++) {
        const float size = middle[n] < 0.0f ? -middle[n] : middle[n];

        sum += (n == 0 ? 1.0 : 2.0) * (double)size;
        middle[n] = n % 2 == 0 ? middle[n] : -middle[n];
        middle[-(ptrdiff_t)n] = middle[n];
    }
    top->limit = (float)(LEFT_OUT / sum);
}

ps_top_band *PS_ROW(ps_top_band_create)(double band_hz, double rate_hz, uint32_t chunk_frames,
                                        const ps_allocator *allocator)
{
    ps_top_band *top = ps_alloc(allocator, 1, sizeof *top);
    ps_two_sided poles;

    if (!top)
        return NULL;
    ps_two_sided_poles(&poles, band_hz, rate_hz);
    top->allocator = allocator;
    top->chunk = chunk_frames;
    top->taps = (uint32_t)(ps_log2(FORGOTTEN) / ps_log2(poles.radius)) + 1;
    top->most = 2 * chunk_frames * FRAMES_EACH / (2 * top->taps + 1);
    top->answer = ps_alloc(allocator, 2 * (size_t)(top->taps + TOGETHER) + 1, sizeof *top->answer);
    top->known = ps_alloc(allocator, chunk_frames / RUN, sizeof *top->known);
    for (uint32_t ear = 0; ear < 2; ear++)
        top->band[ear] = ps_alloc(allocator, chunk_frames, sizeof *top->band[ear]);
    if (!top->answer || !top->known || !top->band[0] || !top->band[1]) {
        PS_ROW(ps_top_band_destroy)(top);
        return NULL;
    }
    start_answer(top, &poles);
    return top;
}

void PS_ROW(ps_top_band_destroy)(ps_top_band *top)
{
    if (!top)
        return;
    ps_free(top->allocator, top->answer);
    ps_free(top->allocator, top->known);
    ps_free(top->allocator, top->band[0]);
    ps_free(top->allocator, top->band[1]);
    ps_free(top->allocator, top);
}

float PS_ROW(ps_top_band_limit)(const ps_top_band *top)
{
    return top->limit;
}

uint32_t PS_ROW(ps_top_band_reach)(const ps_top_band *top)
{
    return (top->taps + RUN - 1) / RUN * RUN;
}

/* ---- A chunk ---- */

void PS_ROW(ps_top_band_begin)(ps_top_band *top)
{
    top->found = 0;
    memset(top->known, 0, top->chunk / RUN * sizeof *top->known);
}

static inline bool is_small(float d, float limit)
{
    return d <= limit && d >= -limit;
}

/* d = the eighth difference around each frame; returns how many are not small. */
static uint32_t differ(float *restrict d, const float *restrict x, float limit)
{
    uint32_t count = 0;

    for (uint32_t i = 0; i < RUN; i++) {
        const float one = x[i + 3] + x[i + 5], two = x[i + 2] + x[i + 6];
        const float three = x[i + 1] + x[i + 7], four = x[i] + x[i + 8];
        const float middle = MADD(70.0f, x[i + 4], -56.0f * one);

        d[i] = MADD(28.0f, two, MADD(-8.0f, three, middle + four));
    }
    for (uint32_t i = 0; i < RUN; i++)
        count += !is_small(d[i], limit);
    return count;
}

/* Makes sure that runs from one to another are known. */
static void know(ps_top_band *top, uint32_t run, uint32_t last)
{
    for (; run <= last; run++) {
        if (top->known[run])
            continue;
        memset(top->band[0] + run * RUN, 0, RUN * sizeof(float));
        memset(top->band[1] + run * RUN, 0, RUN * sizeof(float));
        top->known[run] = true;
    }
}

/* Adds the answers to the differences of TOGETHER frames from `at` on. */
static void answer(ps_top_band *top, uint32_t ear, int32_t at, const float d[TOGETHER])
{
    const int32_t taps = (int32_t)top->taps, end = (int32_t)top->chunk;
    const int32_t from = at - taps > 0 ? at - taps : 0;
    const int32_t to = at + taps + TOGETHER < end ? at + taps + TOGETHER : end;

    if (from >= to)
        return;
    know(top, (uint32_t)from / RUN, (uint32_t)(to - 1) / RUN);

    const float *restrict a = top->answer + TOGETHER + (taps + from - at);
    float *restrict band = top->band[ear] + from;

    for (int32_t i = 0; i < to - from; i++) {
        const float two = MADD(d[0], a[i], d[1] * a[i - 1]);

        band[i] += MADD(d[2], a[i - 2], MADD(d[3], a[i - 3], two));
    }
}

/* The answers of a run that has some. */
static void answer_run(ps_top_band *top, uint32_t ear, int32_t first, float d[RUN + TOGETHER])
{
    for (uint32_t i = 0; i < RUN; i++)
        d[i] = is_small(d[i], top->limit) ? 0.0f : d[i];
    for (uint32_t i = 0; i < RUN; i++) {
        if (d[i] == 0.0f)
            continue;
        answer(top, ear, first + (int32_t)i, d + i);
        i += TOGETHER - 1;
    }
}

bool PS_ROW(ps_top_band_add)(ps_top_band *top, int32_t first, const float *left, const float *right)
{
    float d[RUN + TOGETHER] = {0.0f};

    for (uint32_t ear = 0; ear < 2; ear++) {
        const uint32_t count = differ(d, (ear == 0 ? left : right) - MARGIN, top->limit);

        top->found += count;
        if (top->found > top->most)
            return false;
        if (count > 0)
            answer_run(top, ear, first, d);
    }
    return true;
}

void PS_ROW(ps_top_band_take)(const ps_top_band *top, uint32_t run, const float *from_left,
                              const float *from_right, float *left, float *right)
{
    const float *band_left = top->band[0] + (size_t)run * RUN;
    const float *band_right = top->band[1] + (size_t)run * RUN;

    if (!top->known[run]) {
        if (left == from_left)
            return;
        memcpy(left, from_left, RUN * sizeof *left);
        memcpy(right, from_right, RUN * sizeof *right);
        return;
    }
    for (uint32_t i = 0; i < RUN; i++) {
        left[i] = from_left[i] - band_left[i];
        right[i] = from_right[i] - band_right[i];
    }
}
