/* Signals to measure, and measuring them. */
#ifndef TESTS_LOUDNESS_SUPPORT_H
#define TESTS_LOUDNESS_SUPPORT_H

#include <math.h>

#include "support.h"

#include "base/random.h"
#include "plainsong/level.h"

typedef struct take {
    double rate_hz;
    uint32_t frames, capacity;
    float *left, *right;
} take;

static inline take take_make(double rate_hz, double most_sec)
{
    take t = {rate_hz, 0, (uint32_t)(most_sec * rate_hz + 16.0), NULL, NULL};

    t.left = calloc(2 * (size_t)t.capacity, sizeof *t.left);
    assert_non_null(t.left);
    t.right = t.left + t.capacity;
    return t;
}

static inline void take_free(take *t)
{
    free(t->left);
}

static inline double gain_of_db(double db)
{
    return pow(10.0, db / 20.0);
}

/* Where a part of some length ends. */
static inline uint32_t take_end(const take *t, double sec)
{
    const uint32_t end = t->frames + (uint32_t)(sec * t->rate_hz + 0.5);

    return end < t->capacity ? end : t->capacity;
}

/* Appends a sine of one peak level on both sides. */
static inline void sine(take *t, double sec, double hz, double level_db)
{
    const uint32_t end = take_end(t, sec);
    const double gain = gain_of_db(level_db);

    for (; t->frames < end; t->frames++) {
        const double x = gain * sin(2.0 * acos(-1.0) * hz * t->frames / t->rate_hz);

        t->left[t->frames] = t->right[t->frames] = (float)x;
    }
}

static inline void silence(take *t, double sec)
{
    t->frames = take_end(t, sec);
}

/* Appends white noise, each side its own, the right one quieter by some factor. */
static inline void noise(take *t, double sec, double level_db, double right)
{
    const uint32_t end = take_end(t, sec);
    const double gain = gain_of_db(level_db) * 0x1p-31;

    for (; t->frames < end; t->frames++) {
        const uint64_t bits = ps_random_bits(5, t->frames);

        t->left[t->frames] = (float)(gain * (int32_t)bits);
        t->right[t->frames] = (float)(gain * right * (int32_t)(bits >> 32));
    }
}

static inline ps_meter *meter_make(ps_engine **engine, const char *row, double rate_hz,
                                   uint32_t measures)
{
    const ps_engine_options options = {.kernel_row = row};
    ps_meter *meter = NULL;

    assert_int_equal(ps_engine_create(engine, &options, NULL), PS_OK);
    assert_int_equal(ps_meter_create(&meter, *engine, rate_hz, measures, NULL), PS_OK);
    return meter;
}

/* In blocks of one size; 0: of changing sizes. row NULL: the fastest. */
static inline ps_levels measure_with(const take *t, const char *row, uint32_t measures,
                                     uint32_t block_frames)
{
    ps_engine *engine = NULL;
    ps_meter *meter = meter_make(&engine, row, t->rate_hz, measures);
    ps_levels levels;
    uint32_t size = block_frames, at = 0;

    while (at < t->frames) {
        ps_block block = {t->left + at, t->right + at, 0};

        if (block_frames == 0)
            size = size * 3 % 8191 + 1;
        block.frames = size < t->frames - at ? size : t->frames - at;
        ps_meter_add(meter, block);
        at += block.frames;
    }
    ps_meter_read(meter, &levels);
    ps_meter_destroy(meter);
    ps_engine_destroy(engine);
    return levels;
}

static inline ps_levels measure(const take *t, uint32_t block_frames)
{
    return measure_with(t, NULL, PS_MEASURE_ALL, block_frames);
}

static inline void assert_near(double a, double b, double tolerance)
{
    if (!(fabs(a - b) <= tolerance))
        fail_msg("%.6f is not within %g of %.6f", a, tolerance, b);
}

#endif
