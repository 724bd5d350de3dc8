#include "dsp/band.h"

#include <stddef.h>
#include <string.h>

#include "dsp/butterworth.h"
#include "kernel/math.h"

#define RUN   PS_BAND_RUN
#define ORDER 6u /* of the B-spline: that many running means */
#define TERMS 6u /* of the correction, which spreads over TERMS slow frames on either side */

#define DECIMATION_MAX 64u
/* Largest cutoff as a share of the slow rate: at 0.045 what folds is 0.045^6 = 8e-9 of the signal,
   and the correction's missing terms come to 1e-7. */
#define CUTOFF_MAX     0.045

/* Slow frames on either side of a chunk that correction and spreading look at. */
#define MARGIN  (TERMS + ORDER / 2)
/* The window's first and last slow frames, for which it does not hold all frames of the B-spline.
 */
#define UNKNOWN (ORDER / 2)

#define FORGOTTEN    1e-8 /* of the recursion's answer is left outside its window */
#define LOOK_MAX_SEC 4.0  /* a cutoff below 2 Hz would forget more slowly: it does with less */

#define LANES 4u /* left and right of the first pole, of the second pole */

/* The poles at the slow rate. */
typedef struct recursion {
    double pole_re[LANES], pole_im[LANES];
    double ahead_re[LANES], ahead_im[LANES]; /* shares of what has come, the frame itself too */
    double back_re[LANES], back_im[LANES];   /* of what is to come, before it is a frame nearer */
    double direct;
} recursion;

struct ps_band {
    const ps_allocator *allocator;
    bool top;
    uint32_t decimation;   /* M, a power of 2 that divides a run; 1: no B-splines */
    uint32_t chunk, reach; /* frames */
    uint32_t warmup;       /* slow frames */
    recursion recursion;
    float gather[ORDER * DECIMATION_MAX];            /* the B-spline */
    float spread[ORDER][DECIMATION_MAX];             /* M times the B-spline, by phase */
    double correction[TERMS + 1];                    /* of a slow frame and of those beside it */
    float past[2][ORDER * DECIMATION_MAX + RUN + 8]; /* the run, and what came before it */
    uint32_t slow_count;                             /* of a window */
    uint32_t added;                                  /* slow frames that have come */
    double *slow;   /* left and right in turn; 2 slow frames of slack in front */
    double *answer; /* of the recursion, likewise in turn: chunk and margins */
    float *corrected[2];
};

/* ---- Making one ---- */

static uint32_t choose_decimation(double cutoff_hz, double rate_hz)
{
    uint32_t m = DECIMATION_MAX;

    while (m > 1 && cutoff_hz * m > CUTOFF_MAX * rate_hz)
        m /= 2;
    return m;
}

/* The impulse response at every M-th frame, M times as large because M times as few are summed. */
static void start_recursion(ps_band *band, double cutoff_hz, double rate_hz)
{
    const double m = band->decimation;
    ps_two_sided answer;

    ps_two_sided_lowpass(&answer, cutoff_hz, rate_hz);
    band->recursion.direct = m * answer.direct;
    for (uint32_t lane = 0; lane < LANES; lane++) {
        const uint32_t index = lane / 2;
        const double share_re = 2.0 * m * answer.share[index].re;
        const double share_im = 2.0 * m * answer.share[index].im;
        double re = answer.pole[index].re, im = answer.pole[index].im;

        for (uint32_t power = 1; power < band->decimation; power *= 2) {
            const double square = re * re - im * im;

            im = 2.0 * re * im;
            re = square;
        }
        band->recursion.pole_re[lane] = re;
        band->recursion.pole_im[lane] = im;
        band->recursion.ahead_re[lane] = share_re;
        band->recursion.ahead_im[lane] = share_im;
        band->recursion.back_re[lane] = share_re * re - share_im * im;
        band->recursion.back_im[lane] = share_re * im + share_im * re;
    }
    const double decay = -ps_log2(answer.radius); /* octaves per frame */
    const double longest = LOOK_MAX_SEC * rate_hz;
    const double look =
        decay * longest > -ps_log2(FORGOTTEN) ? -ps_log2(FORGOTTEN) / decay : longest;

    band->warmup = (uint32_t)(look / m) + 1;
}

/* Six running means of M frames, one after the other. */
static void start_splines(ps_band *band)
{
    const uint32_t m = band->decimation, length = ORDER * (m - 1) + 1;
    double spline[ORDER * DECIMATION_MAX] = {1.0};
    double sums[ORDER * DECIMATION_MAX];

    for (uint32_t order = 0; order < ORDER; order++) {
        double sum = 0.0;

        for (uint32_t i = 0; i < length; i++) {
            sum += spline[i] - (i >= m ? spline[i - m] : 0.0);
            sums[i] = sum / m;
        }
        memcpy(spline, sums, sizeof sums);
    }
    for (uint32_t i = 0; i < length; i++) {
        /* The middle tap belongs to an even frame, and lies at an odd place. */
        const double sign = band->top && i % 2 == 0 ? -1.0 : 1.0;
        const uint32_t at = i + ORDER / 2;

        band->gather[i] = (float)(sign * spline[i]);
        band->spread[at / m][at % m] = (float)(sign * m * spline[i]);
    }
}

/*
 * With s = sin^2(M w / 2), the two B-splines take (s / (M^2 sin^2(w / 2)))^6. The first terms of
 * its inverse in powers of s, which at the slow rate is the filter (-1/4, 1/2, -1/4): M^2
 * sin^2(asin(sqrt s) / M) / s is a hypergeometric series, and wanted is its sixth power.
 */
static void start_correction(ps_band *band)
{
    const double a = 1.0 / band->decimation;
    double series[TERMS + 1], power[TERMS + 1] = {1.0};
    double kernel[2 * TERMS + 3] = {0.0}; /* s^j around its middle, one spare on either side */
    double term = 1.0;

    for (uint32_t k = 0; k <= TERMS; k++) {
        const double n = k + 1.0;

        series[k] = term;
        term *= (n + a) * (n - a) / ((n + 0.5) * (n + 1.0));
    }
    for (uint32_t times = 0; times < ORDER; times++) {
        for (uint32_t k = TERMS + 1; k-- > 0;) {
            double sum = 0.0;

            for (uint32_t i = 0; i <= k; i++)
                sum += power[i] * series[k - i];
            power[k] = sum;
        }
    }
    kernel[TERMS + 1] = 1.0;
    for (uint32_t j = 0; j <= TERMS; j++) {
        double last = 0.0;

        for (uint32_t i = 0; i <= TERMS; i++)
            band->correction[i] += power[j] * kernel[TERMS + 1 + i];
        for (uint32_t i = 1; i <= 2 * TERMS + 1; i++) {
            const double here = kernel[i];

            kernel[i] = 0.5 * here - 0.25 * (last + kernel[i + 1]);
            last = here;
        }
    }
}

static bool take_memory(ps_band *band)
{
    const size_t answers = band->chunk / band->decimation + 2 * MARGIN + 1;

    band->slow_count = (band->chunk + 2 * band->reach) / band->decimation;
    band->slow = ps_alloc(band->allocator, 2 * ((size_t)band->slow_count + 2), sizeof(double));
    band->answer = ps_alloc(band->allocator, 2 * answers, sizeof(double));
    if (!band->slow || !band->answer)
        return false;
    for (uint32_t ear = 0; ear < 2; ear++) {
        band->corrected[ear] = ps_alloc(band->allocator, answers, sizeof(float));
        if (!band->corrected[ear])
            return false;
    }
    return true;
}

ps_band *PS_ROW(ps_band_create)(double cutoff_hz, bool top, double rate_hz, uint32_t chunk_frames,
                                const ps_allocator *allocator)
{
    ps_band *band = ps_alloc(allocator, 1, sizeof *band);

    if (!band)
        return NULL;
    band->allocator = allocator;
    band->top = top;
    band->decimation = choose_decimation(cutoff_hz, rate_hz);
    band->chunk = chunk_frames;
    start_recursion(band, cutoff_hz, rate_hz);
    if (band->decimation > 1) {
        start_splines(band);
        start_correction(band);
    }
    const uint32_t look = (band->warmup + MARGIN + UNKNOWN) * band->decimation;

    band->reach = (look + RUN - 1) / RUN * RUN;
    if (!take_memory(band)) {
        PS_ROW(ps_band_destroy)(band);
        return NULL;
    }
    return band;
}

void PS_ROW(ps_band_destroy)(ps_band *band)
{
    if (!band)
        return;
    ps_free(band->allocator, band->slow);
    ps_free(band->allocator, band->answer);
    ps_free(band->allocator, band->corrected[0]);
    ps_free(band->allocator, band->corrected[1]);
    ps_free(band->allocator, band);
}

uint32_t PS_ROW(ps_band_reach)(const ps_band *band)
{
    return band->reach;
}

/* ---- The signal coming in ---- */

void PS_ROW(ps_band_restart)(ps_band *band)
{
    band->added = 0;
    memset(band->past, 0, sizeof band->past);
}

/* Where the next slow frames go: the B-splines' come UNKNOWN frames late. */
static double *slow_end(ps_band *band)
{
    return band->slow + 2 * (size_t)band->added;
}

/* Without decimation: the frames themselves, with the signs of the turned spectrum. */
static void add_all(ps_band *band, const float *left, const float *right)
{
    double *slow = slow_end(band) + 2 * 2;
    const double odd = band->top ? -1.0 : 1.0;

    for (uint32_t i = 0; i < RUN; i += 2) {
        slow[2 * i] = (double)left[i];
        slow[2 * i + 1] = (double)right[i];
        slow[2 * i + 2] = odd * (double)left[i + 1];
        slow[2 * i + 3] = odd * (double)right[i + 1];
    }
    band->added += RUN;
}

/* Sum of products, in lanes so that it vectorizes in a fixed order; count is a multiple of 4. */
static float dot(const float *a, const float *b, uint32_t count)
{
    float lanes[16] = {0.0f};
    float sum = 0.0f;
    uint32_t i = 0;

    for (; i + 16 <= count; i += 16)
        for (uint32_t lane = 0; lane < 16; lane++)
            lanes[lane] += a[i + lane] * b[i + lane];
    for (; i < count; i += 4)
        for (uint32_t lane = 0; lane < 4; lane++)
            lanes[lane] += a[i + lane] * b[i + lane];
    for (uint32_t half = 8; half >= 1; half /= 2)
        for (uint32_t lane = 0; lane < half; lane++)
            lanes[lane] += lanes[lane + half];
    sum = lanes[0];
    return sum;
}

/* This run's slow frames lie UNKNOWN frames before its end. */
static void gather_run(ps_band *band, const float *run, uint32_t ear)
{
    const uint32_t m = band->decimation, before = ORDER * m;
    float *past = band->past[ear];
    double *slow = slow_end(band) + ear;

    memmove(past, past + RUN, before * sizeof *past);
    memcpy(past + before, run, RUN * sizeof *past);
    for (uint32_t i = 0; i < RUN / m; i++)
        slow[2 * i] = (double)dot(past + (i + 1) * m + UNKNOWN, band->gather, ORDER * m);
}

void PS_ROW(ps_band_add)(ps_band *band, const float *left, const float *right)
{
    if (band->decimation == 1) {
        add_all(band, left, right);
        return;
    }
    gather_run(band, left, 0);
    gather_run(band, right, 1);
    band->added += RUN / band->decimation;
}

/* ---- A chunk going out ---- */

/* Both directions at once, which do not wait for one another. */
typedef struct memory {
    double ahead_re[LANES], ahead_im[LANES], back_re[LANES], back_im[LANES];
} memory;

static void step(double re[LANES], double im[LANES], const recursion *r, const double *frame)
{
    for (uint32_t lane = 0; lane < LANES; lane++) {
        const double x = frame[lane & 1];
        const double next = r->pole_re[lane] * re[lane] - r->pole_im[lane] * im[lane] + x;

        im[lane] = r->pole_re[lane] * im[lane] + r->pole_im[lane] * re[lane];
        re[lane] = next;
    }
}

static void put(double *answer, const double re[LANES], const double im[LANES],
                const double share_re[LANES], const double share_im[LANES])
{
    double part[LANES];

    for (uint32_t lane = 0; lane < LANES; lane++)
        part[lane] = share_re[lane] * re[lane] - share_im[lane] * im[lane];
    answer[0] += part[0] + part[2];
    answer[1] += part[1] + part[3];
}

/* The two-sided recursion: answers for `count` slow frames from `first` of the window on. */
static void recur(ps_band *band, uint32_t first, uint32_t count)
{
    const recursion *r = &band->recursion;
    const double *x = band->slow + 2 * (size_t)(first + 2);
    const double *early = x - 2 * (size_t)band->warmup;
    const double *late = x + 2 * (size_t)(count - 1 + band->warmup);
    double *answer = band->answer;
    memory m = {{0.0}, {0.0}, {0.0}, {0.0}};

    for (uint32_t i = 0; i < 2 * count; i++)
        answer[i] = r->direct * x[i];
    for (uint32_t i = 0; i < band->warmup; i++) {
        step(m.ahead_re, m.ahead_im, r, early + 2 * (size_t)i);
        step(m.back_re, m.back_im, r, late - 2 * (size_t)i);
    }
    for (uint32_t i = 0; i < count; i++) {
        const size_t ahead = 2 * (size_t)i, back = 2 * (size_t)(count - 1 - i);

        step(m.ahead_re, m.ahead_im, r, x + ahead);
        put(answer + ahead, m.ahead_re, m.ahead_im, r->ahead_re, r->ahead_im);
        put(answer + back, m.back_re, m.back_im, r->back_re, r->back_im);
        step(m.back_re, m.back_im, r, x + back);
    }
}

/* Makes good what the B-splines take, from the slow frame on that the chunk's first frame needs. */
static void correct(ps_band *band, uint32_t count)
{
    const double *c = band->correction;

    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t ear = 0; ear < 2; ear++) {
            const double *at = band->answer + 2 * (size_t)(i + TERMS + 1) + ear;
            double sum = c[0] * at[0];

            for (size_t j = 1; j <= TERMS; j++)
                sum += c[j] * (at[2 * j] + at[-2 * (ptrdiff_t)j]);
            band->corrected[ear][i] = (float)sum;
        }
    }
}

static void spread_chunk(const ps_band *band, uint32_t ear, float *out, float gain)
{
    const uint32_t m = band->decimation;

    for (uint32_t q = 0; q < band->chunk / m; q++, out += m) {
        /* Phase j of frame q weighs slow frames q + 3 (k = 0) to q - 2 (k = 5). */
        const float *w = band->corrected[ear] + q;
        const float w0 = gain * w[5], w1 = gain * w[4], w2 = gain * w[3];
        const float w3 = gain * w[2], w4 = gain * w[1], w5 = gain * w[0];

        for (uint32_t j = 0; j < m; j++) {
            const float near = band->spread[2][j] * w2 + band->spread[3][j] * w3;
            const float mid = band->spread[1][j] * w1 + band->spread[4][j] * w4;
            const float far = band->spread[0][j] * w0 + band->spread[5][j] * w5;

            out[j] += (near + mid) + far;
        }
    }
}

/* Without decimation. */
static void copy_chunk(const ps_band *band, float *left, float *right, float gain)
{
    const float odd = band->top ? -gain : gain;

    for (uint32_t i = 0; i < band->chunk; i += 2) {
        const double *a = band->answer + 2 * (size_t)i;

        left[i] += gain * (float)a[0];
        right[i] += gain * (float)a[1];
        left[i + 1] += odd * (float)a[2];
        right[i + 1] += odd * (float)a[3];
    }
}

void PS_ROW(ps_band_chunk)(ps_band *band, float *left, float *right, float gain)
{
    const uint32_t m = band->decimation;
    const uint32_t first = band->reach / m, count = band->chunk / m;

    if (m == 1) {
        recur(band, first, count);
        copy_chunk(band, left, right, gain);
    } else {
        recur(band, first - MARGIN, count + 2 * MARGIN);
        correct(band, count + ORDER - 1);
        spread_chunk(band, 0, left, gain);
        spread_chunk(band, 1, right, gain);
    }
    memmove(band->slow, band->slow + 2 * (size_t)count,
            2 * ((size_t)band->slow_count + 2 - count) * sizeof *band->slow);
    band->added -= count;
}
