/*
 * The conditions a meter must meet: the signals of EBU Tech 3341 (2023), table 1, and Tech 3342,
 * table 1, by their descriptions. Not here: 3341-6 (five channels), 3341-7, 3341-8, 3342-5, 3342-6
 * (recordings).
 */
#include "loudness_support.h"

#define RATE_HZ 48000.0

/* A kilohertz, by one period of it. */
static void tone(take *t, double sec, double level_db)
{
    const uint32_t end = take_end(t, sec);
    float period[48];

    for (uint32_t i = 0; i < 48; i++)
        period[i] = (float)(gain_of_db(level_db) * sin(2.0 * acos(-1.0) * i / 48.0));
    for (; t->frames < end; t->frames++)
        t->left[t->frames] = t->right[t->frames] = period[t->frames % 48];
}

static ps_levels loudness_of(take *t)
{
    const ps_levels levels = measure_with(t, NULL, PS_MEASURE_LOUDNESS, 4096);

    take_free(t);
    return levels;
}

/* ---- Loudness ------------------------------------------------------------------------------- */

static void cases_1_and_2_read_their_level_on_all_scales(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 2; i++) {
        const double level_db = i == 0 ? -23.0 : -33.0;
        take t = take_make(RATE_HZ, 20.0);
        ps_levels levels;

        tone(&t, 20.0, level_db);
        levels = loudness_of(&t);
        assert_near(levels.integrated_lufs, level_db, 0.1);
        assert_near(levels.max_momentary_lufs, level_db, 0.1);
        assert_near(levels.max_short_term_lufs, level_db, 0.1);
        assert_near(levels.loudness_range_lu, 0.0, 0.1);
    }
}

static void cases_3_to_5_pass_the_gates(void **state)
{
    static const struct {
        double sec, level_db;
    } parts[3][5] = {
        {{10, -36}, {60, -23}, {10, -36}},
        {{10, -72}, {10, -36}, {60, -23}, {10, -36}, {10, -72}},
        {{20, -26}, {20.1, -20}, {20, -26}},
    };

    (void)state;
    for (uint32_t i = 0; i < 3; i++) {
        take t = take_make(RATE_HZ, 101.0);

        for (uint32_t k = 0; k < 5; k++)
            tone(&t, parts[i][k].sec, parts[i][k].level_db);
        assert_near(loudness_of(&t).integrated_lufs, -23.0, 0.1);
    }
}

/* Adds all of it; from `first_sec` on, one of the two scales must stay at -23. */
static void assert_constant(const take *t, double first_sec, bool short_term)
{
    ps_engine *engine = NULL;
    ps_meter *meter = meter_make(&engine, NULL, RATE_HZ, PS_MEASURE_LOUDNESS);

    for (uint32_t at = 0; at + 240 <= t->frames; at += 240) { /* every 5 ms */
        ps_loudness_now now;

        ps_meter_add(meter, (ps_block){t->left + at, t->right + at, 240});
        ps_meter_now(meter, &now);
        if (at + 240 >= (uint32_t)(first_sec * RATE_HZ))
            assert_near(short_term ? now.short_term_lufs : now.momentary_lufs, -23.0, 0.1);
    }
    ps_meter_destroy(meter);
    ps_engine_destroy(engine);
}

static void cases_9_and_12_read_a_constant(void **state)
{
    take slow = take_make(RATE_HZ, 15.0), fast = take_make(RATE_HZ, 10.0);

    (void)state;
    for (uint32_t i = 0; i < 5; i++) {
        tone(&slow, 1.34, -20.0);
        tone(&slow, 1.66, -30.0);
    }
    assert_constant(&slow, 3.0, true);
    for (uint32_t i = 0; i < 25; i++) {
        tone(&fast, 0.18, -20.0);
        tone(&fast, 0.22, -30.0);
    }
    assert_constant(&fast, 1.0, false);
    take_free(&slow);
    take_free(&fast);
}

static void cases_10_and_13_find_the_loudest_stretch_of_a_file(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < 20; i++) {
        take slow = take_make(RATE_HZ, 7.0), fast = take_make(RATE_HZ, 2.0);

        silence(&slow, 0.15 * i);
        tone(&slow, 3.0, -23.0);
        silence(&slow, 1.0);
        assert_near(loudness_of(&slow).max_short_term_lufs, -23.0, 0.1);
        silence(&fast, 0.02 * i);
        tone(&fast, 0.4, -23.0);
        silence(&fast, 1.0);
        assert_near(loudness_of(&fast).max_momentary_lufs, -23.0, 0.1);
    }
}

/* Twenty tones of which each is 1 dB louder, each a little later in its period. */
static void assert_stairs(double tone_sec, double later_sec, bool short_term)
{
    ps_engine *engine = NULL;
    ps_meter *meter = meter_make(&engine, NULL, RATE_HZ, PS_MEASURE_LOUDNESS);

    for (uint32_t i = 0; i < 20; i++) {
        take t = take_make(RATE_HZ, 2.0 * tone_sec);
        ps_levels levels;

        silence(&t, later_sec * i);
        tone(&t, tone_sec, -38.0 + i);
        silence(&t, tone_sec - later_sec * i);
        ps_meter_add(meter, (ps_block){t.left, t.right, t.frames});
        ps_meter_read(meter, &levels);
        assert_near(short_term ? levels.max_short_term_lufs : levels.max_momentary_lufs, -38.0 + i,
                    0.1);
        take_free(&t);
    }
    ps_meter_destroy(meter);
    ps_engine_destroy(engine);
}

static void cases_11_and_14_follow_rising_tones(void **state)
{
    (void)state;
    assert_stairs(3.0, 0.15, true);
    assert_stairs(0.4, 0.02, false);
}

/* ---- True peak ------------------------------------------------------------------------------ */

static double true_peak_db(const take *t)
{
    return 20.0 * log10(measure_with(t, NULL, PS_MEASURE_TRUE_PEAK, 4096).true_peak);
}

static void assert_true_peak(const take *t, double expected_db)
{
    const double db = true_peak_db(t);

    if (!(db <= expected_db + 0.2 && db >= expected_db - 0.4))
        fail_msg("true peak %.3f dB instead of %.1f", db, expected_db);
}

/* The 10 ms of fades keep the beginning and the end from swinging higher than the tone. */
static void cases_15_to_19_read_peaks_between_samples(void **state)
{
    static const struct {
        double divisor, amplitude, phase_deg, expected_db;
    } cases[5] = {
        {4, 0.50, 0.0, -6.0},  {4, 0.50, 45.0, -6.0}, {6, 0.50, 60.0, -6.0},
        {8, 0.50, 67.5, -6.0}, {4, 1.41, 45.0, 3.0},
    };

    (void)state;
    for (uint32_t i = 0; i < 5; i++) {
        take t = take_make(RATE_HZ, 1.0);

        for (; t.frames < 48000; t.frames++) {
            const double turns = t.frames / cases[i].divisor + cases[i].phase_deg / 360.0;
            const double in = fmin(1.0, t.frames / 480.0);
            const double out = fmin(1.0, (48000 - t.frames) / 480.0);
            const double x = cases[i].amplitude * sin(2.0 * acos(-1.0) * turns);

            t.left[t.frames] = t.right[t.frames] = (float)(in * out * x);
        }
        assert_true_peak(&t, cases[i].expected_db);
        take_free(&t);
    }
}

#define HIGH_FRAMES 4800 /* at four times the rate */
#define LOW_PASS    240  /* taps on either side */

/* A sine of fs/6 at 0.5; in the middle, in phase, one period of fs/4 at 1. fs is a quarter of the
   rate here. */
static void make_burst(double out[HIGH_FRAMES])
{
    const int middle = HIGH_FRAMES / 2 / 24 * 24;

    for (int i = 0; i < HIGH_FRAMES; i++) {
        const double fade = fmin(1.0, fmin(i, HIGH_FRAMES - i) / 480.0);

        if (i < middle)
            out[i] = fade * 0.5 * sin(2.0 * acos(-1.0) * i / 24.0);
        else if (i < middle + 16)
            out[i] = sin(2.0 * acos(-1.0) * (i - middle) / 16.0);
        else
            out[i] = fade * 0.5 * sin(2.0 * acos(-1.0) * (i - middle - 16) / 24.0);
    }
}

/* To 22.5 kHz, with Blackman's window. */
static void low_pass(double out[HIGH_FRAMES], const double in[HIGH_FRAMES])
{
    const double pi = acos(-1.0), edge = 22500.0 / (4.0 * RATE_HZ);

    for (int i = 0; i < HIGH_FRAMES; i++) {
        out[i] = 0.0;
        for (int k = -LOW_PASS; k <= LOW_PASS; k++) {
            const double at = (double)k / (LOW_PASS + 1);
            const double window = 0.42 + 0.5 * cos(pi * at) + 0.08 * cos(2.0 * pi * at);
            const double tap = k == 0 ? 2.0 * edge : sin(2.0 * pi * edge * k) / (pi * k);

            if (i + k >= 0 && i + k < HIGH_FRAMES)
                out[i] += window * tap * in[i + k];
        }
    }
}

static void cases_20_to_23_read_a_burst_wherever_it_is_sampled(void **state)
{
    static double burst[HIGH_FRAMES], band_limited[HIGH_FRAMES];
    double peak = 0.0;

    (void)state;
    make_burst(burst);
    low_pass(band_limited, burst);
    for (uint32_t i = 0; i < HIGH_FRAMES; i++)
        peak = fmax(peak, fabs(band_limited[i]));
    for (uint32_t offset = 0; offset < 4; offset++) {
        take t = take_make(RATE_HZ, 0.1);

        for (uint32_t i = offset; i < HIGH_FRAMES; i += 4) {
            t.left[t.frames] = t.right[t.frames] = (float)band_limited[i];
            t.frames++;
        }
        assert_true_peak(&t, 0.0);
        /* Sampled at the same points as the burst itself it must read the same. */
        assert_near(true_peak_db(&t), 20.0 * log10(peak), 0.01);
        take_free(&t);
    }
}

/* ---- Range ---------------------------------------------------------------------------------- */

static void the_conditions_of_tech_3342_are_met(void **state)
{
    static const struct {
        double levels_db[5];
        uint32_t count;
        double expected_lu;
    } cases[4] = {
        {{-20, -30}, 2, 10},
        {{-20, -15}, 2, 5},
        {{-40, -20}, 2, 20},
        {{-50, -35, -20, -35, -50}, 5, 15},
    };

    (void)state;
    for (uint32_t i = 0; i < 4; i++) {
        for (uint32_t times = 1; times <= 2; times++) { /* repeated, it must read the same */
            take t = take_make(RATE_HZ, 201.0);

            for (uint32_t k = 0; k < times * cases[i].count; k++)
                tone(&t, 20.0, cases[i].levels_db[k % cases[i].count]);
            assert_near(loudness_of(&t).loudness_range_lu, cases[i].expected_lu, 1.0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cases_1_and_2_read_their_level_on_all_scales),
        cmocka_unit_test(cases_3_to_5_pass_the_gates),
        cmocka_unit_test(cases_9_and_12_read_a_constant),
        cmocka_unit_test(cases_10_and_13_find_the_loudest_stretch_of_a_file),
        cmocka_unit_test(cases_11_and_14_follow_rising_tones),
        cmocka_unit_test(cases_15_to_19_read_peaks_between_samples),
        cmocka_unit_test(cases_20_to_23_read_a_burst_wherever_it_is_sampled),
        cmocka_unit_test(the_conditions_of_tech_3342_are_met),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
