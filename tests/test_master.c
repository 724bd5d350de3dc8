/* Mastering: what it promises is measured on what its chain makes. */
#include "effect_support.h"

#include "plainsong/master.h"

#define FRAMES (12u * 44100u)

/* Noise through a one-pole low-pass (share of a new sample), in bursts with decaying level. */
static fx_audio make_piece(double share, float level)
{
    fx_audio a = fx_noise(FRAMES, 1.0f, 11);
    double low[2] = {0.0, 0.0};

    for (uint32_t i = 0; i < a.frames; i++) {
        const float envelope = level * (float)exp(-3.0 * (i % 22050) / 22050.0);

        low[0] += share * ((double)a.left[i] - low[0]);
        low[1] += share * ((double)a.right[i] - low[1]);
        a.left[i] = envelope * (float)low[0];
        a.right[i] = envelope * (float)low[1];
    }
    return a;
}

static ps_source *source_of(const fx_audio *a)
{
    ps_source *source;

    assert_int_equal(
        ps_memory_source_create(&source, a->left, a->right, a->frames, FX_RATE_HZ, NULL, NULL),
        PS_OK);
    return source;
}

/* Levels of a piece through a chain, measured anew. */
static ps_levels levels_of(ps_engine *engine, const fx_audio *a, const ps_chain *chain)
{
    ps_source *source;
    ps_meter *meter;
    ps_levels levels;
    float left[1000], right[1000];
    uint32_t got;

    assert_int_equal(ps_effect_source_create(&source, engine, source_of(a), chain, NULL, NULL),
                     PS_OK);
    assert_int_equal(ps_meter_create(&meter, engine, FX_RATE_HZ, PS_MEASURE_ALL, NULL), PS_OK);
    do {
        got = ps_source_pull(source, (ps_block){left, right, 1000});
        ps_meter_add(meter, (ps_block){left, right, got});
    } while (got == 1000);
    ps_meter_end(meter);
    ps_meter_read(meter, &levels);
    ps_meter_destroy(meter);
    ps_source_destroy(source);
    return levels;
}

static void loudness_and_true_peak_are_reached(void **state)
{
    const double shares[] = {0.05, 0.3, 1.0}, wanted[] = {-20.0, -14.0, -10.0};
    const float loudness[] = {0.2f, 0.9f};
    ps_engine *engine = fx_engine(NULL);

    (void)state;
    for (size_t i = 0; i < 6; i++) {
        fx_audio a = make_piece(shares[i % 3], loudness[i / 3]);
        ps_master_options options = ps_master_defaults();
        ps_source *source = source_of(&a);
        ps_master_report report;
        ps_chain *chain;

        options.lufs = wanted[i % 3];
        assert_int_equal(ps_master_make(&chain, &report, engine, source, &options, NULL), PS_OK);
        const ps_levels after = levels_of(engine, &a, chain);
        if (fabs(after.integrated_lufs - options.lufs) > 0.5 || !report.reached)
            fail_msg("piece %zu: %g LUFS", i, after.integrated_lufs);
        if (20.0 * log10(after.true_peak) > -1.0 + 0.05)
            fail_msg("piece %zu: true peak %g", i, 20.0 * log10(after.true_peak));
        assert_near(report.after.integrated_lufs, after.integrated_lufs, 0.1);
        assert_true(report.off_after_db < report.off_before_db);
        for (uint32_t band = 0; band < PS_MASTER_BANDS; band++)
            assert_true(fabs(report.band_db[band]) <= options.most_db);
        ps_chain_destroy(chain);
        ps_source_destroy(source);
        fx_free(&a);
    }
    ps_engine_destroy(engine);
}

static void what_is_too_bright_gets_darker_and_the_other_way_round(void **state)
{
    ps_engine *engine = fx_engine(NULL);

    (void)state;
    for (int dull = 0; dull < 2; dull++) {
        fx_audio a = make_piece(dull ? 0.01 : 1.0, 0.3f);
        ps_source *source = source_of(&a);
        ps_master_report report;
        ps_chain *chain;

        assert_int_equal(ps_master_make(&chain, &report, engine, source, NULL, NULL), PS_OK);
        if (dull)
            assert_true(report.band_db[3] > 0.5);
        else
            assert_true(report.band_db[0] > 0.5 && report.band_db[PS_MASTER_BANDS - 1] < -0.5);
        ps_chain_destroy(chain);
        ps_source_destroy(source);
        fx_free(&a);
    }
    ps_engine_destroy(engine);
}

static void silence_gets_an_empty_chain(void **state)
{
    ps_engine *engine = fx_engine(NULL);
    fx_audio a = fx_new(100000);
    ps_source *source = source_of(&a);
    ps_master_report report;
    ps_chain *chain;

    (void)state;
    assert_int_equal(ps_master_make(&chain, &report, engine, source, NULL, NULL), PS_OK);
    assert_int_equal(ps_chain_count(chain), 0);
    ps_chain_destroy(chain);
    ps_source_destroy(source);
    fx_free(&a);
    ps_engine_destroy(engine);
}

static bool stop(void *user, double done)
{
    *(double *)user = done;
    return done < 0.1;
}

static void it_can_be_stopped_and_refuses_what_cannot_be(void **state)
{
    ps_engine *engine = fx_engine(NULL);
    fx_audio a = make_piece(0.3, 0.5f);
    ps_source *source = source_of(&a);
    ps_master_options options = ps_master_defaults();
    ps_master_report report;
    double done = 0.0;
    ps_chain *chain = NULL;
    ps_error err;

    (void)state;
    options.progress = stop;
    options.user = &done;
    assert_int_equal(ps_master_make(&chain, &report, engine, source, &options, &err), PS_CANCELLED);
    assert_true(done >= 0.1 && done < 0.2);
    options = ps_master_defaults();
    options.lufs = 0.0;
    assert_int_equal(ps_master_make(&chain, &report, engine, source, &options, &err),
                     PS_BAD_ARGUMENT);
    assert_string_equal(err.text, "a loudness of 0 LUFS is outside -40..-5");
    options = ps_master_defaults();
    options.strength = (double)NAN;
    assert_int_equal(ps_master_make(&chain, &report, engine, source, &options, &err),
                     PS_BAD_ARGUMENT);
    assert_null(chain);
    ps_source_destroy(source);
    fx_free(&a);
    ps_engine_destroy(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loudness_and_true_peak_are_reached),
        cmocka_unit_test(what_is_too_bright_gets_darker_and_the_other_way_round),
        cmocka_unit_test(silence_gets_an_empty_chain),
        cmocka_unit_test(it_can_be_stopped_and_refuses_what_cannot_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
