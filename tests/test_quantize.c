#include "plainsong/audio.h"

#include <math.h>

#include "support.h"

#include "base/random.h"

#define MOST 70000u

static float left[MOST], right[MOST];
static uint8_t bytes[8 * MOST], again[8 * MOST];

/* The sample a file reader would see, sign extended. */
static int64_t sample(ps_sample_format format, const uint8_t *from, size_t index)
{
    const uint32_t size = ps_sample_bytes(format);
    uint64_t value = 0;

    for (uint32_t b = 0; b < size; b++)
        value |= (uint64_t)from[index * size + b] << (8 * b);
    return (int64_t)(value << (64 - 8 * size)) >> (64 - 8 * size);
}

static ps_block block_of(uint32_t first, uint32_t frames)
{
    const ps_block block = {left + first, right + first, frames};

    return block;
}

static void fill_with_noise(uint32_t frames)
{
    for (uint32_t i = 0; i < frames; i++) {
        const uint64_t bits = ps_random_bits(3, i);

        left[i] = (float)(int32_t)bits * 0x1p-31f;
        right[i] = (float)(int32_t)(bits >> 32) * 0x1p-30f; /* half of it beyond full scale */
    }
}

static const ps_sample_format ints[] = {PS_SAMPLE_INT16, PS_SAMPLE_INT24, PS_SAMPLE_INT32};
static const double scales[] = {0x1p15, 0x1p23, 0x1p31};

static void samples_have_the_size_their_name_says(void **state)
{
    (void)state;
    assert_int_equal(ps_sample_bytes(PS_SAMPLE_INT16), 2);
    assert_int_equal(ps_sample_bytes(PS_SAMPLE_INT24), 3);
    assert_int_equal(ps_sample_bytes(PS_SAMPLE_INT32), 4);
    assert_int_equal(ps_sample_bytes(PS_SAMPLE_FLOAT32), 4);
}

static double rounded_and_fitted(double x, double scale)
{
    return fmin(fmax(rint(x * scale), -scale), scale - 1.0);
}

static void without_dither_samples_round_to_nearest_even_and_saturate(void **state)
{
    static const float special[] = {0.0f,     -0.0f,    1.0f,        -1.0f,       1.5f,
                                    -1.5f,    1e30f,    -1e30f,      INFINITY,    -INFINITY,
                                    0x1p-16f, 0x3p-16f, -0x1p-16f,   0x1p-24f,    0x3p-24f,
                                    0x1p-32f, 1e-40f,   0.99999994f, -0.9999999f, 0.5f};

    (void)state;
    fill_with_noise(10000);
    memcpy(left + 77, special, sizeof special);
    for (uint32_t f = 0; f < 3; f++) {
        const ps_quantizer q = {ints[f], false, 0};

        ps_quantize(&q, bytes, block_of(0, 10000), 0, 2);
        for (uint32_t i = 0; i < 10000; i++) {
            assert_int_equal(sample(ints[f], bytes, 2 * i),
                             (int64_t)rounded_and_fitted((double)left[i], scales[f]));
            assert_int_equal(sample(ints[f], bytes, 2 * i + 1),
                             (int64_t)rounded_and_fitted((double)right[i], scales[f]));
        }
    }
}

static void the_old_track_renderers_samples_are_cut_off(void **state)
{
    static const float special[] = {0.25f, -0.25f, 1.0f, -1.0f, 2.0f, -2.0f, NAN, INFINITY};
    static const int wanted[] = {8191, -8191, 32767, -32767, 32767, -32768, 0, 32767};
    const ps_quantizer q = {PS_SAMPLE_INT16, true, 0, true};

    (void)state;
    fill_with_noise(10000);
    memcpy(left, special, sizeof special);
    ps_quantize(&q, bytes, block_of(0, 10000), 0, 2);
    for (uint32_t i = 0; i < 8; i++)
        assert_int_equal(sample(PS_SAMPLE_INT16, bytes, 2 * i), wanted[i]);
    for (uint32_t i = 8; i < 10000; i++) {
        const double scaled = trunc((double)(left[i] * 32767.0f));

        assert_int_equal(sample(PS_SAMPLE_INT16, bytes, 2 * i),
                         (int64_t)fmin(fmax(scaled, -32768.0), 32767.0));
    }
}

static void every_16_bit_sample_survives_the_way_to_float_and_back(void **state)
{
    const ps_quantizer q = {PS_SAMPLE_INT16, false, 0};

    (void)state;
    for (int32_t i = 0; i < 65536; i++)
        left[i] = right[i] = (float)(i - 32768) / 32768.0f;
    ps_quantize(&q, bytes, block_of(0, 65536), 0, 2);
    for (int32_t i = 0; i < 65536; i++)
        assert_int_equal(sample(PS_SAMPLE_INT16, bytes, 2 * (size_t)i), i - 32768);
}

static void what_is_not_a_number_becomes_zero(void **state)
{
    (void)state;
    left[0] = NAN;
    right[0] = -NAN;
    for (int format = 0; format < 4; format++) {
        const ps_quantizer q = {(ps_sample_format)format, false, 0};

        for (uint32_t channels = 1; channels <= 2; channels++) {
            memset(bytes, 0xff, 8);
            ps_quantize(&q, bytes, block_of(0, 1), 0, channels);
            assert_int_equal(sample(q.format, bytes, 0), 0);
            assert_int_equal(sample(q.format, bytes, channels - 1), 0);
        }
    }
}

static void floats_go_out_as_they_are_even_with_dither(void **state)
{
    const ps_quantizer q = {PS_SAMPLE_FLOAT32, true, 1};

    (void)state;
    fill_with_noise(1000);
    left[5] = 1e-40f;
    right[5] = INFINITY;
    ps_quantize(&q, bytes, block_of(0, 1000), 0, 2);
    for (uint32_t i = 0; i < 1000; i++) {
        float l, r;

        memcpy(&l, bytes + 8 * i, 4);
        memcpy(&r, bytes + 8 * i + 4, 4);
        assert_true(l == left[i] && r == right[i]);
    }
}

static void one_channel_is_the_mean_of_both(void **state)
{
    (void)state;
    fill_with_noise(1000);
    for (uint32_t f = 0; f < 3; f++) {
        const ps_quantizer q = {ints[f], false, 0};

        ps_quantize(&q, bytes, block_of(0, 1000), 0, 1);
        for (uint32_t i = 0; i < 1000; i++) {
            const float mean = (float)(0.5 * ((double)left[i] + (double)right[i]));

            assert_int_equal(sample(ints[f], bytes, i),
                             (int64_t)rounded_and_fitted((double)mean, scales[f]));
        }
    }
}

static void the_size_of_blocks_is_not_audible(void **state)
{
    (void)state;
    fill_with_noise(20000);
    for (int format = 0; format < 4; format++) {
        for (uint32_t channels = 1; channels <= 2; channels++) {
            const ps_quantizer q = {(ps_sample_format)format, true, 42};
            const uint32_t frame_bytes = channels * ps_sample_bytes(q.format);
            uint32_t size = 1;

            ps_quantize(&q, bytes, block_of(0, 20000), 1000, channels);
            for (uint32_t at = 0; at < 20000; size = size * 5 % 1021 + 1) {
                const uint32_t frames = size < 20000 - at ? size : 20000 - at;

                ps_quantize(&q, again + at * frame_bytes, block_of(at, frames), 1000 + at,
                            channels);
                at += frames;
            }
            assert_memory_equal(bytes, again, 20000 * frame_bytes);
        }
    }
}

/* Error of dithered samples of one value, in units of the last place. */
typedef struct errors {
    double mean, variance, most;
    double next;     /* correlation with the next frame's */
    double sideways; /* of left with right */
} errors;

static errors errors_of(float value, ps_sample_format format, uint64_t seed)
{
    const ps_quantizer q = {format, true, seed};
    const double scale = scales[format];
    static double l[MOST], r[MOST];
    errors e = {0.0, 0.0, 0.0, 0.0, 0.0};

    for (uint32_t i = 0; i < MOST; i++)
        left[i] = right[i] = value;
    ps_quantize(&q, bytes, block_of(0, MOST), UINT64_C(1) << 40, 2);
    for (uint32_t i = 0; i < MOST; i++) {
        l[i] = (double)sample(format, bytes, 2 * i) - (double)value * scale;
        r[i] = (double)sample(format, bytes, 2 * i + 1) - (double)value * scale;
        e.mean += l[i] / MOST;
        e.variance += l[i] * l[i] / MOST;
        e.most = fmax(e.most, fabs(l[i]));
        e.next += i > 0 ? l[i] * l[i - 1] / MOST : 0.0;
        e.sideways += l[i] * r[i] / MOST;
    }
    e.next /= e.variance;
    e.sideways /= e.variance;
    return e;
}

static void the_error_of_dithered_samples_does_not_depend_on_the_signal(void **state)
{
    static const double places[] = {0.0, 0.25, 0.5, 0.1, -0.37, 1000.5, -20000.3};

    (void)state;
    for (uint32_t f = 0; f < 2; f++) {
        for (uint32_t i = 0; i < 7; i++) {
            const errors e = errors_of((float)(places[i] / scales[f]), ints[f], i);

            /* Triangular dither: 1/6, rounding: 1/12. Four deviations of each estimate. */
            assert_true(fabs(e.mean) < 4.0 * sqrt(0.25 / MOST) + 0.001);
            assert_true(fabs(e.variance - 0.25) < 0.005);
            assert_true(e.most < 1.502);
            assert_true(fabs(e.next) < 4.0 / sqrt(MOST));
            assert_true(fabs(e.sideways) < 4.0 / sqrt(MOST));
        }
    }
}

/* Noise of a deviation has a periodogram that is level on average, in every part of the range. */
static void the_error_of_dithered_samples_is_white(void **state)
{
    const ps_quantizer q = {PS_SAMPLE_INT16, true, 9};
    enum { BANDS = 16, PER_BAND = 24, LENGTH = 8192 };

    (void)state;
    for (uint32_t i = 0; i < LENGTH; i++)
        left[i] = right[i] = 0.3f / 32768.0f;
    ps_quantize(&q, bytes, block_of(0, LENGTH), 0, 2);
    for (uint32_t band = 0; band < BANDS; band++) {
        double power = 0.0;

        for (uint32_t k = 0; k < PER_BAND; k++) {
            const double w = acos(-1.0) * (band * PER_BAND + k + 0.5) / (BANDS * PER_BAND);
            double re = 0.0, im = 0.0;

            for (uint32_t i = 0; i < LENGTH; i++) {
                const double e = (double)sample(PS_SAMPLE_INT16, bytes, 2 * i) - 0.3;

                re += e * cos(w * i);
                im += e * sin(w * i);
            }
            power += (re * re + im * im) / LENGTH / PER_BAND;
        }
        /* Mean 1/4; the deviation of the mean of 24 exponential values is a fifth of that. */
        assert_true(power > 0.25 * (1.0 - 4.0 / sqrt(PER_BAND)) &&
                    power < 0.25 * (1.0 + 4.0 / sqrt(PER_BAND)));
    }
}

static void seeds_give_different_dither_and_the_same_seed_the_same(void **state)
{
    ps_quantizer q = {PS_SAMPLE_INT16, true, 1};

    (void)state;
    memset(left, 0, sizeof left);
    memset(right, 0, sizeof right);
    ps_quantize(&q, bytes, block_of(0, 1000), 0, 2);
    ps_quantize(&q, again, block_of(0, 1000), 0, 2);
    assert_memory_equal(bytes, again, 4000);
    q.seed = 2;
    ps_quantize(&q, again, block_of(0, 1000), 0, 2);
    assert_memory_not_equal(bytes, again, 4000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(samples_have_the_size_their_name_says),
        cmocka_unit_test(without_dither_samples_round_to_nearest_even_and_saturate),
        cmocka_unit_test(the_old_track_renderers_samples_are_cut_off),
        cmocka_unit_test(every_16_bit_sample_survives_the_way_to_float_and_back),
        cmocka_unit_test(what_is_not_a_number_becomes_zero),
        cmocka_unit_test(floats_go_out_as_they_are_even_with_dither),
        cmocka_unit_test(one_channel_is_the_mean_of_both),
        cmocka_unit_test(the_size_of_blocks_is_not_audible),
        cmocka_unit_test(the_error_of_dithered_samples_does_not_depend_on_the_signal),
        cmocka_unit_test(the_error_of_dithered_samples_is_white),
        cmocka_unit_test(seeds_give_different_dither_and_the_same_seed_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
