#include "support.h"

#include <math.h>

#include "colour_support.h"
#include "dsp/colour.h"
#include "plainsong/engine.h"

#define RATE    44100.0
#define SECONDS 30u
#define FRAMES  (SECONDS * 44100u)

typedef struct row {
    const char *name;
    double db[BANDS], slope;
} row;

/* Measured from the old renderer: raw noise. */
static const row raw_rows[] = {
    {"white", {-14.91, -12.08, -8.98, -5.99, -2.96, 0, 3.04, 6.05, 9.06, 11.83}, 0.00},
    {"pink", {0.81, 0.56, 0.62, 0.51, 0.30, 0, -0.44, -1.19, -2.40, -3.62}, -3.43},
    {"brown", {15.09, 11.85, 9.09, 6.06, 3.07, 0, -2.95, -5.87, -8.52, -10.13}, -5.98},
    {"deep brown", {30.12, 23.83, 18.15, 12.10, 6.08, 0, -5.97, -12.00, -18.02, -24.13}, -9.03},
    {"blue", {-29.90, -24.05, -18.02, -12.02, -5.97, 0, 6.05, 12.07, 18.09, 23.79}, 3.01},
    {"purple", {-44.89, -36.02, -27.05, -18.06, -8.98, 0, 9.06, 18.09, 27.11, 35.74}, 6.02},
    {"green", {-35.26, -10.32, 1.99, 3.01, 3.02, 0, -18.89, -44.47, -70.73, -103.69}, NAN},
};

/* Behind the low-pass and the high-pass. */
static const row shaped_rows[] = {
    {"white", {-28.19, -14.58, -9.16, -5.94, -2.91, 0, 2.84, 5.04, 4.97, -2.69}, -0.29},
    {"pink", {-13.30, -2.30, 0.39, 0.55, 0.35, 0, -0.63, -2.10, -6.05, -17.05}, -3.72},
    {"red", {0.04, 8.64, 8.82, 6.10, 3.11, 0, -3.12, -6.75, -12.09, -23.64}, -6.28},
    {"Deep Brown", {14.04, 20.22, 17.82, 12.12, 6.12, 0, -6.14, -12.81, -21.28, -36.21}, -9.33},
    {"blue", {-42.46, -26.25, -18.16, -11.97, -5.91, 0, 5.83, 10.98, 13.68, 8.25}, 2.72},
    {"purple", {-56.78, -37.97, -27.16, -18.00, -8.92, 0, 8.82, 16.93, 22.40, 19.08}, 5.73},
    {"GREEN", {-45.35, -11.59, 1.81, 3.04, 3.05, 0, -18.99, -45.03, -73.04, -112.54}, NAN},
};

#define COLOURS (sizeof shaped_rows / sizeof shaped_rows[0])

static ps_colour_plan plan_of(const char *name, uint64_t seed)
{
    ps_colour_plan plan = {.rate_hz = RATE, .rms = 0.2, .seed = seed};

    assert_true(ps_colour_find(&plan.kind, name));
    return plan;
}

static ps_colour *make(const ps_colour_plan *plan, const ps_colour_row *loops)
{
    ps_colour *colour;

    assert_int_equal(ps_colour_create(&colour, plan, loops, NULL), PS_OK);
    return colour;
}

static double rms_of(const float *x, size_t frames)
{
    double sum = 0.0;

    for (size_t i = 0; i < frames; i++)
        sum += (double)x[i] * (double)x[i];
    return sqrt(sum / (double)frames);
}

static void check_row(const row *right, const float *x)
{
    static double power[WINDOW / 2 + 1];
    double db[BANDS];

    welch(power, x, FRAMES);
    octaves(db, power, RATE);
    for (uint32_t b = 0; b < BANDS; b++)
        if (fabs(db[b] - right->db[b]) >= (b < 2 ? 0.8 : 0.3))
            fail_msg("%s at %g Hz: %g dB instead of %g", right->name, band_hz[b], db[b],
                     right->db[b]);
    if (!isnan(right->slope) && fabs(slope(power, RATE) - right->slope) >= 0.05)
        fail_msg("%s: slope %g instead of %g", right->name, slope(power, RATE), right->slope);
}

static void raw_noise_has_the_measured_spectra(void **state)
{
    float *x = malloc(FRAMES * sizeof *x);

    (void)state;
    for (size_t i = 0; i < COLOURS; i++) {
        const ps_colour_plan plan = plan_of(raw_rows[i].name, 5 + i);

        assert_int_equal(ps_colour_whole(x, FRAMES, &plan, ps_colour_row_find("c"), NULL), PS_OK);
        check_row(&raw_rows[i], x);
    }
    free(x);
}

static void whole_clips_have_the_measured_spectra(void **state)
{
    /* dBFS; the spread between runs, three times. */
    static const double level_db[COLOURS] = {-14.8, -14.0, -13.7, -13.4, -15.8, -17.1, -13.8};
    static const double spread_db[COLOURS] = {2.1, 1.5, 0.8, 0.9, 3.9, 5.4, 1.5};
    float *x = malloc(FRAMES * sizeof *x);

    (void)state;
    for (size_t i = 0; i < COLOURS; i++) {
        const ps_colour_plan plan = plan_of(shaped_rows[i].name, 50 + i);
        double rms, peak = 0.0;

        assert_int_equal(ps_colour_whole(x, FRAMES, &plan, ps_colour_row_find("c"), NULL), PS_OK);
        assert_int_equal(ps_colour_condition(x, FRAMES, &plan, &rms, NULL), PS_OK);
        check_row(&shaped_rows[i], x);
        for (size_t n = 0; n < FRAMES; n++)
            peak = fmax(peak, fabs((double)x[n]));
        assert_true(fabs(peak - 0.8) < 2e-4);
        assert_true(fabs(rms / rms_of(x, FRAMES) - 1.0) < 1e-6);
        /* The table's levels are behind step 7, where the peak is 0.95. */
        assert_true(fabs(20.0 * log10(rms * 0.95 / 0.8) - level_db[i]) < spread_db[i]);
    }
    free(x);
}

static void streams_have_the_measured_spectra_and_the_level_asked_for(void **state)
{
    float *x = malloc(FRAMES * sizeof *x);

    (void)state;
    for (uint32_t r = 0; ps_kernel_row_name(r); r++) {
        for (size_t i = 0; i < COLOURS; i++) {
            const ps_colour_plan plan = plan_of(shaped_rows[i].name, 500 + 7 * i + r);
            ps_colour *colour = make(&plan, ps_colour_row_find(ps_kernel_row_name(r)));

            ps_colour_read(colour, x, 0, FRAMES);
            check_row(&shaped_rows[i], x);
            assert_true(fabs(20.0 * log10(rms_of(x, FRAMES) / 0.2)) < 0.2);
            ps_colour_destroy(colour);
        }
    }
    free(x);
}

static void levels_hold_at_every_rate(void **state)
{
    static const double rates_hz[] = {8000.0, 22050.0, 48000.0, 96000.0, 192000.0};
    float *x = malloc(FRAMES * sizeof *x);

    (void)state;
    for (size_t i = 0; i < COLOURS; i++) {
        for (size_t r = 0; r < 5; r++) {
            ps_colour_plan plan = plan_of(shaped_rows[i].name, 9);

            plan.rate_hz = rates_hz[r];
            ps_colour *colour = make(&plan, ps_colour_row_find("c"));
            const uint32_t frames = 6 * (uint32_t)rates_hz[r];
            ps_colour_read(colour, x, 1000, frames);
            assert_true(fabs(20.0 * log10(rms_of(x, frames) / 0.2)) < 0.7);
            ps_colour_destroy(colour);
        }
    }
    free(x);
}

static void any_frame_can_be_read_alone(void **state)
{
    enum { COUNT = 100000 };
    const ps_colour_plan plan = plan_of("pink", 3);
    ps_colour *colour = make(&plan, ps_colour_row_find("c"));
    float *all = malloc(COUNT * sizeof *all), one[64];
    uint32_t seed = 1;

    (void)state;
    ps_colour_read(colour, all, 0, COUNT);
    for (uint32_t i = 0; i < 60; i++) {
        seed = seed * 1664525u + 1013904223u;
        const uint32_t at = (uint32_t)((uint64_t)seed * (COUNT - 64) >> 32);
        ps_colour_read(colour, one, at, 64);
        assert_memory_equal(one, all + at, sizeof one);
    }
    free(all);
    ps_colour_destroy(colour);
}

/* The seams of lanes and chunks: against the same noise by one long recursion in double. */
static void lanes_meet_without_a_step(void **state)
{
    enum { COUNT = 100000, BEFORE = 60000 };
    const ps_colour_plan plan = plan_of("white", 8);
    ps_colour *colour = make(&plan, ps_colour_row_find("c"));
    float *x = malloc((BEFORE + COUNT) * sizeof *x), *y = malloc(COUNT * sizeof *y);
    double *z = calloc(BEFORE + COUNT, sizeof *z);
    const double pi = acos(-1.0), k = tan(pi * 10000.0 / RATE), h = tan(pi * 50.0 / RATE);
    const double d = 1.0 + sqrt(2.0) * h + h * h;
    double worst = 0.0, cross = 0.0, square = 0.0;

    (void)state;
    /* The white noise itself: what whole clips are made of. */
    assert_int_equal(ps_colour_whole(x, BEFORE + COUNT, &plan, ps_colour_row_find("c"), NULL),
                     PS_OK);
    for (uint32_t n = 0; n < BEFORE + COUNT; n++)
        z[n] = (double)x[n];
    for (uint32_t round = 0; round < 2; round++) {
        double x1 = 0.0, x2 = 0.0, y1 = 0.0, y2 = 0.0;

        for (uint32_t n = 0; n < BEFORE + COUNT; n++) {
            const double out = (k * (z[n] + x1) - (k - 1.0) * y1) / (1.0 + k);

            x1 = z[n];
            z[n] = y1 = out;
        }
        x1 = y1 = 0.0;
        for (uint32_t n = 0; n < BEFORE + COUNT; n++) {
            const double out = (z[n] - 2.0 * x1 + x2 - 2.0 * (h * h - 1.0) * y1 -
                                (1.0 - sqrt(2.0) * h + h * h) * y2) /
                               d;

            x2 = x1;
            x1 = z[n];
            y2 = y1;
            z[n] = y1 = out;
        }
    }
    ps_colour_read(colour, y, BEFORE, COUNT);
    for (uint32_t n = 0; n < COUNT; n++) {
        cross += z[BEFORE + n] * (double)y[n];
        square += z[BEFORE + n] * z[BEFORE + n];
    }
    for (uint32_t n = 0; n < COUNT; n++)
        worst = fmax(worst, fabs((double)y[n] - cross / square * z[BEFORE + n]));
    assert_true(worst < 1e-5 * 0.2);
    free(x);
    free(y);
    free(z);
    ps_colour_destroy(colour);
}

static void normal_numbers_are_normal(void **state)
{
    enum { COUNT = 1 << 20 };
    float *x = malloc(COUNT * sizeof *x), part[7];

    (void)state;
    for (uint32_t r = 0; ps_kernel_row_name(r); r++) {
        const ps_colour_row *loops = ps_colour_row_find(ps_kernel_row_name(r));
        double m1 = 0.0, m2 = 0.0, m3 = 0.0, m4 = 0.0, next = 0.0, within = 0.0;

        loops->normal(x, 12345, 0, COUNT);
        for (size_t i = 0; i < COUNT; i++) {
            const double v = (double)x[i];

            m1 += v / COUNT;
            m2 += v * v / COUNT;
            m3 += v * v * v / COUNT;
            m4 += v * v * v * v / COUNT;
            next += i > 0 ? v * (double)x[i - 1] / COUNT : 0.0;
            within += fabs(v) < 1.0 ? 1.0 / COUNT : 0.0;
        }
        assert_true(fabs(m1) < 0.005 && fabs(m2 - 1.0) < 0.01 && fabs(m3) < 0.02);
        assert_true(fabs(m4 - 3.0) < 0.05 && fabs(next) < 0.005 && fabs(within - 0.68269) < 0.003);
        loops->normal(part, 12345, 1000, 7);
        assert_memory_equal(part, x + 1000, sizeof part);
    }
    free(x);
}

static void rows_agree_with_plain_c(void **state)
{
    enum { COUNT = 70000 };
    float *right = malloc(COUNT * sizeof *right), *x = malloc(COUNT * sizeof *x);

    (void)state;
    for (size_t i = 0; i < COLOURS; i++) {
        const ps_notch notches[] = {{1000.0, 20.0, 2}, {60.0, 5.0, 1}};
        ps_colour_plan plan = plan_of(shaped_rows[i].name, 77);

        plan.notches = notches;
        plan.notch_count = 2;
        for (uint32_t r = 0; ps_kernel_row_name(r); r++) {
            ps_colour *colour = make(&plan, ps_colour_row_find(ps_kernel_row_name(r)));

            ps_colour_read(colour, r ? x : right, 0, COUNT);
            for (size_t n = 0; n < COUNT && r; n++)
                if (fabs((double)x[n] - (double)right[n]) >= 5e-5)
                    fail_msg("%s in row %u at %zu: %g", shaped_rows[i].name, r, n,
                             (double)(x[n] - right[n]));
            ps_colour_destroy(colour);
        }
    }
    free(right);
    free(x);
}

static void standing_notches_take_out_their_frequency(void **state)
{
    static double with[WINDOW / 2 + 1], without[WINDOW / 2 + 1];
    const ps_notch notches[] = {{1000.0, 5.0, 1}, {4000.0, 5.0, 3}};
    const uint32_t frames = 10 * 44100;
    float *x = malloc(frames * sizeof *x);
    double rms;

    (void)state;
    for (uint32_t whole = 0; whole < 2; whole++) {
        for (uint32_t n = 0; n < 2; n++) {
            ps_colour_plan plan = plan_of("white", 4);

            plan.notches = notches;
            plan.notch_count = n ? 2 : 0;
            if (whole) {
                assert_int_equal(ps_colour_whole(x, frames, &plan, ps_colour_row_find("c"), NULL),
                                 PS_OK);
                assert_int_equal(ps_colour_condition(x, frames, &plan, &rms, NULL), PS_OK);
            } else {
                ps_colour *colour = make(&plan, ps_colour_row_find("c"));

                ps_colour_read(colour, x, 0, frames);
                ps_colour_destroy(colour);
            }
            welch(n ? with : without, x, frames);
        }
        for (size_t k = 80; k < 14000; k += 7) {
            const double hz = (double)k * RATE / WINDOW;
            const double tangent = tan(acos(-1.0) * hz / RATE);
            double re = 1.0, im = 0.0;

            PS_ROW(ps_notch_respond)(&notches[0], RATE, &tangent, &re, &im, 1);
            PS_ROW(ps_notch_respond)(&notches[1], RATE, &tangent, &re, &im, 1);
            const double right = re * re + im * im;
            /* Twice each, up to the level that was set again. */
            const double got = with[k] / without[k] / (with[8000] / without[8000]);

            if (right > 0.1 && fabs(10.0 * log10(got / (right * right))) >= 0.5)
                fail_msg("%g Hz: %g instead of %g", hz, got, right * right);
        }
    }
    free(x);
}

static void clips_that_cannot_be_shaped_are_refused(void **state)
{
    float x[16] = {0.5f};
    ps_colour_plan plan = plan_of("pink", 1);
    double rms;
    ps_error err;

    (void)state;
    assert_int_equal(ps_colour_condition(x, 9, &plan, &rms, &err), PS_UNSUPPORTED);
    assert_int_equal(ps_colour_condition(x, 10, &plan, &rms, &err), PS_OK);
    plan.rate_hz = 20000.0;
    assert_int_equal(ps_colour_condition(x, 16, &plan, &rms, &err), PS_UNSUPPORTED);
    assert_int_equal(ps_colour_whole(x, UINT64_MAX, &plan, ps_colour_row_find("c"), &err),
                     PS_BAD_ARGUMENT);
    assert_int_equal(ps_colour_whole(x, 0, &plan, ps_colour_row_find("c"), &err), PS_OK);
}

static void names_of_colours_ignore_case(void **state)
{
    ps_colour_kind kind;

    (void)state;
    assert_true(ps_colour_find(&kind, "PINK") && kind == PS_COLOUR_PINK);
    assert_true(ps_colour_find(&kind, "Deep Brown") && kind == PS_COLOUR_DEEP_BROWN);
    assert_true(ps_colour_find(&kind, "red") && kind == PS_COLOUR_BROWN);
    assert_false(ps_colour_find(&kind, "pinkish") || ps_colour_find(&kind, "") ||
                 ps_colour_find(&kind, "pin"));
}

static void failing_memory_is_given_back(void **state)
{
    float x[64];
    ps_status status = PS_NO_MEMORY;

    (void)state;
    for (long allowed = 0; status != PS_OK; allowed++) {
        ps_colour_plan plan = plan_of("green", 2);
        failing_allocator f;
        ps_colour *colour = NULL;
        double rms;

        failing_init(&f, allowed);
        plan.allocator = &f.base;
        status = ps_colour_create(&colour, &plan, ps_colour_row_find("c"), NULL);
        ps_colour_destroy(colour);
        if (status == PS_OK)
            status = ps_colour_whole(x, 64, &plan, ps_colour_row_find("c"), NULL);
        if (status == PS_OK)
            status = ps_colour_condition(x, 64, &plan, &rms, NULL);
        assert_true(status == PS_OK || status == PS_NO_MEMORY);
        assert_int_equal(f.live, 0);
        assert_true(allowed < 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(raw_noise_has_the_measured_spectra),
        cmocka_unit_test(whole_clips_have_the_measured_spectra),
        cmocka_unit_test(streams_have_the_measured_spectra_and_the_level_asked_for),
        cmocka_unit_test(levels_hold_at_every_rate),
        cmocka_unit_test(any_frame_can_be_read_alone),
        cmocka_unit_test(lanes_meet_without_a_step),
        cmocka_unit_test(normal_numbers_are_normal),
        cmocka_unit_test(rows_agree_with_plain_c),
        cmocka_unit_test(standing_notches_take_out_their_frequency),
        cmocka_unit_test(clips_that_cannot_be_shaped_are_refused),
        cmocka_unit_test(names_of_colours_ignore_case),
        cmocka_unit_test(failing_memory_is_given_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
