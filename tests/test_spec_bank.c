/*
 * S. Christian Collins's SoundFont Spec Test: each of its sections measured in our render. Times
 * are those of the notes in sf_spec_test.mid; what must be heard is what its documentation says,
 * where a number can be given. Sections 16 and 19 are for the ear (a spoken word, a grain): sample
 * offsets and interpolation have tests of their own.
 */
#include "play.h"

static play_take dry;

static play_take play_spec(double reverb_gain, double chorus_gain)
{
    ps_performance_options options = play_options();

    options.synth.gain = 0.25; /* so that nothing is near full scale */
    options.synth.reverb_gain = reverb_gain;
    options.synth.chorus_gain = chorus_gain;
    return play_files("data/spec-test/sf_spec_test.mid", "data/spec-test/sf_spec_test.sf2",
                      &options);
}

static void expect(const char *what, double measured, double wanted, double tolerance)
{
    if (!(fabs(measured - wanted) <= tolerance))
        fail_msg("%s: measured %.3f, expected %.3f +- %.3f", what, measured, wanted, tolerance);
}

static double level(double from_sec, double to_sec)
{
    return take_db(&dry, from_sec, to_sec);
}

/* The level of a short note that starts at a time. */
static double note_level(double at_sec)
{
    return level(at_sec + 0.1, at_sec + 0.35);
}

static double pitch(double from_sec, double to_sec)
{
    return take_hz(&dry, from_sec, to_sec);
}

static void section_1_volume_envelope(void **state)
{
    const double peak = level(3.6, 4.4);

    (void)state;
    assert_true(level(2.2, 2.45) < peak - 90.0); /* delay */
    expect("attack at 0.25 s", level(2.745, 2.755) - peak, 20.0 * log10(0.25), 0.3);
    expect("attack at 0.5 s", level(2.995, 3.005) - peak, 20.0 * log10(0.5), 0.2);
    expect("hold", level(4.4, 4.49) - peak, 0.0, 0.05);
    expect("decay: 100 dB a second", level(4.558, 4.562) - peak, -6.0, 0.5);
    expect("sustain", level(5.0, 6.4) - peak, -12.0, 0.1);
    expect("release: 100 dB a second", level(6.748, 6.752) - peak, -12.0 - 25.0, 0.5);
}

static void section_2_modulation_envelope(void **state)
{
    const double base = pitch(10.05, 10.45), top = pitch(11.6, 12.4);
    const double depth = cents_between(top, base);

    (void)state;
    assert_true(depth > 100.0);
    expect("attack at 0.5 s is convex", cents_between(pitch(10.98, 11.02), base) / depth,
           1.0 + 40.0 / 96.0 * log10(0.5), 0.02);
    expect("decay at 0.25 s", cents_between(pitch(12.73, 12.77), base) / depth, 0.75, 0.02);
    expect("sustain", cents_between(pitch(13.2, 14.4), base) / depth, 0.5, 0.005);
    expect("release at 0.25 s", cents_between(pitch(14.73, 14.77), base) / depth, 0.25, 0.02);
}

/* Seconds from a note's start until it is 6 dB below its level in the beginning. */
static double seconds_to_fall(double at_sec, double least_sec)
{
    const double top = level(at_sec + 0.02, at_sec + 0.06);
    double t = at_sec + least_sec;

    while (t < at_sec + 8.0 && level(t, t + 0.01) > top - 6.0)
        t += 0.002;
    return t - at_sec;
}

static void sections_3_and_4_keys_stretch_decay_and_hold(void **state)
{
    static const double decays[] = {17.5, 18.5, 19.5, 21.0, 24.0};
    static const double holds[] = {31.5, 32.5, 33.5, 34.5, 36.5};

    (void)state;
    for (int i = 0; i < 4; i++) {
        const double first =
            level(decays[i] + 0.02, decays[i] + 0.03) - level(decays[i] + 0.10, decays[i] + 0.11);
        const double next = level(decays[i + 1] + 0.02, decays[i + 1] + 0.03) -
                            level(decays[i + 1] + 0.10, decays[i + 1] + 0.11);

        if (first < 60.0) /* the shortest decays are over before */
            assert_true(next < first);
        assert_true(seconds_to_fall(holds[i + 1], 0.06) > 1.5 * seconds_to_fall(holds[i], 0.06));
    }
}

/* Period, from one crossing of the middle to the next but one, and swing of a slow oscillation. */
static void section_5_tremolo(void **state)
{
    (void)state;
    for (double at = 42.0; at < 47.0; at += 4.5) {
        double low = 0.0, high = -240.0;

        for (double t = at + 0.25; t < at + 2.5; t += 0.002) {
            const double db = level(t, t + 0.008);

            low = db < low ? db : low;
            high = db > high ? db : high;
        }
        expect("6 dB up and down", high - low, 12.0, 0.8);
        /* Four a second: half a period later it stands opposite, a period later the same. */
        expect("4 Hz", level(at + 1.06, at + 1.07) - level(at + 1.31, at + 1.32), 0.0, 0.4);
    }
}

static void sections_6_and_7_vibrato(void **state)
{
    static const double starts[] = {51.5, 56.5};
    double swings[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        double low = 1e9, high = 0.0;

        for (double t = starts[i] + 0.3; t < starts[i] + 2.3; t += 0.003) {
            const double hz = pitch(t, t + 0.02);

            low = hz < low ? hz : low;
            high = hz > high ? hz : high;
        }
        swings[i] = cents_between(high, low);
        expect("4 Hz",
               cents_between(pitch(starts[i] + 1.05, starts[i] + 1.09),
                             pitch(starts[i] + 1.30, starts[i] + 1.34)),
               0.0, 6.0);
    }
    assert_true(swings[0] > 20.0);
    expect("wheel: the vibrato LFO by 50 cents", swings[1], 2.0 * 50.0 * 127.0 / 128.0, 12.0);
}

static void section_8_scale_tuning(void **state)
{
    const double first = pitch(61.1, 61.45);

    (void)state;
    expect("second", cents_between(pitch(62.1, 62.45), first), 0.0, 0.5);
    expect("third", cents_between(pitch(63.1, 63.45), first), 0.0, 0.5);
}

/* |H|^2 of our filter. */
static double response(double hz, double cutoff_hz, double peak_db)
{
    const double peak = pow(10.0, peak_db / 20.0);
    const double q2 = peak * (peak + sqrt(peak * peak - 1.0)) / 2.0;
    const double w = tan(M_PI * hz / PLAY_RATE_HZ) / tan(M_PI * cutoff_hz / PLAY_RATE_HZ);

    return pow(10.0, -peak_db / 20.0) / ((1.0 - w * w) * (1.0 - w * w) + w * w / q2);
}

/* Measured power of a band of noise against the open filter's, and what |H|^2 says, in dB. */
static void expect_band(const char *what, double at_sec, double open_sec, double hz,
                        double cutoff_hz, double peak_db, double tolerance)
{
    double measured = 0.0, open = 0.0, wanted = 0.0;

    for (int k = -30; k <= 30; k++) {
        const double f = hz * pow(2.0, k / 90.0);
        const double a = tone_db(dry.left, dry.frames, at_sec + 0.05, at_sec + 0.4, f);
        const double b = tone_db(dry.left, dry.frames, open_sec + 0.05, open_sec + 0.4, f);

        measured += pow(10.0, a / 10.0);
        open += pow(10.0, b / 10.0);
        wanted += pow(10.0, b / 10.0) * response(f, cutoff_hz, peak_db);
    }
    expect(what, 10.0 * log10(measured / open), 10.0 * log10(wanted / open), tolerance);
}

static void section_9_cutoffs(void **state)
{
    static const double cutoffs_hz[] = {20,   50,   100,  200,  500,  1000, 1500,  2000,  3000,
                                        4000, 5000, 6000, 7000, 8000, 9000, 10000, 12000, 15000};

    (void)state;
    for (int i = 3; i < 18; i++) { /* below 200 Hz a band holds too little noise to measure */
        expect_band("at the cutoff", 65.5 + 0.5 * i, 75.0, cutoffs_hz[i], cutoffs_hz[i], 0.0, 1.5);
        if (cutoffs_hz[i] < 7000.0)
            expect_band("an octave above", 65.5 + 0.5 * i, 75.0, 2.0 * cutoffs_hz[i], cutoffs_hz[i],
                        0.0, 1.5);
    }
}

static void section_10_resonance(void **state)
{
    static const double q_db[] = {0, 5, 10, 15, 20, 25, 30, 35, 40, 50, 70, 96};

    (void)state;
    for (int i = 0; i < 12; i++) {
        expect_band("below", 77.5 + 0.5 * i, 75.0, 1000.0, 4000.0, q_db[i], 1.5);
        if (q_db[i] <= 30.0) /* narrower peaks fall between the probes */
            expect_band("peak", 77.5 + 0.5 * i, 75.0, 4000.0, 4000.0, q_db[i], 2.5);
    }
}

static void sections_11_and_12_attenuation(void **state)
{
    (void)state;
    for (int i = 0; i < 6; i++)
        expect("2 dB a step", note_level(85.5 + 0.5 * i) - note_level(86.0 + 0.5 * i), 2.0, 0.05);
    for (int i = 1; i < 7; i++)
        expect("the preset takes it all back", note_level(91.0 + 0.5 * i) - note_level(91.0), 0.0,
               0.05);
}

static void section_13_velocity_curves(void **state)
{
    static const double velocity[] = {127, 111, 95, 79, 63, 47, 31, 15};

    (void)state;
    for (int i = 1; i < 8; i++) {
        const double concave = 40.0 * log10(velocity[i] / 127.0);

        expect("A, 96 dB concave", note_level(97.5 + 0.5 * i) - note_level(97.5), concave, 0.05);
        expect("B, 144 dB concave", note_level(103.5 + 0.5 * i) - note_level(103.5), 1.5 * concave,
               0.05);
        expect("C, 48 dB concave", note_level(109.5 + 0.5 * i) - note_level(109.5), 0.5 * concave,
               0.05);
        expect("D, 96 dB linear", note_level(115.5 + 0.5 * i) - note_level(115.5),
               -96.0 * (127.0 - velocity[i]) / 128.0, 0.1);
        expect("E, no modulator", note_level(121.5 + 0.5 * i) - note_level(121.5), 0.0, 0.05);
    }
}

static void section_14_velocity_to_filter(void **state)
{
    static const double velocity[] = {127, 111, 95, 79, 63, 47, 31, 15};
    static const double constant[] = {128.5, 140.5, 146.5, 152.5};

    (void)state;
    for (int i = 0; i < 8; i++) {
        for (int k = 0; k < 4; k++) /* A, C, D, E: no filtering by velocity, as documented */
            expect("constant level", note_level(constant[k] + 0.5 * i) - note_level(constant[k]),
                   0.0, 0.7);
    }
    for (int i = 1; i < 8; i++) {
        const double cutoff_hz =
            4000.0 * pow(2.0, -7200.0 * (127.0 - velocity[i]) / 128.0 / 1200.0);

        if (cutoff_hz > 400.0)
            expect_band("B, -7200 cents linear", 134.5 + 0.5 * i, 75.0, 2.0 * cutoff_hz, cutoff_hz,
                        10.0, 2.5);
    }
}

/* Level of the slope, which is the treble. */
static double treble(double from_sec, double to_sec)
{
    const uint64_t first = (uint64_t)(from_sec * PLAY_RATE_HZ);
    const uint64_t end = (uint64_t)(to_sec * PLAY_RATE_HZ);
    double sum = 0.0;

    for (uint64_t i = first + 1; i < end; i++) {
        const double slope = (double)dry.left[i] - (double)dry.left[i - 1];

        sum += slope * slope;
    }
    return 10.0 * log10(sum / (double)(end - first) + 1e-24);
}

static void section_15_wheel_to_filter(void **state)
{
    (void)state;
    /* From 500 Hz to fully open in two seconds, and back. */
    assert_true(treble(160.9, 161.1) > treble(159.2, 159.4) + 6.0);
    assert_true(treble(160.9, 161.1) > treble(162.7, 162.9) + 6.0);
    assert_true(treble(160.0, 160.1) > treble(159.2, 159.3) + 1.0);
}

/* Level of what an effect adds in a note: the wet render minus the dry one. */
static double added_db(const play_take *wet, double at_sec)
{
    const uint64_t first = (uint64_t)((at_sec + 0.3) * PLAY_RATE_HZ);
    const uint64_t end = (uint64_t)((at_sec + 1.8) * PLAY_RATE_HZ);
    double sum = 0.0;

    for (uint64_t i = first; i < end; i++) {
        const double added = (double)wet->left[i] - (double)dry.left[i];

        sum += added * added;
    }
    return 10.0 * log10(sum / (double)(end - first) + 1e-24);
}

static void expect_sends(double reverb_gain, double chorus_gain, const double *generator,
                         const double *controller, double tolerance)
{
    play_take wet = play_spec(reverb_gain, chorus_gain);

    expect("generator: a third to two thirds",
           added_db(&wet, generator[2]) - added_db(&wet, generator[1]), 6.02, tolerance);
    expect("generator: two thirds to all",
           added_db(&wet, generator[3]) - added_db(&wet, generator[2]), 3.52, tolerance);
    expect("controller: 42 to 85", added_db(&wet, controller[2]) - added_db(&wet, controller[1]),
           20.0 * log10(85.0 / 42.0), tolerance);
    expect("controller: 85 to 127", added_db(&wet, controller[3]) - added_db(&wet, controller[2]),
           20.0 * log10(127.0 / 85.0), tolerance);
    play_free(&wet);
}

static void sections_17_and_18_sends(void **state)
{
    static const double reverb_a[] = {171.5, 173.5, 175.5, 177.5};
    static const double reverb_b[] = {181.0, 183.0, 185.0, 187.0};
    static const double chorus_a[] = {201.0, 203.0, 205.0, 207.0};
    static const double chorus_b[] = {210.5, 212.5, 214.5, 216.5};

    (void)state;
    expect_sends(1.0, 0.0, reverb_a, reverb_b, 1.0);
    /* Each note meets another phase of the chorus's slow movement. */
    expect_sends(0.0, 1.0, chorus_a, chorus_b, 1.5);
}

/* Lowest and highest pitch against the first moments of a stretch. */
static void swing(double from_sec, double to_sec, double *low, double *high)
{
    const double base = pitch(from_sec + 0.02, from_sec + 0.12);

    *low = *high = 0.0;
    for (double t = from_sec + 0.05; t < to_sec - 0.1; t += 0.01) {
        const double cents = cents_between(pitch(t, t + 0.05), base);

        *low = cents < *low ? cents : *low;
        *high = cents > *high ? cents : *high;
    }
}

static void section_20_pitch_wheel(void **state)
{
    double low, high;

    (void)state;
    swing(240.0, 245.0, &low, &high);
    expect("A down", low, -200.0, 4.0);
    expect("A up", high, 200.0, 4.0);
    swing(247.5, 252.5, &low, &high);
    expect("B, removed", high - low, 0.0, 2.0);
    swing(255.0, 260.0, &low, &high);
    expect("C down", low, -200.0, 4.0);
    expect("C up", high, 200.0, 4.0);
}

static void section_21_exclusive_class(void **state)
{
    (void)state;
    assert_true(level(262.02, 262.1) > -60.0);
    assert_true(level(262.6, 263.9) < level(262.02, 262.1) - 60.0);
}

static void expect_pan(double at_sec, double pan, const char *what)
{
    const double left = side_db(dry.left, dry.frames, at_sec + 0.1, at_sec + 0.35);
    const double right = side_db(dry.right, dry.frames, at_sec + 0.1, at_sec + 0.35);
    const double total = 10.0 * log10(pow(10.0, left / 10.0) + pow(10.0, right / 10.0));
    const double angle = (pan + 50.0) / 100.0 * M_PI / 2.0;

    if (pan > -50.0)
        expect(what, right - total, 20.0 * log10(sin(angle)), 0.1);
    else
        assert_true(right < total - 80.0);
    if (pan < 50.0)
        expect(what, left - total, 20.0 * log10(cos(angle)), 0.1);
    else
        assert_true(left < total - 80.0);
}

/* Pitch and level of one tone on one side, in a note that starts at a time. */
static double side_hz(float *side, double at_sec)
{
    play_take one = dry;

    one.left = one.right = side;
    return take_hz(&one, at_sec + 0.1, at_sec + 0.35);
}

static double side_tone(const float *side, double at_sec, double hz)
{
    return tone_db(side, dry.frames, at_sec + 0.1, at_sec + 0.35, hz);
}

static void section_22_pan(void **state)
{
    (void)state;
    for (int i = 0; i < 9; i++) {
        expect_pan(266.0 + 0.5 * i, -50.0 + 12.5 * i, "A, generator");
        expect_pan(272.0 + 0.5 * i, -50.0 + 12.5 * i, "B, CC 10");
    }
    /* C and D, a stereo sample, its right tone an octave above its left one. At -50 % the left tone
       is hard left and the right one in the centre: only that is heard on the right. At 50 % the
       other way about (127 of CC 10 is closed to 50 %). */
    for (int i = 0; i < 2; i++) {
        const double at = i ? 284.0 : 278.0;
        const double high = side_hz(dry.right, at), low = side_hz(dry.left, at + 4.0);

        /* An octave, and the 23 cents by which the left sample's header lowers it. */
        expect("the tones' distance", cents_between(high, low), 1223.0, 0.5);
        expect("-50 %: the high tone in the centre", side_tone(dry.left, at, high),
               side_tone(dry.right, at, high), 0.2);
        assert_true(side_tone(dry.right, at, low) < side_tone(dry.left, at, low) - 60.0);
        expect("50 %: the low tone in the centre", side_tone(dry.left, at + 4.0, low),
               side_tone(dry.right, at + 4.0, low), 0.2);
        assert_true(side_tone(dry.left, at + 4.0, high) <
                    side_tone(dry.right, at + 4.0, high) - 60.0);
    }
    /* E and F: all of it hard left, then hard right. */
    for (int i = 0; i < 2; i++) {
        const double at = i ? 296.0 : 290.0;

        assert_true(side_db(dry.right, dry.frames, at + 0.1, at + 0.35) < -100.0);
        assert_true(side_db(dry.left, dry.frames, at + 4.1, at + 4.35) < -100.0);
        assert_true(side_db(dry.left, dry.frames, at + 0.1, at + 0.35) > -60.0);
        assert_true(side_db(dry.right, dry.frames, at + 4.1, at + 4.35) > -60.0);
    }
}

static int render_dry(void **state)
{
    (void)state;
    dry = play_spec(0.0, 0.0);
    return 0;
}

static int forget(void **state)
{
    (void)state;
    play_free(&dry);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(section_1_volume_envelope),
        cmocka_unit_test(section_2_modulation_envelope),
        cmocka_unit_test(sections_3_and_4_keys_stretch_decay_and_hold),
        cmocka_unit_test(section_5_tremolo),
        cmocka_unit_test(sections_6_and_7_vibrato),
        cmocka_unit_test(section_8_scale_tuning),
        cmocka_unit_test(section_9_cutoffs),
        cmocka_unit_test(section_10_resonance),
        cmocka_unit_test(sections_11_and_12_attenuation),
        cmocka_unit_test(section_13_velocity_curves),
        cmocka_unit_test(section_14_velocity_to_filter),
        cmocka_unit_test(section_15_wheel_to_filter),
        cmocka_unit_test(sections_17_and_18_sends),
        cmocka_unit_test(section_20_pitch_wheel),
        cmocka_unit_test(section_21_exclusive_class),
        cmocka_unit_test(section_22_pan),
    };

    return cmocka_run_group_tests(tests, render_dry, forget);
}
