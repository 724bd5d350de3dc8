#include "dsp/band.h"

#include <stddef.h>
#include <string.h>

#include "dsp/butterworth.h"
#include "kernel/doubles.h"
#include "kernel/lanes.h"
#include "kernel/math.h"

#define RUN   PS_BAND_RUN
#define ORDER 6u /* of the B-spline: that many running means */
#define TERMS 6u /* of the correction, which spreads over TERMS slow frames on either side */

#define DECIMATION_MIN 8u /* less is not worth it */
#define DECIMATION_MAX 64u
/* Largest cutoff as a share of the slow rate: at 0.055 what folds is 0.055^6 = 3e-8 of the signal,
   and the correction's missing terms come to less than 1e-7. */
#define CUTOFF_MAX     0.055

/* Slow frames on either side of a chunk that correction and spreading look at, made even. */
#define MARGIN  (TERMS + ORDER / 2 + 1)
/* The window's first and last slow frames, for which it does not hold all frames of the B-spline.
 */
#define UNKNOWN (ORDER / 2)

#define FORGOTTEN    1e-8 /* of the recursion's answer is left outside its window */
#define LOOK_MAX_SEC 4.0  /* a cutoff below 2 Hz would forget more slowly: it does with less */

/* The recursion runs on this many stretches of a chunk at once: one alone would wait for itself. */
#define STRETCHES 4u

/* Of each pole and its mirror image: w[n] = x[n] + w1 w[n-1] + w2 w[n-2]; from the two before it,
   the answer is y1 w[n-1] + y2 w[n-2]. The same in either direction. */
typedef struct recursion {
    double w1[PS_BUTTERWORTH_SECTIONS], w2[PS_BUTTERWORTH_SECTIONS];
    double y1[PS_BUTTERWORTH_SECTIONS], y2[PS_BUTTERWORTH_SECTIONS];
    double direct; /* of the frame itself */
} recursion;

struct ps_band {
    const ps_allocator *allocator;
    bool top;
    uint32_t decimation;   /* M, a power of 2 that divides a run; 1: no B-splines */
    uint32_t chunk, reach; /* frames */
    uint32_t warmup;       /* slow frames */
    recursion recursion;
    _Alignas(PS_ALIGN_BYTES) float spline[ORDER][DECIMATION_MAX]; /* in pieces of M frames */
    /* Slow frames that are being summed up, of each ear: the next piece of the signal is the last
       one of slow frame ORDER - 1, and the first one of slow frame 0. */
    _Alignas(PS_ALIGN_BYTES) float begun[2][ORDER][PS_LANES];
    double correction[TERMS + 1]; /* of a slow frame and of those beside it */
    uint32_t slow_count;          /* of a window */
    uint32_t added;               /* slow frames that have come */
    double *slow;                 /* left and right in turn; 2 slow frames of slack in front */
    double *answer;               /* of the recursion, likewise in turn: chunk and margins */
    float *corrected[2];
};

/* ---- Making one ---- */

static uint32_t choose_decimation(double cutoff_hz, double rate_hz)
{
    uint32_t m = DECIMATION_MAX;

    while (m >= DECIMATION_MIN && cutoff_hz * m > CUTOFF_MAX * rate_hz)
        m /= 2;
    return m >= DECIMATION_MIN ? m : 1;
}

/* The impulse response at every M-th frame, M times as large because M times as few are summed. */
static void start_recursion(ps_band *band, double cutoff_hz, double rate_hz)
{
    const double m = band->decimation;
    recursion *r = &band->recursion;
    ps_two_sided answer;

    ps_two_sided_lowpass(&answer, cutoff_hz, rate_hz);
    r->direct = m * answer.direct;
    for (uint32_t i = 0; i < PS_BUTTERWORTH_SECTIONS; i++) {
        const double share_re = 2.0 * m * answer.share[i].re;
        const double share_im = 2.0 * m * answer.share[i].im;
        double re = answer.pole[i].re, im = answer.pole[i].im;

        for (uint32_t power = 1; power < band->decimation; power *= 2) {
            const double square = re * re - im * im;

            im = 2.0 * re * im;
            re = square;
        }
        /* Re(share pole / (z - pole)); turning the spectrum around makes z of -z, which the
           B-splines do where there are any. */
        const double sign = band->top && band->decimation == 1 ? -1.0 : 1.0;

        r->w1[i] = sign * 2.0 * re;
        r->w2[i] = -(re * re + im * im);
        r->y1[i] = sign * (share_re * re - share_im * im);
        r->y2[i] = share_re * r->w2[i];
        r->direct += share_re;
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

        band->spline[at / m][at % m] = (float)(sign * spline[i]);
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

bool PS_ROW(ps_band_is_narrow)(const ps_band *band)
{
    return band->decimation > 1;
}

/* ---- The signal coming in ---- */

void PS_ROW(ps_band_restart)(ps_band *band)
{
    band->added = 0;
    memset(band->begun, 0, sizeof band->begun);
}

/* Where the next slow frames go: the B-splines' come UNKNOWN frames late. */
static double *slow_end(ps_band *band)
{
    return band->slow + 2 * (size_t)band->added;
}

/* Without decimation: the frames themselves. */
static void add_all(ps_band *band, const float *left, const float *right)
{
    double *slow = slow_end(band) + 2 * 2;

    for (uint32_t i = 0; i < RUN; i++) {
        slow[2 * i] = (double)left[i];
        slow[2 * i + 1] = (double)right[i];
    }
    band->added += RUN;
}

static inline float sum_of(ps_lanes x)
{
#if PS_LANES == 8
    return ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]));
#else
    return (x[0] + x[2]) + (x[1] + x[3]);
#endif
}

/* Adds the run, piece by piece of M frames, to the slow frames that each belongs to; the oldest of
   them is then whole. */
static inline void gather(ps_band *band, const float *left, const float *right, uint32_t m)
{
    double *slow = slow_end(band);
    ps_lanes l[ORDER], r[ORDER];

    for (uint32_t k = 0; k < ORDER; k++) {
        l[k] = ps_lanes_load(band->begun[0][k]);
        r[k] = ps_lanes_load(band->begun[1][k]);
    }
    for (uint32_t piece = 0; piece < RUN; piece += m, slow += 2) {
        for (uint32_t i = 0; i < m; i += PS_LANES) {
            const ps_lanes x = ps_lanes_read(left + piece + i);
            const ps_lanes y = ps_lanes_read(right + piece + i);

            for (uint32_t k = 0; k < ORDER; k++) {
                const ps_lanes weight = ps_lanes_load(band->spline[k] + i);

                l[k] = ps_lanes_madd(weight, x, l[k]);
                r[k] = ps_lanes_madd(weight, y, r[k]);
            }
        }
        slow[0] = (double)sum_of(l[ORDER - 1]);
        slow[1] = (double)sum_of(r[ORDER - 1]);
        for (uint32_t k = ORDER - 1; k > 0; k--) {
            l[k] = l[k - 1];
            r[k] = r[k - 1];
        }
        l[0] = r[0] = ps_lanes_all(0.0f);
    }
    for (uint32_t k = 0; k < ORDER; k++) {
        ps_lanes_store(band->begun[0][k], l[k]);
        ps_lanes_store(band->begun[1][k], r[k]);
    }
}

void PS_ROW(ps_band_add)(ps_band *band, const float *left, const float *right)
{
    switch (band->decimation) { /* known to the compiler, loops have no odd ends */
    case 1:
        add_all(band, left, right);
        return;
    case DECIMATION_MIN:
        gather(band, left, right, DECIMATION_MIN);
        break;
    case DECIMATION_MAX:
        gather(band, left, right, DECIMATION_MAX);
        break;
    default:
        gather(band, left, right, band->decimation);
    }
    band->added += RUN / band->decimation;
}

/* ---- A chunk going out ---- */

#define WIDE (STRETCHES / PS_PAIRS) /* registers for all stretches */

/* The last two numbers of both poles' recursions, for all stretches and ears. */
typedef struct memory {
    ps_pairs w1[PS_BUTTERWORTH_SECTIONS][WIDE], w2[PS_BUTTERWORTH_SECTIONS][WIDE];
} memory;

/* The numbers of the recursion, one for each lane. */
typedef struct wide_recursion {
    ps_pairs w1[PS_BUTTERWORTH_SECTIONS], w2[PS_BUTTERWORTH_SECTIONS];
    ps_pairs y1[PS_BUTTERWORTH_SECTIONS], y2[PS_BUTTERWORTH_SECTIONS];
    ps_pairs share; /* of what lies under the answer */
} wide_recursion;

static inline void widen(wide_recursion *w, const recursion *r, double share)
{
    const ps_pairs none = {0.0};

    for (uint32_t pole = 0; pole < PS_BUTTERWORTH_SECTIONS; pole++) {
        w->w1[pole] = none + r->w1[pole];
        w->w2[pole] = none + r->w2[pole];
        w->y1[pole] = none + r->y1[pole];
        w->y2[pole] = none + r->y2[pole];
    }
    w->share = none + share;
}

/* One more frame; x is that of the first stretch, the others' lie `apart` numbers on. */
static inline void step(memory *m, const wide_recursion *r, const double *x, ptrdiff_t apart)
{
    for (uint32_t i = 0; i < WIDE; i++, x += PS_PAIRS * apart) {
        const ps_pairs frame = PS_PAIRS_LOAD(x, apart);

        for (uint32_t pole = 0; pole < PS_BUTTERWORTH_SECTIONS; pole++) {
            const ps_pairs older = ps_pairs_madd(r->w2[pole], m->w2[pole][i], frame);
            const ps_pairs w = ps_pairs_madd(r->w1[pole], m->w1[pole][i], older);

            m->w2[pole][i] = m->w1[pole][i];
            m->w1[pole][i] = w;
        }
    }
}

/* The answer of one direction, on top of a share of x: of the frame itself, or of what the other
   direction has left. */
static inline void put_answer(double *answer, const double *x, const memory *m,
                              const wide_recursion *r, ptrdiff_t apart)
{
    for (uint32_t i = 0; i < WIDE; i++, x += PS_PAIRS * apart) {
        const ps_pairs under = PS_PAIRS_LOAD(x, apart);
        ps_pairs y = r->share * under;

        for (uint32_t pole = 0; pole < PS_BUTTERWORTH_SECTIONS; pole++) {
            y = ps_pairs_madd(r->y1[pole], m->w1[pole][i], y);
            y = ps_pairs_madd(r->y2[pole], m->w2[pole][i], y);
        }
        for (uint32_t pair = 0; pair < PS_PAIRS; pair++, answer += apart) {
            answer[0] = y[2 * pair];
            answer[1] = y[2 * pair + 1];
        }
    }
}

/*
 * One direction, from x on: in steps of 2 or -2 numbers, on STRETCHES stretches that lie
 * `apart` numbers from one another, each after a warmup of its own. first: of the two directions.
 */
static inline void recur_one_way(const ps_band *band, double *answer, const double *x,
                                 ptrdiff_t stride, ptrdiff_t apart, uint32_t count, bool first)
{
    wide_recursion r;
    memory m;

    widen(&r, &band->recursion, first ? band->recursion.direct : 1.0);
    memset(&m, 0, sizeof m);
    x -= (ptrdiff_t)band->warmup * stride;
    for (uint32_t i = 0; i < band->warmup; i++, x += stride)
        step(&m, &r, x, apart);
    for (uint32_t i = 0; i < count; i++, x += stride, answer += stride) {
        put_answer(answer, first ? x : answer, &m, &r, apart);
        step(&m, &r, x, apart);
    }
}

/* The two-sided recursion: answers for `count` slow frames from `first` of the window on. */
static void recur(ps_band *band, uint32_t first, uint32_t count)
{
    const double *x = band->slow + 2 * (size_t)(first + 2);
    const uint32_t each = count / STRETCHES;
    const ptrdiff_t apart = 2 * (ptrdiff_t)each;

    recur_one_way(band, band->answer, x, 2, apart, each, true);
    recur_one_way(band, band->answer + apart - 2, x + apart - 2, -2, apart, each, false);
}

/* Makes good what the B-splines take, from the slow frame on that the chunk's first frame needs. */
static void correct(ps_band *band, uint32_t count)
{
    const double *c = band->correction;

    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t ear = 0; ear < 2; ear++) {
            const double *at = band->answer + 2 * (size_t)(i + MARGIN - 2) + ear;
            double sum = c[0] * at[0];

            for (size_t j = 1; j <= TERMS; j++)
                sum += c[j] * (at[2 * j] + at[-2 * (ptrdiff_t)j]);
            band->corrected[ear][i] = (float)sum;
        }
    }
}

void PS_ROW(ps_band_chunk)(ps_band *band)
{
    const uint32_t m = band->decimation;
    const uint32_t first = band->reach / m, count = band->chunk / m;

    if (m == 1) {
        recur(band, first, count);
    } else {
        recur(band, first - MARGIN, count + 2 * MARGIN);
        correct(band, count + ORDER - 1);
    }
    memmove(band->slow, band->slow + 2 * (size_t)count,
            2 * ((size_t)band->slow_count + 2 - count) * sizeof *band->slow);
    band->added -= count;
}

/* A run, what it comes from and where it goes to. */
typedef struct path {
    const float *from_left, *from_right;
    float *left, *right;
} path;

/* M frames from `at` on, behind slow frame w[2]: that of w[5] gives them its first piece. */
static inline void spread(const ps_band *band, const float *w_left, const float *w_right,
                          const path *p, uint32_t at, float gain, uint32_t m)
{
    ps_lanes l[ORDER], r[ORDER];

    for (uint32_t k = 0; k < ORDER; k++) {
        l[k] = ps_lanes_all(gain * w_left[ORDER - 1 - k]);
        r[k] = ps_lanes_all(gain * w_right[ORDER - 1 - k]);
    }
    for (uint32_t i = 0; i < m; i += PS_LANES) {
        ps_lanes x = ps_lanes_read(p->from_left + at + i);
        ps_lanes y = ps_lanes_read(p->from_right + at + i);

        for (uint32_t k = 0; k < ORDER; k++) {
            const ps_lanes weight = ps_lanes_load(band->spline[k] + i);

            x = ps_lanes_madd(weight, l[k], x);
            y = ps_lanes_madd(weight, r[k], y);
        }
        ps_lanes_write(p->left + at + i, x);
        ps_lanes_write(p->right + at + i, y);
    }
}

static inline void spread_run(const ps_band *band, uint32_t run, const path *p, float gain,
                              uint32_t m)
{
    const float *w_left = band->corrected[0] + run * (RUN / m);
    const float *w_right = band->corrected[1] + run * (RUN / m);

    for (uint32_t i = 0; i < RUN; i += m)
        spread(band, w_left++, w_right++, p, i, gain * (float)m, m);
}

/* Without decimation. */
static void add_answer(const ps_band *band, uint32_t run, const path *p, float gain)
{
    const double *answer = band->answer + 2 * (size_t)run * RUN;

    for (uint32_t i = 0; i < RUN; i++) {
        p->left[i] = p->from_left[i] + gain * (float)answer[2 * i];
        p->right[i] = p->from_right[i] + gain * (float)answer[2 * i + 1];
    }
}

void PS_ROW(ps_band_run)(const ps_band *band, uint32_t run, const float *from_left,
                         const float *from_right, float *left, float *right, float gain)
{
    const path p = {from_left, from_right, left, right};

    switch (band->decimation) {
    case 1:
        add_answer(band, run, &p, gain);
        break;
    case DECIMATION_MIN:
        spread_run(band, run, &p, gain, DECIMATION_MIN);
        break;
    case DECIMATION_MAX:
        spread_run(band, run, &p, gain, DECIMATION_MAX);
        break;
    default:
        spread_run(band, run, &p, gain, band->decimation);
    }
}
