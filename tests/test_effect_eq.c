/* The equalizer: its texts, its response, its noise, its bits in every row. */
#include "effect_support.h"

#include "dsp/biquad.h"
#include "filter_support.h"

/* ---- Texts ----------------------------------------------------------------------------------- */

static void bands_are_read(void **state)
{
    static const struct {
        const char *text, *written;
    } rows[] = {
        {"100hz-3", "freq1=100,gain1=-3"},
        {"4k+2", "freq1=4000,gain1=2"},
        {"hp80", "type1=highpass,freq1=80"},
        {"ls120+2", "type1=lowshelf,freq1=120,gain1=2"},
        {"HS8kHz-4.5dB", "type1=highshelf,freq1=8000,gain1=-4.5"},
        {"400-3q1.4", "freq1=400,gain1=-3,q1=1.4"},
        {"notch50q10", "type1=notch,freq1=50,q1=10"},
        {"notch50hzq10", "type1=notch,freq1=50,q1=10"},
        {"lowpass 3.5k Q2", "type1=lowpass,freq1=3500,q1=2"},
        {"bp1000", "type1=bandpass"},
        {"peak 250 +1 q 3", "freq1=250,gain1=1,q1=3"},
        {"100hz-3,4k+2", "freq1=100,freq2=4000,gain1=-3,gain2=2"},
        {"gain2=3,100-1", "freq1=100,gain1=-1,gain2=3"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[300], wanted[300];
        ps_error err = {0};
        ps_chain *chain;

        snprintf(text, sizeof text, "eq:%s", rows[i].text);
        if (ps_chain_read(&chain, text, NULL, &err) != PS_OK)
            fail_msg("%s: %s", text, err.text);
        snprintf(wanted, sizeof wanted, "eq:%s", rows[i].written);
        assert_true(ps_chain_write(chain, text, sizeof text) < sizeof text);
        assert_string_equal(text, wanted);
        ps_chain_destroy(chain);
    }
}

static void what_is_no_band_is_refused(void **state)
{
    static const struct {
        const char *text;
        uint32_t column;
        const char *words;
    } rows[] = {
        {"eq:loud", 4, "\"loud\" is not a band of eq"},
        {"eq:100,xx200", 8, "\"xx200\" is not a band of eq"},
        {"eq:100+", 4, "\"100+\" is not a band of eq"},
        {"eq:100q", 4, "\"100q\" is not a band of eq"},
        {"eq:100q1x", 4, "\"100q1x\" is not a band of eq"},
        {"eq:q3", 4, "\"q3\" is not a band of eq"},
        {"eq:100+3ms", 4, "\"100+3ms\" is not a band of eq"},
        {"eq:hp80+3", 4, "\"hp80+3\": only peaks and shelves have a gain"},
        {"eq:5", 4, "freq1 5 is outside 10..22000 Hz"},
        {"eq:100,200+40", 8, "gain2 40 is outside -30..30 dB"},
        {"eq:100q100", 4, "q1 100 is outside 0.1..40"},
        {"eq:1,2", 4, "freq1 1 is outside 10..22000 Hz"},
        {"eq:100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100,100", 68,
         "eq has no more than 16 bands"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ps_error err = {0};
        ps_chain *chain = NULL;

        assert_int_equal(ps_chain_read(&chain, rows[i].text, NULL, &err), PS_BAD_ARGUMENT);
        assert_null(chain);
        assert_string_equal(err.text, rows[i].words);
        assert_int_equal(err.column, rows[i].column);
    }
}

/* ---- Response -------------------------------------------------------------------------------- */

static void each_type_answers_as_its_formula_at_200_frequencies(void **state)
{
    static const struct {
        const char *text;
        ps_biquad_type type;
        double freq_hz, gain_db, q;
    } rows[] = {
        {"eq:100-12q2", PS_BIQUAD_PEAK, 100, -12, 2},
        {"eq:15k+9q0.5", PS_BIQUAD_PEAK, 15000, 9, 0.5},
        {"eq:ls200+6q0.9", PS_BIQUAD_LOWSHELF, 200, 6, 0.9},
        {"eq:hs5k-15q0.6", PS_BIQUAD_HIGHSHELF, 5000, -15, 0.6},
        {"eq:lp2kq3", PS_BIQUAD_LOWPASS, 2000, 0, 3},
        {"eq:hp40", PS_BIQUAD_HIGHPASS, 40, 0, 0.70710678118654752},
        {"eq:bp1kq1.5", PS_BIQUAD_BANDPASS, 1000, 0, 1.5},
        {"eq:notch50q1", PS_BIQUAD_NOTCH, 50, 0, 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ps_biquad b;

        ps_biquad_make(&b, rows[i].type, rows[i].freq_hz, rows[i].gain_db, rows[i].q, FX_RATE_HZ);
        answers_as(rows[i].text, &b, 1);
    }
}

static void bands_are_in_a_row(void **state)
{
    ps_biquad b[16];
    char text[400] = "eq:";

    (void)state;
    for (uint32_t i = 0; i < 16; i++) {
        const double hz = 60.0 * pow(1.45, i), gain = i % 2 ? 4.0 : -5.0;

        ps_biquad_make(&b[i], PS_BIQUAD_PEAK, hz, gain, 1.0, FX_RATE_HZ);
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%.17g%+gq1", i ? "," : "", hz,
                 gain);
        answers_as(text, b, i + 1);
    }
}

static void untouched_bands_leave_every_bit(void **state)
{
    const fx_audio in = fx_noise(3000, 0.9f, 7);
    fx_audio out = fx_copy(&in);

    (void)state;
    fx_apply("eq", &out);
    fx_apply("eq:100+0,ls200,hs3k-0", &out);
    assert_memory_equal(in.left, out.left, 3000 * sizeof(float));
    assert_memory_equal(in.right, out.right, 3000 * sizeof(float));
    fx_free(&out);
    fx_free((fx_audio *)&in);
}

/* ---- Rows ------------------------------------------------------------------------------------ */

/* The same filters by the direct form I in long double. */
static void run_naively(const ps_biquad *b, uint32_t count, float *x, uint32_t frames)
{
    for (uint32_t k = 0; k < count; k++) {
        const long double g = b[k].g, a0 = 1 + g * (g + b[k].k);
        const long double a1 = 2 * (g * g - 1) / a0, a2 = (1 + g * (g - b[k].k)) / a0;
        const long double b0 = (b[k].n2 + g * (b[k].n1 + g * b[k].n0)) / a0;
        const long double b1 = 2 * (g * g * b[k].n0 - b[k].n2) / a0;
        const long double b2 = (b[k].n2 - g * (b[k].n1 - g * b[k].n0)) / a0;
        long double x1 = 0, x2 = 0, y1 = 0, y2 = 0;

        for (uint32_t i = 0; i < frames; i++) {
            const long double y = b0 * x[i] + b1 * x1 + b2 * x2 - a1 * y1 - a2 * y2;

            x2 = x1, x1 = x[i], y2 = y1, y1 = y;
            x[i] = (float)y;
        }
    }
}

static void every_row_filters_any_number_of_bands_in_calls_of_any_length(void **state)
{
    (void)state;
    for (uint32_t r = 0; ps_kernel_row_name(r); r++) {
        ps_engine *engine = fx_engine(ps_kernel_row_name(r));
        char text[400] = "eq:";

        for (uint32_t count = 1; count <= 16; count++) {
            const fx_audio in = fx_noise(2278, 1.0f, 5);
            fx_audio right = fx_copy(&in), out = fx_copy(&in);
            ps_biquad b[16];

            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%u+3q2",
                     count > 1 ? "," : "", 150 * count);
            for (uint32_t k = 0; k < count; k++)
                ps_biquad_make(&b[k], PS_BIQUAD_PEAK, 150.0 * (k + 1), 3.0, 2.0, FX_RATE_HZ);
            ps_rack *rack = fx_rack(engine, text);
            uint32_t at = 0;
            for (uint32_t length = 0; length <= 67; at += length++)
                ps_rack_process(rack, ps_block_part(fx_block(&out), at, length));
            assert_int_equal(at, out.frames);
            run_naively(b, count, right.left, at);
            run_naively(b, count, right.right, at);
            /* The naive one rounds to float after every band. */
            if (!(fx_difference(&out, &right) < 2e-6f * (float)(count + 1)))
                fail_msg("%s, %u bands: off by %g", ps_kernel_row_name(r), count,
                         (double)fx_difference(&out, &right));
            ps_rack_destroy(rack);
            fx_free(&out);
            fx_free(&right);
            fx_free((fx_audio *)&in);
        }
        ps_engine_destroy(engine);
    }
}

/* What is neither the sine's nor the filter's: everything that long double does not have. */
static void low_filters_at_high_rates_are_quiet(void **state)
{
    static const struct {
        const char *text;
        ps_biquad_type type;
        double freq_hz, gain_db, q;
    } rows[] = {
        {"eq:hp20", PS_BIQUAD_HIGHPASS, 20, 0, 0.70710678118654752},
        {"eq:lp10q2", PS_BIQUAD_LOWPASS, 10, 0, 2},
        {"eq:30+12q5", PS_BIQUAD_PEAK, 30, 12, 5},
    };

    (void)state;
    for (uint32_t r = 0; ps_kernel_row_name(r); r++) {
        ps_engine *engine = fx_engine(ps_kernel_row_name(r));

        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            fx_audio a = fx_sine(100000, 997.0, 0.7), right;
            ps_rack *rack = fx_rack_at(engine, rows[i].text, 192000.0);
            double worst = 0.0, power = 0.0;
            ps_biquad b;

            for (uint32_t n = 0; n < a.frames; n++)
                a.left[n] = a.right[n] += 0.25f;
            right = fx_copy(&a);
            ps_biquad_make(&b, rows[i].type, rows[i].freq_hz, rows[i].gain_db, rows[i].q, 192000.0);
            run_naively(&b, 1, right.left, right.frames);
            fx_run(rack, &a, 512);
            for (uint32_t n = 0; n < a.frames; n++) {
                const double error = (double)a.left[n] - (double)right.left[n];

                worst = fmax(worst, fabs(error));
                power += error * error / a.frames;
            }
            /* One rounding to float, of either. */
            if (!(10.0 * log10(power) < -145.0 && worst < 1.3e-7))
                fail_msg("%s: %s: noise of %g dB, %g at most", ps_kernel_row_name(r), rows[i].text,
                         10.0 * log10(power), worst);
            ps_rack_destroy(rack);
            fx_free(&a);
            fx_free(&right);
        }
        ps_engine_destroy(engine);
    }
}

/* ---- Changes --------------------------------------------------------------------------------- */

static double pick(uint64_t i, double low, double high)
{
    return low + (high - low) * (double)(ps_random_bits(3, i) >> 11) * 0x1p-53;
}

/* Wherever it goes, it stays below what its loudest setting could do to the loudest input. */
static void wild_changes_stay_bounded_and_end_where_they_should(void **state)
{
    ps_engine *engine = fx_engine(NULL);
    ps_rack *rack = fx_rack(engine, "eq:100+6");
    fx_audio a = fx_noise(200000, 0.5f, 11), still = fx_noise(200000, 0.5f, 11);
    ps_effect_info info;
    uint64_t n = 0;

    (void)state;
    assert_true(ps_effect_find("eq", &info));
    const uint32_t type = ps_effect_slot(&info, "type1"), freq = ps_effect_slot(&info, "freq1");
    const uint32_t gain = ps_effect_slot(&info, "gain1"), q = ps_effect_slot(&info, "q1");
    for (uint32_t at = 0; at < 100000; at += 100) {
        assert_int_equal(ps_rack_set(rack, 0, type, floor(pick(n++, 0, 6.99)), at), PS_OK);
        assert_int_equal(ps_rack_set(rack, 0, freq, 10.0 * pow(2200.0, pick(n++, 0, 1)), at + 10),
                         PS_OK);
        assert_int_equal(ps_rack_set(rack, 0, gain, pick(n++, -12, 12), at + 10), PS_OK);
        assert_int_equal(ps_rack_set(rack, 0, q, pick(n++, 0.1, 10), at + 60), PS_OK);
        ps_rack_process(rack, ps_block_part(fx_block(&a), at, 100));
    }
    assert_true(fx_peak(&a, 0, 100000) < 40.0f);
    ps_rack_set(rack, 0, type, 0, 100000);
    ps_rack_set(rack, 0, freq, 300, 100000);
    ps_rack_set(rack, 0, gain, -6, 100000);
    ps_rack_set(rack, 0, q, 1, 100000);
    ps_rack_process(rack, ps_block_part(fx_block(&a), 100000, 100000));
    ps_rack_destroy(rack);
    rack = fx_rack(engine, "eq:300-6q1");
    fx_run(rack, &still, 512);
    for (uint32_t i = 150000; i < 200000; i++)
        assert_true(fabsf(a.left[i] - still.left[i]) < 1e-6f);
    ps_rack_destroy(rack);
    ps_engine_destroy(engine);
    fx_free(&a);
    fx_free(&still);
}

static void a_band_that_has_gone_leaves_every_bit(void **state)
{
    const fx_audio in = fx_noise(12000, 0.5f, 12);
    ps_engine *engine = fx_engine(NULL);
    ps_rack *rack = fx_rack(engine, "eq:100+6,3k-3");
    fx_audio out = fx_copy(&in);
    ps_effect_info info;
    uint32_t same = 0;

    (void)state;
    assert_true(ps_effect_find("eq", &info));
    assert_int_equal(ps_rack_set(rack, 0, ps_effect_slot(&info, "gain1"), 0.0, 5001), PS_OK);
    assert_int_equal(ps_rack_set(rack, 0, ps_effect_slot(&info, "gain2"), 0.0, 5101), PS_OK);
    fx_run(rack, &out, 0);
    for (uint32_t i = 0; i < 5900; i++)
        same += in.left[i] == out.left[i];
    assert_true(same < 100);
    assert_memory_equal(in.left + 5990, out.left + 5990, 6010 * sizeof(float));
    ps_rack_destroy(rack);
    ps_engine_destroy(engine);
    fx_free(&out);
    fx_free((fx_audio *)&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bands_are_read),
        cmocka_unit_test(what_is_no_band_is_refused),
        cmocka_unit_test(each_type_answers_as_its_formula_at_200_frequencies),
        cmocka_unit_test(bands_are_in_a_row),
        cmocka_unit_test(untouched_bands_leave_every_bit),
        cmocka_unit_test(every_row_filters_any_number_of_bands_in_calls_of_any_length),
        cmocka_unit_test(low_filters_at_high_rates_are_quiet),
        cmocka_unit_test(wild_changes_stay_bounded_and_end_where_they_should),
        cmocka_unit_test(a_band_that_has_gone_leaves_every_bit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
