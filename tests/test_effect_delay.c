/* The delay: echoes at their frames with their levels, duller each time, from side to side. */
#include "filter_support.h"

#define PI 3.14159265358979323846

/*
 * By definition, in double, with a delay of whole frames: d[n] = x[n-D] + feedback (low * d)[n-D],
 * y = x + wet d. Ping-pong: the middle goes into the left line, each line into the other.
 */
static void define(const fx_audio *in, double *y[2], uint32_t delay, double feedback, double wet,
                   double tone_hz, bool ping_pong)
{
    const double share = 1.0 - exp(-2.0 * PI * tone_hz / FX_RATE_HZ);
    double *into[2] = {calloc(in->frames, sizeof(double)), calloc(in->frames, sizeof(double))};
    double low[2] = {0.0, 0.0};

    assert_true(into[0] && into[1]);
    for (uint32_t i = 0; i < in->frames; i++) {
        const double x[2] = {(double)in->left[i], (double)in->right[i]};
        double late[2];

        for (int side = 0; side < 2; side++) {
            late[side] = i >= delay ? into[side][i - delay] : 0.0;
            low[side] += share * (late[side] - low[side]);
            y[side][i] = x[side] + wet * late[side];
        }
        into[0][i] = ping_pong ? 0.5 * (x[0] + x[1]) + feedback * low[1] : x[0] + feedback * low[0];
        into[1][i] = ping_pong ? feedback * low[0] : x[1] + feedback * low[1];
    }
    free(into[0]);
    free(into[1]);
}

static void every_sample_is_that_of_the_definition(void **state)
{
    static const struct {
        double ms, feedback, wet, tone_hz;
        bool ping_pong;
    } rows[] = {
        {10.0, 0.5, 0.3, 6000.0, false}, {10.0, 0.95, 1.0, 20000.0, false},
        {2.0, 0.9, 0.5, 200.0, false},   {50.0, 0.0, 0.7, 6000.0, false},
        {10.0, 0.6, 0.8, 3000.0, true},  {30.0, 0.95, 1.0, 20000.0, true},
    };
    const fx_audio in = fx_noise(20000, 0.5f, 31);
    double *y[2] = {calloc(in.frames, sizeof(double)), calloc(in.frames, sizeof(double))};

    (void)state;
    assert_true(y[0] && y[1]);
    for (size_t n = 0; n < sizeof rows / sizeof rows[0]; n++) {
        const double frames = 1e-3 * rows[n].ms * FX_RATE_HZ;
        fx_audio out = fx_copy(&in);
        char text[120];

        /* 2 ms are 88.2 frames: a time of whole ones instead. */
        snprintf(text, sizeof text, "delay:%.17g,%g,%g,%g,%s", 1e3 * floor(frames) / FX_RATE_HZ,
                 rows[n].feedback, rows[n].wet, rows[n].tone_hz, rows[n].ping_pong ? "on" : "off");
        fx_apply(text, &out);
        define(&in, y, (uint32_t)frames, rows[n].feedback, rows[n].wet, rows[n].tone_hz,
               rows[n].ping_pong);
        for (uint32_t i = 0; i < in.frames; i++)
            if (!(fabs((double)out.left[i] - y[0][i]) < 4e-6) ||
                !(fabs((double)out.right[i] - y[1][i]) < 4e-6))
                fail_msg("%s: frame %u: (%.8g, %.8g), not (%.8g, %.8g)", text, i,
                         (double)out.left[i], (double)out.right[i], y[0][i], y[1][i]);
        fx_free(&out);
    }
    free(y[0]);
    free(y[1]);
    fx_free((fx_audio *)&in);
}

static void an_impulse_comes_back_at_exact_frames(void **state)
{
    static const uint32_t delays[] = {441, 4410, 15435}; /* 10, 100, 350 ms */
    static const double levels[] = {0.3, 0.15, 0.075, 0.0375};

    (void)state;
    for (size_t n = 0; n < 3; n++) {
        const uint32_t delay = delays[n], at = 7;
        fx_audio a = fx_impulse(5 * delay + at, at, -0.5f);
        char text[80];

        snprintf(text, sizeof text, "delay:%g,0.5,0.3", 1e3 * delay / FX_RATE_HZ);
        fx_apply(text, &a);
        for (uint32_t i = 0; i < at + delay; i++)
            assert_true(a.left[i] == (i == at ? 1.0f : 0.0f));
        assert_true(a.left[at + delay] == 0.3f && a.right[at + delay] == -0.15f);
        assert_true(a.left[at + delay + 1] == 0.0f);
        for (uint32_t k = 0; k < 4; k++) { /* the low-pass leaves their sum */
            double sum = 0.0;

            for (uint32_t i = 0; i < delay; i++) {
                sum += (double)a.left[at + (k + 1) * delay + i];
                assert_true(i == 0 || k > 0 || a.left[at + delay + i] == 0.0f);
            }
            assert_near(sum, levels[k], 1e-6);
        }
        fx_free(&a);
    }
}

static void each_echo_after_the_first_has_gone_through_the_low_pass(void **state)
{
    static const double tones_hz[] = {200.0, 2000.0, 20000.0};
    const uint32_t delay = 4410;

    (void)state;
    for (size_t n = 0; n < 3; n++) {
        const double a = 1.0 - exp(-2.0 * PI * tones_hz[n] / FX_RATE_HZ);
        fx_audio x = fx_impulse(5 * delay, 0, 0.0f);
        char text[80];

        snprintf(text, sizeof text, "delay:100,0.8,1,%g", tones_hz[n]);
        fx_apply(text, &x);
        for (uint32_t i = 0; i < FX_POINTS; i++) {
            const double hz = point_hz(i), w = 2.0 * PI * hz / FX_RATE_HZ;
            const double low = a / hypot(1.0 - (1.0 - a) * cos(w), (1.0 - a) * sin(w));

            for (uint32_t k = 1; k <= 4; k++) {
                const double wanted = pow(0.8 * low, k - 1.0);
                double re, im;

                dft_at(x.left + k * delay, delay, hz, &re, &im);
                if (!(fabs(hypot(re, im) - wanted) < 1e-5))
                    fail_msg("%s: echo %u at %g Hz: %g, not %g", text, k, hz, hypot(re, im),
                             wanted);
            }
        }
        fx_free(&x);
    }
}

static void ping_pong_begins_on_the_left_and_changes_sides(void **state)
{
    fx_audio a = fx_impulse(6 * 441, 0, 0.5f);

    (void)state;
    fx_apply("delay:10,0.5,0.4,20000,on", &a);
    for (uint32_t k = 1; k < 6; k++) {
        const float *sounds = k % 2 == 1 ? a.left : a.right;
        const float *silent = k % 2 == 1 ? a.right : a.left;
        double sum = 0.0;

        for (uint32_t i = 0; i < 441; i++) {
            sum += (double)sounds[441 * k + i];
            assert_true(fabsf(silent[441 * k + i]) < 1e-12f);
        }
        assert_near(sum, 0.4 * 0.75 * pow(0.5, k - 1.0), 1e-6);
    }
    fx_free(&a);
}

/* The centre of gravity of an echo is its place, to a fraction of a frame. */
static double centre(const float *samples, uint32_t first, uint32_t frames)
{
    double sum = 0.0, moment = 0.0;

    for (uint32_t i = first; i < first + frames; i++) {
        sum += (double)samples[i];
        moment += (double)samples[i] * i;
    }
    return moment / sum;
}

static void a_time_may_lie_between_two_frames(void **state)
{
    static const double frames[] = {441.25, 441.441, 441.9, 100.5};
    const double a = 1.0 - exp(-2.0 * PI * 6000.0 / FX_RATE_HZ);

    (void)state;
    for (size_t n = 0; n < 4; n++) {
        const uint32_t whole = (uint32_t)frames[n];
        fx_audio x = fx_impulse(3 * whole, 0, 0.0f);
        char text[80];

        snprintf(text, sizeof text, "delay:%.17g,0.5,1,6000", 1e3 * frames[n] / FX_RATE_HZ);
        fx_apply(text, &x);
        assert_near(centre(x.left, whole - 10, 20), frames[n], 1e-4);
        /* A one-pole low-pass is late by (1 - a) / a itself. */
        assert_near(centre(x.left, 2 * whole - 10, whole - 10), 2.0 * frames[n] + (1.0 - a) / a,
                    2e-4);
        fx_free(&x);
    }
}

static void a_change_of_time_runs_at_half_or_one_and_a_half_times_the_speed(void **state)
{
    static const double to_ms[] = {50.0, 150.0};

    (void)state;
    for (size_t n = 0; n < 2; n++) {
        const uint32_t at = 6000;
        ps_engine *engine = fx_engine(NULL);
        ps_rack *rack = fx_rack(engine, "delay:100,0,1");
        fx_audio a = fx_ramp(16000, true, true);

        assert_int_equal(ps_rack_set(rack, 0, 0, to_ms[n], at), PS_OK);
        fx_run(rack, &a, 0);
        for (uint32_t i = 5000; i < a.frames; i++) {
            const double gone = i < at ? 0.0 : 2205.0 * fmin(1.0, (i - at + 1.0) / 4411.0);
            const double delay = 4410.0 + (n == 0 ? -gone : gone);

            /* A ramp and its echo: 2 i - delay. */
            if (!(fabs(2.0 * i - (double)a.left[i] - delay) < 0.02))
                fail_msg("frame %u: %g frames late, not %g", i, 2.0 * i - (double)a.left[i], delay);
        }
        ps_rack_destroy(rack);
        ps_engine_destroy(engine);
        fx_free(&a);
    }
}

static void without_wet_it_leaves_every_bit(void **state)
{
    (void)state;
    fx_leaves("delay:20,0.9,0");
    fx_leaves("delay:20,0.9,0,pingpong=on");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_sample_is_that_of_the_definition),
        cmocka_unit_test(an_impulse_comes_back_at_exact_frames),
        cmocka_unit_test(each_echo_after_the_first_has_gone_through_the_low_pass),
        cmocka_unit_test(ping_pong_begins_on_the_left_and_changes_sides),
        cmocka_unit_test(a_time_may_lie_between_two_frames),
        cmocka_unit_test(a_change_of_time_runs_at_half_or_one_and_a_half_times_the_speed),
        cmocka_unit_test(without_wet_it_leaves_every_bit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
