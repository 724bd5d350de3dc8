/*
 * How clean each interpolation is: sines played at another pitch, and S. Christian Collins's
 * interpolation test, whose first part is a descending sine sweep that should leave nothing but
 * itself.
 */
#include "play.h"

#define TONE_FRAMES 44100u

static const ps_interpolation modes[] = {PS_INTERPOLATE_NEAREST, PS_INTERPOLATE_LINEAR,
                                         PS_INTERPOLATE_CUBIC, PS_INTERPOLATE_SINC8,
                                         PS_INTERPOLATE_SINC32};

/* A looped 24-bit sine of `cycles` in a second, root key 60. */
static uint8_t *tone_bank(uint32_t cycles, size_t *bytes)
{
    static int32_t pcm[TONE_FRAMES];
    sf2_builder b;
    uint32_t sample, instrument;
    uint8_t *made;

    for (uint32_t i = 0; i < TONE_FRAMES; i++)
        pcm[i] = (int32_t)lrint(4194304.0 * sin(2.0 * M_PI * cycles * i / TONE_FRAMES));
    sf2_init(&b);
    sample = sf2_sample_24(&b, "tone", pcm, TONE_FRAMES, 44100, 60, 100, 100 + 44100 - 4410);
    instrument = sf2_instrument(&b, "tone");
    sf2_zone(&b, sample);
    sf2_gen(&b, 54, 1);
    sf2_preset(&b, "tone", 0, 0);
    sf2_zone(&b, instrument);
    made = sf2_build(&b, bytes);
    sf2_clear(&b);
    return made;
}

/* Signal to noise and distortion in dB: everything against what is left without the tone, which is
   fitted by least squares. wanted_hz above Nyquist: level of everything against the source tone. */
static double sinad_db(uint32_t cycles, int semitones, ps_interpolation mode)
{
    static play_list list;
    ps_performance_options options = play_options();
    const double hz = cycles * pow(2.0, semitones / 12.0);
    double ss = 0, cc = 0, sc = 0, xs = 0, xc = 0, left = 0, all = 0, a, b;
    size_t bytes;
    uint8_t *bank = tone_bank(cycles, &bytes);
    play_take take;

    list.count = 0;
    play_cc(&list, 0, 0, 7, 127);
    play_on(&list, 0, 0, (uint32_t)(60 + semitones), 127);
    play_off(&list, 900, 0, (uint32_t)(60 + semitones));
    options.synth.interpolation = mode;
    take = play_with(bank, bytes, &list, &options, 4096);
    for (uint32_t i = 4410; i < 4410 + 22050; i++) {
        const double s = sin(2.0 * M_PI * hz * i / 44100.0), c = cos(2.0 * M_PI * hz * i / 44100.0);
        const double x = (double)take.left[i];

        ss += s * s, cc += c * c, sc += s * c, xs += x * s, xc += x * c, all += x * x;
    }
    a = (xs * cc - xc * sc) / (ss * cc - sc * sc);
    b = (xc * ss - xs * sc) / (ss * cc - sc * sc);
    for (uint32_t i = 4410; i < 4410 + 22050; i++) {
        const double r = (double)take.left[i] - a * sin(2.0 * M_PI * hz * i / 44100.0) -
                         b * cos(2.0 * M_PI * hz * i / 44100.0);

        left += r * r;
    }
    play_free(&take);
    free(bank);
    if (hz >= 22050.0) /* half of full scale, -3 dB for the pan */
        return 10.0 * log10(all / 22050.0 / (0.25 * 0.5 * 0.5));
    return 10.0 * log10(all / (left + 1e-30));
}

static void each_interpolation_is_as_clean_as_it_should_be(void **state)
{
    /* 5.5 kHz a fifth up and a fourth down; facts of other players: linear 32, cubic 44 dB. */
    static const double least_db[] = {5.0, 31.0, 43.0, 50.0, 85.0};

    (void)state;
    for (int i = 0; i < 5; i++) {
        const double up = sinad_db(5512, 7, modes[i]), down = sinad_db(5512, -5, modes[i]);

        printf("interpolation %d: %.1f dB up a fifth, %.1f dB down a fourth\n", i, up, down);
        assert_true(up >= least_db[i]);
        assert_true(down >= least_db[i]);
    }
}

static void sinc_interpolation_does_not_fold_back(void **state)
{
    const double folded = sinad_db(15000, 12, PS_INTERPOLATE_CUBIC);
    const double sinc8 = sinad_db(15000, 12, PS_INTERPOLATE_SINC8);
    const double sinc32 = sinad_db(15000, 12, PS_INTERPOLATE_SINC32);

    (void)state;
    printf("15 kHz an octave up: cubic %.1f, sinc8 %.1f, sinc32 %.1f dB left\n", folded, sinc8,
           sinc32);
    assert_true(folded > -3.0);
    assert_true(sinc8 < -10.0);
    assert_true(sinc32 < -60.0);
}

/* The sweep of the interpolation test: how much lies beside the sweep itself, as the power above
   14 kHz while the tone is below 2 kHz. */
static double alias_db(ps_interpolation mode)
{
    ps_performance_options options = play_options();
    double tone, above = 0.0;
    play_take take;

    options.synth.interpolation = mode;
    take = play_files("data/spec-test/interpolation.mid", "data/spec-test/interpolation.sf2",
                      &options);
    tone = take_db(&take, 20.0, 20.5);
    for (double hz = 8000.0; hz < 20000.0; hz += 2.0)
        above += pow(10.0, tone_db(take.left, take.frames, 20.0, 20.5, hz) / 10.0);
    play_free(&take);
    return 10.0 * log10(above) - tone;
}

static void the_sweep_leaves_less_beside_itself_with_better_interpolation(void **state)
{
    double db[5];

    (void)state;
    for (int i = 1; i < 5; i++) {
        db[i] = alias_db(modes[i]);
        printf("sweep, interpolation %d: %.1f dB beside the tone\n", i, db[i]);
    }
    assert_true(db[2] < db[1] - 3.0);
    assert_true(db[4] < db[2]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_interpolation_is_as_clean_as_it_should_be),
        cmocka_unit_test(sinc_interpolation_does_not_fold_back),
        cmocka_unit_test(the_sweep_leaves_less_beside_itself_with_better_interpolation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
