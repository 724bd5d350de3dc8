/*
 * S. Christian Collins's filter NRPN test: sweeps and steps of the AWE32's cutoff and resonance
 * NRPNs, and the same by modulators; white noise throughout. Values are those of its documentation.
 */
#include "play.h"

static play_take take;

static void expect(const char *what, double measured, double wanted, double tolerance)
{
    if (!(fabs(measured - wanted) <= tolerance))
        fail_msg("%s: measured %.3f, expected %.3f +- %.3f", what, measured, wanted, tolerance);
}

/* Power in a third of an octave. */
static double band_db(double from_sec, double to_sec, double hz)
{
    double power = 0.0;

    for (int k = -6; k <= 6; k++) {
        const double at = hz * pow(2.0, k / 36.0);

        power += at * pow(10.0, tone_db(take.left, take.frames, from_sec, to_sec, at) / 10.0);
    }
    return 10.0 * log10(power);
}

/* Where the resonance stands: the loudest third of an octave per hertz. */
static double peak_hz(double from_sec, double to_sec)
{
    double best = -999.0, at = 0.0;

    for (double hz = 70.0; hz < 12000.0; hz *= pow(2.0, 1.0 / 12.0)) {
        const double db = band_db(from_sec, to_sec, hz) - 10.0 * log10(hz);

        if (db > best) {
            best = db;
            at = hz;
        }
    }
    return at;
}

static void cutoff_steps_stand_where_the_audigy_has_them(void **state)
{
    static const double wanted_hz[] = {157, 237, 371, 581, 910, 1377, 2156, 3376, 5108, 8000};

    (void)state;
    for (int i = 0; i < 10; i++) {
        const double at = 13.75 + 1.5 * i;

        expect("NRPN", 1200.0 * log2(peak_hz(at + 0.1, at + 0.9) / wanted_hz[i]), 0.0, 180.0);
        expect("modulator", 1200.0 * log2(peak_hz(at + 17.1, at + 17.9) / wanted_hz[i]), 0.0,
               180.0);
    }
}

/* The noise starts with the note, so NRPN and modulator give the same samples, nearly. */
static void expect_alike(double from_sec, double other_sec, double seconds, double tolerance)
{
    for (double t = 0.05; t + 0.1 < seconds; t += 0.1)
        expect("level of NRPN against modulator",
               take_db(&take, other_sec + t, other_sec + t + 0.1) -
                   take_db(&take, from_sec + t, from_sec + t + 0.1),
               0.0, tolerance);
}

static void nrpns_sound_like_the_modulators_that_emulate_them(void **state)
{
    (void)state;
    expect_alike(0.25, 6.25, 4.7, 0.5);
    expect_alike(12.25, 29.25, 16.4, 0.5);
    for (int i = 0; i < 11; i++)
        expect_alike(46.25 + 3.0 * i, 80.25 + 3.0 * i, 2.4, 0.5);
}

static void resonance_rises_note_by_note(void **state)
{
    static const double q_db[] = {0.0,   2.03,  3.91,  5.94,  7.97, 10.0,
                                  11.88, 13.91, 15.94, 17.81, 19.84};
    double first = 0.0;

    (void)state;
    for (int i = 0; i < 11; i++) {
        /* Low frequencies early in the sweep's top: DC gain falls by half of Q. */
        const double at = 46.25 + 3.0 * i;
        const double low = band_db(at + 1.1, at + 1.4, 300.0);

        if (i == 0)
            first = low;
        expect("bass", low - first, -q_db[i] / 2.0, 2.5);
    }
}

static int render(void **state)
{
    ps_performance_options options = play_options();

    (void)state;
    options.synth.gain = 0.25;
    take = play_files("data/spec-test/filter_NRPN_test.mid", "data/spec-test/filter_NRPN_test.sf2",
                      &options);
    return 0;
}

static int forget(void **state)
{
    (void)state;
    play_free(&take);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cutoff_steps_stand_where_the_audigy_has_them),
        cmocka_unit_test(nrpns_sound_like_the_modulators_that_emulate_them),
        cmocka_unit_test(resonance_rises_note_by_note),
    };

    return cmocka_run_group_tests(tests, render, forget);
}
