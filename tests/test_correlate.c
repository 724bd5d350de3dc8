#include "support.h"

#include <math.h>

#include "dsp/correlate.h"

#define PI 3.14159265358979323846

static float noise(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (float)((double)*state / 4294967296.0 - 0.5);
}

/* The definition. */
static int64_t naive_lag(const float *const a[2], const float *const b[2], int64_t frames,
                         int64_t most)
{
    double largest = -HUGE_VAL;
    int64_t lag = 0;

    for (int64_t d = -most; d <= most; d++) {
        double c = 0.0;

        for (int64_t n = d < 0 ? -d : 0; n < frames && n + d < frames; n++)
            c += (double)a[0][n + d] * (double)b[0][n] + (double)a[1][n + d] * (double)b[1][n];
        if (c > largest) {
            largest = c;
            lag = d;
        }
    }
    return lag;
}

typedef struct pair {
    uint32_t frames;
    float *memory;
    const float *a[2], *b[2];
    float *to[4]; /* the same, to write */
} pair;

static pair pair_make(uint32_t frames)
{
    float *m = calloc(4 * (size_t)frames + 1, sizeof *m);
    pair p = {frames,
              m,
              {m, m + frames},
              {m + 2 * (size_t)frames, m + 3 * (size_t)frames},
              {m, m + frames, m + 2 * (size_t)frames, m + 3 * (size_t)frames}};

    assert_non_null(m);
    return p;
}

static int64_t lag_of(const pair *p, uint32_t most)
{
    int64_t lag = INT64_MAX;

    assert_int_equal(ps_correlate_lag(&lag, p->a, p->b, p->frames, most, NULL, NULL, NULL), PS_OK);
    return lag;
}

static void random_stretches_have_the_lag_of_the_definition(void **state)
{
    static const uint32_t frames[] = {1, 2, 3, 7, 64, 255, 1000};
    uint32_t seed = 5;

    (void)state;
    for (size_t i = 0; i < sizeof frames / sizeof frames[0]; i++) {
        for (uint32_t round = 0; round < 8; round++) {
            pair p = pair_make(frames[i]);
            const uint32_t most = round % 2 ? frames[i] - 1 : frames[i] / 5;

            for (size_t n = 0; n < 4 * (size_t)p.frames; n++)
                p.memory[n] = noise(&seed);
            assert_int_equal(lag_of(&p, most), naive_lag(p.a, p.b, p.frames, most));
            free(p.memory);
        }
    }
}

static void an_echo_is_found_at_its_distance(void **state)
{
    static const int32_t distances[] = {-700, -1, 0, 3, 1102};
    uint32_t seed = 9;

    (void)state;
    for (size_t i = 0; i < sizeof distances / sizeof distances[0]; i++) {
        pair p = pair_make(8000);

        for (uint32_t n = 0; n < p.frames; n++) {
            p.to[2][n] = noise(&seed);
            p.to[3][n] = noise(&seed);
        }
        for (int32_t n = 0; n < 8000; n++) {
            const int32_t from = n - distances[i];

            for (uint32_t side = 0; side < 2; side++)
                p.to[side][n] = from >= 0 && from < 8000 ? 0.3f * p.to[2 + side][from] : 0.0f;
        }
        assert_int_equal(lag_of(&p, 1200), distances[i]);
        free(p.memory);
    }
}

/* A half-second crossfade of tones, with the lags the old renderer found. */
static void tones_have_the_known_lags(void **state)
{
    static const struct {
        double hz, phase;
        int64_t lag;
    } rows[] = {{200.0, 2.0, 69}, {210.0, 0.7, -11055}, {200.0, 0.0, 0}};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        pair p = pair_make(22050);

        for (uint32_t n = 0; n < p.frames; n++) {
            const double t = 2.0 * PI * (double)n / 44100.0;

            p.to[0][n] = (float)(0.5 * sin(t * 200.0));
            p.to[1][n] = (float)(0.5 * sin(t * 204.0));
            p.to[2][n] = (float)(0.5 * sin(t * rows[i].hz + rows[i].phase));
            p.to[3][n] = (float)(0.5 * sin(t * (rows[i].hz + 4.0) + rows[i].phase));
        }
        assert_int_equal(lag_of(&p, p.frames - 1), rows[i].lag);
        free(p.memory);
    }
}

static void among_equals_the_most_negative_lag_is_taken(void **state)
{
    pair p = pair_make(1000);

    (void)state;
    assert_int_equal(lag_of(&p, 999), -999); /* silence */
    for (uint32_t n = 0; n < p.frames; n++)  /* c[d] = c[-d], up to rounding */
        p.to[0][n] = (float)sin(2.0 * PI * (double)n * 20.0 / 1000.0),
        p.to[2][n] = (float)sin(2.0 * PI * (double)n * 31.0 / 1000.0);
    assert_true(lag_of(&p, 999) < 0);
    for (uint32_t n = 0; n < p.frames; n++)
        p.to[0][n] = p.to[2][n] = n == 100 || n == 300 ? 1.0f : 0.0f;
    assert_int_equal(lag_of(&p, 999), 0);
    p.to[0][100] = 0.0f; /* two pulses in b, one in a: two equal peaks, 0 and 200 */
    assert_int_equal(lag_of(&p, 999), 0);
    p.to[0][100] = 1.0f;
    p.to[0][300] = 0.0f; /* -200 and 0 */
    assert_int_equal(lag_of(&p, 999), -200);
    free(p.memory);
}

static void nothing_to_compare_has_no_lag(void **state)
{
    pair p = pair_make(0);

    (void)state;
    assert_int_equal(lag_of(&p, 10), 0);
    free(p.memory);
}

static void failing_memory_is_given_back(void **state)
{
    pair p = pair_make(100);
    ps_status status = PS_NO_MEMORY;

    (void)state;
    for (long allowed = 0; status != PS_OK; allowed++) {
        failing_allocator f;
        int64_t lag = 12345;

        failing_init(&f, allowed);
        status = ps_correlate_lag(&lag, p.a, p.b, p.frames, 50, NULL, &f.base, NULL);
        assert_true(status == PS_OK ? lag == -50 : status == PS_NO_MEMORY && lag == 12345);
        assert_int_equal(f.live, 0);
        assert_true(allowed < 10);
    }
    free(p.memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_stretches_have_the_lag_of_the_definition),
        cmocka_unit_test(an_echo_is_found_at_its_distance),
        cmocka_unit_test(tones_have_the_known_lags),
        cmocka_unit_test(among_equals_the_most_negative_lag_is_taken),
        cmocka_unit_test(nothing_to_compare_has_no_lag),
        cmocka_unit_test(failing_memory_is_given_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
