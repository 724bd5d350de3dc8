/* Third-octave spectra against signals whose powers are known. */
#include "effect_support.h"

#include "dsp/thirds.h"

static void read(const fx_audio *a, uint32_t size, double power[PS_THIRDS])
{
    ps_thirds *t;

    assert_int_equal(ps_thirds_create(&t, FX_RATE_HZ, NULL, NULL, NULL), PS_OK);
    for (uint32_t done = 0; done < a->frames; done += size)
        ps_thirds_add(
            t, ps_block_part(fx_block(a), done, a->frames - done < size ? a->frames - done : size));
    ps_thirds_read(t, power);
    ps_thirds_destroy(t);
}

static void a_sine_has_its_power_in_its_band(void **state)
{
    (void)state;
    for (uint32_t band = 0; band < PS_THIRDS; band++) {
        fx_audio a = fx_sine(44100, ps_thirds_hz(band), 0.5);
        double power[PS_THIRDS];

        read(&a, 4096, power);
        for (uint32_t i = 0; i < PS_THIRDS; i++) {
            /* The lowest bands are but a few bins wide. */
            if (i == band && fabs(power[i] - 0.25) > (band < 7 ? 0.03 : 0.0025))
                fail_msg("%.0f Hz: power %g", ps_thirds_hz(band), power[i]);
            if (i + 1 != band && i != band && i != band + 1 && power[i] > (band < 7 ? 0.01 : 1e-5))
                fail_msg("%.0f Hz: %g at %.0f Hz", ps_thirds_hz(band), power[i], ps_thirds_hz(i));
        }
        fx_free(&a);
    }
}

static void white_noise_has_a_decibel_more_a_third(void **state)
{
    fx_audio a = fx_noise(40 * 44100, 1.0f, 5);
    double power[PS_THIRDS];

    (void)state;
    read(&a, 1000, power);
    for (uint32_t i = 8; i + 1 < PS_THIRDS; i++)
        assert_near(10.0 * log10(power[i + 1] / power[i]), 10.0 * log10(2.0) / 3.0, 0.25);
    /* Its mean square is a third on each side, evenly up to half the rate; a sine on both sides of
       amplitude 1 counts 1. */
    const double width = 1000.0 * (exp2(1.0 / 6.0) - exp2(-1.0 / 6.0)) / (0.5 * FX_RATE_HZ);
    assert_near(10.0 * log10(power[14] / (2.0 / 3.0 * width)), 0.0, 0.2);
    fx_free(&a);
}

static void cuts_do_not_matter_and_silence_does_not_count(void **state)
{
    fx_audio a = fx_noise(100000, 0.5f, 6), b = fx_new(300000);
    double whole[PS_THIRDS], cut[PS_THIRDS], longer[PS_THIRDS];

    (void)state;
    memcpy(b.left, a.left, a.frames * sizeof(float));
    memcpy(b.right, a.right, a.frames * sizeof(float));
    read(&a, 100000, whole);
    read(&a, 37, cut);
    read(&b, 4096, longer);
    assert_memory_equal(whole, cut, sizeof whole);
    for (uint32_t i = 0; i < PS_THIRDS; i++)
        assert_near(longer[i] / whole[i], 1.0, 0.1);
    fx_free(&a);
    fx_free(&b);
}

static void a_failing_allocation_gives_everything_back(void **state)
{
    (void)state;
    for (long allowed = 0;; allowed++) {
        failing_allocator f;
        ps_thirds *t;

        failing_init(&f, allowed);
        const ps_status status = ps_thirds_create(&t, 48000.0, "c", &f.base, NULL);
        if (status == PS_OK)
            ps_thirds_destroy(t);
        assert_int_equal(f.live, 0);
        if (status == PS_OK)
            break;
        assert_int_equal(status, PS_NO_MEMORY);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sine_has_its_power_in_its_band),
        cmocka_unit_test(white_noise_has_a_decibel_more_a_third),
        cmocka_unit_test(cuts_do_not_matter_and_silence_does_not_count),
        cmocka_unit_test(a_failing_allocation_gives_everything_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
