/* Streams of coloured noise: chunks of eight lanes on a grid counted from frame 0. */
#include "dsp/colour.h"

#include <math.h>
#include <string.h>

#include "base/random.h"
#include "base/untouched.h"
#include "dsp/colour_shape.h"
#include "kernel/math.h"

/* So long before its own frames a lane begins. The slowest pole that is left lies at 6 Hz (in pink
   at 8 Hz and 44.1 kHz, moving with the rate) and is heard through the high-pass of fourth order.
 */
#define AHEAD_SEC 0.0925
#define LANE_ODD  PS_COLOUR_UNIT /* so that lanes do not fall onto each other in the cache */
#define LEAST_HZ  0.5            /* power below is nothing */
#define POINTS    4096u          /* of the sum over the spectrum */
#define TOGETHER  64u            /* of them, a part of all */

struct ps_colour {
    const ps_allocator *allocator;
    const ps_colour_row *row;
    ps_colour_shape shape;
    double rate_hz;
    uint64_t key;
    uint32_t ahead_frames, lane_frames;
    uint64_t chunk; /* which is in samples; UINT64_MAX: none */
    float *samples; /* the frames ahead of the chunk, then the chunk */
};

const ps_colour_row *ps_colour_row_find(const char *kernel_row)
{
    static const ps_colour_row *const rows[] = {
        &ps_colour_row_c,
#if PS_HAVE_AVX2
        &ps_colour_row_avx2,
#endif
#if PS_HAVE_AVX512
        &ps_colour_row_avx512,
#endif
#if PS_HAVE_NEON
        &ps_colour_row_neon,
#endif
#if PS_HAVE_SIMD128
        &ps_colour_row_simd128,
#endif
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i]->name, kernel_row) == 0)
            return rows[i];
    }
    return rows[0];
}

/* The middles of some of `points` equal steps of log f up to half the rate, and the power there. */
static void fill_power(const ps_colour *colour, double *hz, double *power, uint32_t first,
                       uint32_t count, uint32_t points)
{
    const double octaves = ps_log2(0.5 * colour->rate_hz / LEAST_HZ);

    for (uint32_t from = 0; from < count; from += TOGETHER) {
        const uint32_t left = count - from, part = left < TOGETHER ? left : TOGETHER;
        double cycles[TOGETHER];

        for (uint32_t i = 0; i < part; i++) {
            const double place = (double)(int32_t)(first + from + i) + 0.5;

            hz[from + i] = LEAST_HZ * ps_exp2(octaves * place / (double)points);
            cycles[i] = hz[from + i] / colour->rate_hz;
        }
        colour->row->power(&colour->shape, cycles, power + from, part);
    }
}

/* The level of the chain as it is: the square root of its power over all frequencies. */
static double rms_of(const ps_colour *colour)
{
    const double rate_hz = colour->rate_hz;
    const double step = ps_log2(0.5 * rate_hz / LEAST_HZ) / (double)POINTS * 0.69314718055994531;
    double sum = 0.0;

    for (uint32_t first = 0; first < POINTS; first += TOGETHER) {
        double hz[TOGETHER], power[TOGETHER];

        fill_power(colour, hz, power, first, TOGETHER, POINTS);
        for (uint32_t i = 0; i < TOGETHER; i++)
            sum += power[i] * hz[i] * step;
    }
    return sqrt(sum / (0.5 * rate_hz));
}

ps_status ps_colour_create(ps_colour **out, const ps_colour_plan *plan, const ps_colour_row *row,
                           ps_error *err)
{
    ps_colour *colour = ps_alloc(plan->allocator, 1, sizeof *colour);
    const uint32_t units = (uint32_t)ceil(AHEAD_SEC * plan->rate_hz / 1024.0);

    if (!colour)
        return ps_fail(err, PS_NO_MEMORY, "no memory for noise");
    colour->allocator = plan->allocator;
    colour->row = row;
    colour->rate_hz = plan->rate_hz;
    colour->key = ps_random_key(plan->seed, plan->stream);
    colour->ahead_frames = units * 1024;
    colour->lane_frames = 2 * colour->ahead_frames + LANE_ODD;
    colour->chunk = UINT64_MAX;
    ps_colour_shape_make(&colour->shape, plan);
    colour->shape.gain = plan->rms / rms_of(colour);
    colour->samples = ps_alloc_untouched(
        plan->allocator, colour->ahead_frames + PS_COLOUR_LANES * (size_t)colour->lane_frames,
        sizeof(float));
    if (!colour->samples) {
        ps_colour_destroy(colour);
        return ps_fail(err, PS_NO_MEMORY, "no memory for noise");
    }
    *out = colour;
    return PS_OK;
}

void ps_colour_destroy(ps_colour *colour)
{
    if (!colour)
        return;
    ps_free(colour->allocator, colour->samples);
    ps_free(colour->allocator, colour);
}

/* Frames before 0 have numbers too: counting wraps. */
static void make_chunk(ps_colour *colour, uint64_t chunk)
{
    const uint32_t ahead = colour->ahead_frames, frames = PS_COLOUR_LANES * colour->lane_frames;

    colour->row->normal(colour->samples, colour->key, chunk * frames - ahead, frames + ahead);
    colour->row->run(&colour->shape, colour->samples, ahead, colour->lane_frames);
    colour->chunk = chunk;
}

void ps_colour_read(ps_colour *colour, float *out, uint64_t first, uint32_t frames)
{
    const uint32_t chunk_frames = PS_COLOUR_LANES * colour->lane_frames;

    while (frames > 0) {
        const uint64_t chunk = first / chunk_frames;
        const uint32_t at = (uint32_t)(first - chunk * chunk_frames), left = chunk_frames - at;
        const uint32_t count = frames < left ? frames : left;

        if (chunk != colour->chunk)
            make_chunk(colour, chunk);
        memcpy(out, colour->samples + colour->ahead_frames + at, count * sizeof *out);
        out += count;
        first += count;
        frames -= count;
    }
}

void ps_colour_powers(const ps_colour *colour, double *centre_hz, double *share, uint32_t count)
{
    double sum = 0.0;

    fill_power(colour, centre_hz, share, 0, count, count);
    for (uint32_t i = 0; i < count; i++) {
        share[i] = centre_hz[i] * share[i];
        sum += share[i];
    }
    for (uint32_t i = 0; i < count; i++)
        share[i] /= sum;
}
