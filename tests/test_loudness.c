#include "loudness_support.h"

#include "dsp/level_row.h"

/* ---- Against the definition ----------------------------------------------------------------- */

/* The two filters of BS.1770, annex 1, tables 1 and 2, one after the other. Returns the energy of
   both channels frame by frame. */
static double *weighed_energy(const take *t)
{
    static const double a[2][2] = {{-1.69065929318241, 0.73248077421585},
                                   {-1.99004745483398, 0.99007225036621}};
    static const double b[2][3] = {{1.53512485958697, -2.69169618940638, 1.19839281085285},
                                   {1.0, -2.0, 1.0}};
    double *energy = calloc(t->frames, sizeof *energy);

    assert_non_null(energy);
    for (uint32_t c = 0; c < 2; c++) {
        const float *in = c == 0 ? t->left : t->right;
        double s[2][2] = {{0.0}}; /* transposed form, another one than ours */

        for (uint32_t i = 0; i < t->frames; i++) {
            double x = (double)in[i];

            for (uint32_t k = 0; k < 2; k++) {
                const double y = b[k][0] * x + s[k][0];

                s[k][0] = b[k][1] * x - a[k][0] * y + s[k][1];
                s[k][1] = b[k][2] * x - a[k][1] * y;
                x = y;
            }
            energy[i] += x * x;
        }
    }
    return energy;
}

static double lufs_of(double mean_square)
{
    return -0.691 + 10.0 * log10(mean_square);
}

/* Loudness of every window of some hops of 100 ms; the next one begins `step` frames later. */
static uint32_t windows_of(double *lufs, const double *energy, uint32_t frames, uint32_t hops,
                           uint32_t step)
{
    uint32_t count = 0;

    for (uint32_t from = 0; from + hops * 4800 <= frames; from += step) {
        double sum = 0.0;

        for (uint32_t i = 0; i < hops * 4800; i++)
            sum += energy[from + i];
        lufs[count++] = lufs_of(sum / (hops * 4800));
    }
    return count;
}

/* Mean of those from a gate on, in LUFS. */
static double gated_mean(const double *lufs, uint32_t count, double gate)
{
    double sum = 0.0;
    uint32_t passed = 0;

    for (uint32_t i = 0; i < count; i++) {
        if (lufs[i] >= gate) {
            sum += pow(10.0, (lufs[i] + 0.691) / 10.0);
            passed++;
        }
    }
    return lufs_of(sum / passed);
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static double largest_of(const double *x, uint32_t count)
{
    double most = x[0];

    for (uint32_t i = 1; i < count; i++)
        most = fmax(most, x[i]);
    return most;
}

static double range_of(double *lufs, uint32_t count)
{
    const double gate = gated_mean(lufs, count, -70.0) - 20.0;
    uint32_t from = 0;

    qsort(lufs, count, sizeof *lufs, ascending);
    while (lufs[from] < gate)
        from++;
    count -= from;
    return lufs[from + (uint32_t)floor(0.95 * (count - 1) + 0.5)] -
           lufs[from + (uint32_t)floor(0.10 * (count - 1) + 0.5)];
}

/* Half a minute that goes up and down, with pauses. */
static take make_programme(void)
{
    take t = take_make(48000.0, 22.0);

    for (uint32_t k = 0; k < 210; k++) {
        if (k % 50 == 49)
            silence(&t, 0.9);
        else
            noise(&t, 0.0837, -24.0 + 9.0 * sin(0.13 * k) + 6.0 * sin(1.7 * k), 0.6);
    }
    return t;
}

static ps_levels levels_by_definition(const take *t)
{
    double *energy = weighed_energy(t), *lufs = calloc(t->frames / 480, sizeof *lufs);
    ps_levels levels = {.frames = t->frames};
    uint32_t count;

    assert_non_null(lufs);
    count = windows_of(lufs, energy, t->frames, 4, 4800);
    levels.integrated_lufs = gated_mean(lufs, count, gated_mean(lufs, count, -70.0) - 10.0);
    count = windows_of(lufs, energy, t->frames, 4, 480);
    levels.max_momentary_lufs = largest_of(lufs, count);
    count = windows_of(lufs, energy, t->frames, 30, 480);
    levels.max_short_term_lufs = largest_of(lufs, count);
    count = windows_of(lufs, energy, t->frames, 30, 4800);
    levels.loudness_range_lu = range_of(lufs, count);
    free(lufs);
    free(energy);
    return levels;
}

static void all_scales_follow_their_definition(void **state)
{
    take t = make_programme();
    const ps_levels right = levels_by_definition(&t);

    (void)state;
    for (uint32_t r = 0; ps_kernel_row_name(r); r++) {
        const ps_levels levels = measure_with(&t, ps_kernel_row_name(r), PS_MEASURE_LOUDNESS, 1000);

        assert_near(levels.integrated_lufs, right.integrated_lufs, 0.01);
        assert_near(levels.max_momentary_lufs, right.max_momentary_lufs, 1e-6);
        assert_near(levels.max_short_term_lufs, right.max_short_term_lufs, 1e-6);
        assert_near(levels.loudness_range_lu, right.loudness_range_lu, 0.01);
    }
    take_free(&t);
}

static void a_tone_of_full_scale_on_one_side_is_at_minus_three_at_any_rate(void **state)
{
    static const double rates_hz[] = {8000, 11025, 22050, 32000, 44100, 48000, 96000, 192000};

    (void)state;
    for (uint32_t i = 0; i < 8; i++) {
        take t = take_make(rates_hz[i], 2.0);
        ps_levels levels;

        sine(&t, 2.0, 997.0, 0.0);
        memset(t.right, 0, t.frames * sizeof *t.right);
        levels = measure(&t, 512);
        assert_near(levels.integrated_lufs, -3.01, 0.05);
        assert_near(levels.max_momentary_lufs, -3.01, 0.1);
        assert_near(levels.rms, 0.5, 1e-5);
        assert_near(levels.peak, 1.0, 0.01);
        assert_int_equal(levels.frames, t.frames);
        take_free(&t);
    }
}

/* ---- Against itself ------------------------------------------------------------------------- */

static void assert_close(double a, double b)
{
    assert_true(fabs(a - b) <= 1e-12 * (fabs(a) + fabs(b)));
}

/* Lengths and filters that a meter never has, too. */
static void every_row_gives_what_plain_c_gives(void **state)
{
    const ps_level_row *plain = ps_level_row_find("c");
    take t = take_make(8000.0, 0.1);

    (void)state;
    noise(&t, 0.1, 0.0, 0.9);
    for (uint32_t r = 0; ps_kernel_row_name(r); r++) {
        const ps_level_row *row = ps_level_row_find(ps_kernel_row_name(r));

        for (uint32_t frames = 0; frames <= 67; frames++) {
            ps_level_filter a = {.direct = {1.5, 1.4},
                                 .c0 = {0.3, 0.2, 0.1, 0.4},
                                 .c1 = {-0.1, 0.2, 0.6, -0.3},
                                 .a1 = {-1.6, -1.5, -1.9, -1.8},
                                 .a2 = {0.7, 0.6, 0.95, 0.85}};
            ps_level_filter b = a;
            double sums[2] = {1.0, 2.0}, others[2] = {1.0, 2.0};

            for (uint32_t turn = 0; turn < 2; turn++) { /* the second goes on from the first */
                plain->weigh(&a, t.left + turn, t.right + turn, frames);
                row->weigh(&b, t.left + turn, t.right + turn, frames);
            }
            for (uint32_t i = 0; i < sizeof a / sizeof(double); i++)
                assert_close(((const double *)&a)[i], ((const double *)&b)[i]);
            plain->square(sums, t.left, t.right, frames);
            row->square(others, t.left, t.right, frames);
            assert_close(sums[0], others[0]);
            assert_close(sums[1], others[1]);
            assert_int_equal(plain->peak(t.left, frames), row->peak(t.left, frames));
        }
    }
    take_free(&t);
}

static void what_is_not_wanted_is_not_measured(void **state)
{
    take t = take_make(44100.0, 4.0);
    ps_levels all, some;

    (void)state;
    noise(&t, 4.0, -10.0, 0.7);
    all = measure(&t, 4096);
    for (uint32_t measures = 0; measures <= PS_MEASURE_ALL; measures++) {
        some = measure_with(&t, NULL, measures, 4096);
        assert_true(some.peak == all.peak && some.frames == all.frames);
        assert_true(measures & PS_MEASURE_RMS ? some.rms == all.rms : isnan(some.rms));
        assert_true(measures & PS_MEASURE_TRUE_PEAK ? some.true_peak == all.true_peak
                                                    : isnan(some.true_peak));
        assert_true(measures & PS_MEASURE_LOUDNESS
                        ? memcmp(&some.integrated_lufs, &all.integrated_lufs, 16) == 0 &&
                              some.max_short_term_lufs == all.max_short_term_lufs &&
                              some.loudness_range_lu == all.loudness_range_lu
                        : isnan(some.integrated_lufs) && isnan(some.max_momentary_lufs) &&
                              isnan(some.max_short_term_lufs) && isnan(some.loudness_range_lu));
    }
    take_free(&t);
}

static void one_channel_is_measured_as_such(void **state)
{
    take t = take_make(44100.0, 4.0);
    ps_levels mono, left_only;
    ps_engine *engine = NULL;
    ps_meter *meter = meter_make(&engine, NULL, 44100.0, PS_MEASURE_ALL);

    (void)state;
    noise(&t, 4.0, -10.0, 0.0);
    ps_meter_add(meter, (ps_block){t.left, NULL, t.frames});
    ps_meter_read(meter, &mono);
    left_only = measure(&t, 4096);
    assert_near(mono.rms, sqrt(2.0) * left_only.rms, 1e-12);
    left_only.rms = mono.rms;
    assert_memory_equal(&mono, &left_only, sizeof mono);
    ps_meter_destroy(meter);
    ps_engine_destroy(engine);
    take_free(&t);
}

/* What goes on for a while and is cut off swings past its level (Gibbs). */
static void the_end_is_looked_at_when_it_is_said(void **state)
{
    ps_engine *engine = NULL;
    ps_meter *meter = meter_make(&engine, NULL, 48000.0, PS_MEASURE_TRUE_PEAK);
    take t = take_make(48000.0, 0.1);
    ps_levels before, after;

    (void)state;
    for (; t.frames < 3000; t.frames++)
        t.left[t.frames] = t.right[t.frames] = (float)(0.5 * fmin(1.0, t.frames / 1000.0));
    ps_meter_add(meter, (ps_block){t.left, t.right, t.frames});
    ps_meter_read(meter, &before);
    assert_near(before.true_peak, 0.5, 0.001);
    ps_meter_end(meter);
    ps_meter_read(meter, &after);
    assert_true(after.true_peak > 1.05 * before.true_peak);
    assert_true(after.frames == before.frames);
    ps_meter_end(meter); /* there is nothing left to swing */
    ps_meter_read(meter, &before);
    assert_true(after.true_peak == before.true_peak);
    ps_meter_destroy(meter);
    ps_engine_destroy(engine);
    take_free(&t);
}

static void a_meter_reset_is_like_a_new_one(void **state)
{
    ps_engine *engine = NULL;
    ps_meter *meter = meter_make(&engine, NULL, 44100.0, PS_MEASURE_ALL);
    take loud = take_make(44100.0, 5.0), quiet = take_make(44100.0, 5.0);
    ps_levels again, new;

    (void)state;
    noise(&loud, 4.321, -3.0, 1.0);
    loud.left[100] = (float)NAN;
    noise(&quiet, 4.0, -30.0, 0.5);
    ps_meter_add(meter, (ps_block){loud.left, loud.right, loud.frames});
    ps_meter_reset(meter);
    ps_meter_add(meter, (ps_block){quiet.left, quiet.right, quiet.frames});
    ps_meter_read(meter, &again);
    new = measure(&quiet, quiet.frames);
    assert_memory_equal(&again, &new, sizeof new);
    ps_meter_destroy(meter);
    ps_engine_destroy(engine);
    take_free(&loud);
    take_free(&quiet);
}

static void gains_reach_their_levels(void **state)
{
    static const struct {
        ps_level_mode mode;
        double target_db;
    } wishes[3] = {{PS_LEVEL_PEAK, -3.0}, {PS_LEVEL_TRUE_PEAK, -1.0}, {PS_LEVEL_LUFS, -18.0}};
    const ps_levels nothing = {.true_peak = (double)NAN, .integrated_lufs = -(double)INFINITY};

    (void)state;
    for (uint32_t i = 0; i < 3; i++) {
        take t = take_make(44100.0, 2.0);
        ps_levels levels;
        double gain, reached;

        noise(&t, 2.0, -27.0, 0.7);
        levels = measure(&t, 4096);
        gain = ps_level_gain(&levels, wishes[i].mode, wishes[i].target_db);
        for (uint32_t k = 0; k < t.frames; k++) {
            t.left[k] = (float)(gain * (double)t.left[k]);
            t.right[k] = (float)(gain * (double)t.right[k]);
        }
        levels = measure(&t, 4096);
        reached = i == 0   ? 20.0 * log10(levels.peak)
                  : i == 1 ? 20.0 * log10(levels.true_peak)
                           : levels.integrated_lufs;
        assert_near(reached, wishes[i].target_db, 1e-4);
        assert_true(ps_level_gain(&nothing, wishes[i].mode, wishes[i].target_db) == 1.0);
        assert_true(ps_level_gain(&levels, PS_LEVEL_NONE, wishes[i].target_db) == 1.0);
        take_free(&t);
    }
}

static void the_size_of_blocks_does_not_matter(void **state)
{
    take t = take_make(44100.0, 3.0);
    ps_levels whole, parts;

    (void)state;
    noise(&t, 2.9, -10.0, 0.7);
    whole = measure(&t, t.frames);
    parts = measure(&t, 0);
    assert_memory_equal(&whole, &parts, sizeof whole);
    parts = measure(&t, 1);
    assert_memory_equal(&whole, &parts, sizeof whole);
    take_free(&t);
}

static void silence_and_brevity_have_no_loudness(void **state)
{
    take t = take_make(44100.0, 10.0);
    ps_levels levels = measure(&t, 64);

    (void)state;
    assert_int_equal(levels.frames, 0);
    assert_true(levels.peak == 0.0 && levels.rms == 0.0);
    assert_true(isinf(levels.integrated_lufs) && levels.integrated_lufs < 0.0);
    t.frames = t.capacity;
    levels = measure(&t, 64);
    assert_true(levels.peak == 0.0 && levels.rms == 0.0);
    assert_true(isinf(levels.integrated_lufs) && isinf(levels.max_momentary_lufs));
    assert_true(isinf(levels.max_short_term_lufs) && levels.loudness_range_lu == 0.0);
    t.frames = 0;
    noise(&t, 0.399, -6.0, 1.0);
    levels = measure(&t, 64);
    assert_true(levels.peak > 0.4);
    assert_true(isinf(levels.integrated_lufs) && isinf(levels.max_momentary_lufs));
    take_free(&t);
}

static void the_loudest_moment_is_found(void **state)
{
    take t = take_make(48000.0, 10.0);
    ps_levels levels;

    (void)state;
    sine(&t, 3.0, 1000.0, -40.0);
    sine(&t, 0.5, 1000.0, -20.0);
    sine(&t, 3.0, 1000.0, -40.0);
    levels = measure(&t, 1000);
    assert_near(levels.max_momentary_lufs, -20.0, 0.1);
    take_free(&t);
}

static void poison_is_taken_for_silence(void **state)
{
    take clean = take_make(44100.0, 2.0), poisoned = take_make(44100.0, 2.0);
    ps_levels a, b;

    (void)state;
    noise(&clean, 1.9, -10.0, 1.0);
    noise(&poisoned, 1.9, -10.0, 1.0);
    clean.left[1000] = clean.right[2000] = clean.left[3000] = clean.right[3001] = 0.0f;
    poisoned.left[1000] = NAN;
    poisoned.right[2000] = INFINITY;
    poisoned.left[3000] = -INFINITY;
    poisoned.right[3001] = -0x1p61f;
    a = measure(&clean, 64);
    b = measure(&poisoned, 64);
    assert_int_equal(b.not_finite, 4);
    b.not_finite = 0;
    assert_memory_equal(&a, &b, sizeof a);
    take_free(&clean);
    take_free(&poisoned);
}

static void create_gives_back_everything_when_memory_runs_out(void **state)
{
    long allowed = 0;
    ps_status status;

    (void)state;
    do {
        ps_engine_options options = {NULL, NULL, NULL};
        ps_engine *engine = NULL;
        ps_meter *meter = NULL;
        failing_allocator f;

        failing_init(&f, allowed++);
        options.allocator = &f.base;
        status = ps_engine_create(&engine, &options, NULL);
        if (status == PS_OK)
            status = ps_meter_create(&meter, engine, 44100.0, PS_MEASURE_ALL, NULL);
        assert_true(status == PS_OK || status == PS_NO_MEMORY);
        ps_meter_destroy(meter);
        ps_engine_destroy(engine);
        assert_int_equal(f.live, 0);
    } while (status != PS_OK);
    assert_true(allowed > 1);
}

static void rates_out_of_range_are_refused(void **state)
{
    ps_engine *engine = NULL;
    ps_meter *meter = NULL;
    ps_error error;

    (void)state;
    assert_int_equal(ps_engine_create(&engine, NULL, NULL), PS_OK);
    assert_int_equal(ps_meter_create(&meter, engine, 7999.0, 0, &error), PS_BAD_ARGUMENT);
    assert_int_equal(ps_meter_create(&meter, engine, (double)NAN, 0, NULL), PS_BAD_ARGUMENT);
    assert_null(meter);
    assert_string_equal(error.text, "meter: no sample rate of 7999 Hz");
    ps_engine_destroy(engine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_scales_follow_their_definition),
        cmocka_unit_test(a_tone_of_full_scale_on_one_side_is_at_minus_three_at_any_rate),
        cmocka_unit_test(every_row_gives_what_plain_c_gives),
        cmocka_unit_test(what_is_not_wanted_is_not_measured),
        cmocka_unit_test(one_channel_is_measured_as_such),
        cmocka_unit_test(the_end_is_looked_at_when_it_is_said),
        cmocka_unit_test(a_meter_reset_is_like_a_new_one),
        cmocka_unit_test(gains_reach_their_levels),
        cmocka_unit_test(the_size_of_blocks_does_not_matter),
        cmocka_unit_test(silence_and_brevity_have_no_loudness),
        cmocka_unit_test(the_loudest_moment_is_found),
        cmocka_unit_test(poison_is_taken_for_silence),
        cmocka_unit_test(create_gives_back_everything_when_memory_runs_out),
        cmocka_unit_test(rates_out_of_range_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
