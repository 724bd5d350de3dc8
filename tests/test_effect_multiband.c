/* The multiband compressor: its bands sum flat, and each is compressed by itself. */
#include "effect_support.h"

#include "filter_support.h"

#define PI 3.14159265358979323846

static const char *const layouts[] = {
    "bands=2,split1=700",
    "bands=2,split1=16k",
    "bands=3",
    "bands=3,split1=90,split2=110",
    "bands=4",
    "bands=4,split1=20,split2=3k,split3=12k",
    "bands=4,split1=1k,split2=1k,split3=1k",
};

#define LAYOUTS (sizeof layouts / sizeof layouts[0])

static void bands_sum_flat_within_a_tenth_of_a_decibel(void **state)
{
    (void)state;
    for (size_t n = 0; n < LAYOUTS; n++) {
        char text[200];

        snprintf(text, sizeof text, "multiband:%s,ratio1=1,ratio2=1,ratio3=1,ratio4=1", layouts[n]);
        fx_audio a = answer_of(text);
        for (uint32_t i = 0; i < FX_POINTS; i++) {
            double re, im;

            dft_at(a.left, a.frames, point_hz(i), &re, &im);
            if (!(fabs(20.0 * log10(hypot(re, im))) < 0.001))
                fail_msg("%s: %g dB at %g Hz", text, 20.0 * log10(hypot(re, im)), point_hz(i));
        }
        fx_free(&a);
    }
}

/* Magnitude of one side of a crossover of order 4, after warping. */
static double side(double hz, double split_hz, bool upper)
{
    const double x = tan(PI * fmin(hz / FX_RATE_HZ, 0.4999999)) / tan(PI * split_hz / FX_RATE_HZ);
    const double lower = 1.0 / (1.0 + pow(x, 4));

    return upper ? 1.0 - lower : lower;
}

static void bands_are_those_of_linkwitz_and_riley(void **state)
{
    static const double splits_hz[] = {200.0, 1500.0, 7000.0};

    (void)state;
    for (uint32_t count = 2; count <= 4; count++) {
        for (uint32_t band = 0; band < count; band++) {
            /* 1.5 and 0.5 times the band beside 1 times the others: half their difference. */
            fx_audio halves[2];

            for (int k = 0; k < 2; k++) {
                char text[300];

                snprintf(
                    text, sizeof text,
                    "multiband:%u,200,1500,7k,ratio1=1,ratio2=1,ratio3=1,ratio4=1,gain%u=%.17g",
                    count, band + 1, 20.0 * log10(k ? 0.5 : 1.5));
                halves[k] = answer_of(text);
            }
            for (uint32_t i = 0; i < halves[0].frames; i++)
                halves[0].left[i] -= halves[1].left[i];
            for (uint32_t i = 0; i < FX_POINTS; i++) {
                const double hz = point_hz(i);
                /* The tree: band 2 of 3 lies below the second crossover and above the first. */
                const double above = band > 0 ? side(hz, splits_hz[band - 1], true) : 1.0;
                const double below = band + 1 < count ? side(hz, splits_hz[band], false) : 1.0;
                /* Its outer bands also pass through the crossover in the middle. */
                const double middle = count == 2                ? 1.0
                                      : band == 0               ? side(hz, splits_hz[1], false)
                                      : count == 4 && band == 3 ? side(hz, splits_hz[1], true)
                                                                : 1.0;
                double re, im;

                dft_at(halves[0].left, halves[0].frames, hz, &re, &im);
                if (!(fabs(hypot(re, im) - above * below * middle) < 1e-4))
                    fail_msg("band %u of %u: %g at %g Hz, not %g", band + 1, count, hypot(re, im),
                             hz, above * below * middle);
            }
            fx_free(&halves[0]);
            fx_free(&halves[1]);
        }
    }
}

static double level_of(const fx_audio *a, double hz)
{
    double re, im;
    fx_audio last = {22050, a->left + a->frames - 22050, a->right};

    dft_at(last.left, last.frames, hz, &re, &im);
    return 20.0 * log10(hypot(re, im) / 11025.0);
}

/* Three tones; the compression of one band is not heard in the others. */
static void each_band_is_turned_down_by_its_own_level(void **state)
{
    static const double tones_hz[] = {40.0, 700.0, 8000.0};

    (void)state;
    for (int loud = 0; loud < 3; loud++) {
        fx_audio a = fx_new(66150);
        char text[200];

        for (uint32_t i = 0; i < a.frames; i++) {
            double x = 0.0;

            for (int k = 0; k < 3; k++)
                x += 0.1 * sin(2.0 * PI * tones_hz[k] * i / FX_RATE_HZ);
            a.left[i] = a.right[i] = (float)x;
        }
        snprintf(text, sizeof text,
                 "multiband:3,150,2500,threshold1=0,threshold2=0,threshold3=0,threshold%d=-30,"
                 "ratio%d=100,knee=0,attack=0,release=5000",
                 loud + 1, loud + 1);
        fx_apply(text, &a);
        for (int k = 0; k < 3; k++) {
            const double db = level_of(&a, tones_hz[k]);

            /* With that release, the reduction stays at that of the peaks. Neighbours have a little
               of the tone, as it came. */
            if (!(fabs(db - (k == loud ? -30.0 + 0.1 : -20.0)) < 0.3))
                fail_msg("%s: %g Hz at %g dB", text, tones_hz[k], db);
        }
        fx_free(&a);
    }
}

static void crossovers_may_move_while_everything_sums_flat(void **state)
{
    ps_engine *engine = fx_engine(NULL);
    ps_rack *rack = fx_rack(engine, "multiband:4,ratio1=1,ratio2=1,ratio3=1,ratio4=1");
    fx_audio a = fx_sine(40000, 1000.0, 0.5);
    ps_effect_info info;

    (void)state;
    assert_true(ps_effect_find("multiband", &info));
    for (uint32_t at = 5000; at < 30000; at += 700)
        assert_int_equal(ps_rack_set(rack, 0, ps_effect_slot(&info, at % 3 ? "split2" : "split1"),
                                     at % 2 ? 300.0 : 4000.0, at),
                         PS_OK);
    fx_run(rack, &a, 0);
    assert_true(fx_peak(&a, 3000, 40000) < 0.7f);
    assert_true(fabsf(fx_peak(&a, 35000, 40000) - 0.5f) < 0.001f);
    ps_rack_destroy(rack);
    ps_engine_destroy(engine);
    fx_free(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bands_sum_flat_within_a_tenth_of_a_decibel),
        cmocka_unit_test(bands_are_those_of_linkwitz_and_riley),
        cmocka_unit_test(each_band_is_turned_down_by_its_own_level),
        cmocka_unit_test(crossovers_may_move_while_everything_sums_flat),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
