/* Our loudness beside libebur128's, on 37 signals: integrated, momentary, short-term, range; and
   true peaks. */
#include "loudness_support.h"

#ifdef HAVE_EBUR128
#include <ebur128.h>

/* Of libebur128. */
typedef struct answers {
    double integrated, peak;
    double *momentary, *short_term; /* after every 100 ms */
    uint32_t hops;
} answers;

static uint32_t hop_of(const take *t)
{
    return (uint32_t)(t->rate_hz / 10.0 + 0.5);
}

static answers ask(const take *t)
{
    const uint32_t hop = hop_of(t);
    const int modes = EBUR128_MODE_I | EBUR128_MODE_S | EBUR128_MODE_SAMPLE_PEAK;
    answers a = {.hops = t->frames / hop};
    ebur128_state *state = ebur128_init(2, (unsigned long)t->rate_hz, modes);
    float *both = malloc(2 * (size_t)hop * sizeof *both);
    double right_peak = 0.0;

    a.momentary = calloc(2 * (size_t)a.hops + 1, sizeof *a.momentary);
    assert_true(state && both && a.momentary);
    a.short_term = a.momentary + a.hops;
    for (uint32_t at = 0, frames; at < t->frames; at += frames) {
        frames = hop < t->frames - at ? hop : t->frames - at;
        for (uint32_t i = 0; i < frames; i++) {
            both[2 * i] = t->left[at + i];
            both[2 * i + 1] = t->right[at + i];
        }
        assert_int_equal(ebur128_add_frames_float(state, both, frames), EBUR128_SUCCESS);
        if (frames == hop) {
            ebur128_loudness_momentary(state, &a.momentary[at / hop]);
            ebur128_loudness_shortterm(state, &a.short_term[at / hop]);
        }
    }
    ebur128_loudness_global(state, &a.integrated);
    ebur128_sample_peak(state, 0, &a.peak);
    ebur128_sample_peak(state, 1, &right_peak);
    a.peak = fmax(a.peak, right_peak);
    ebur128_destroy(&state);
    free(both);
    return a;
}

static int ascending(const void *a, const void *b)
{
    const double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Tech 3342, from short-term loudness ten times a second (libebur128 itself takes it once). Sorts
   in place. */
static double range_of(double *lufs, uint32_t count)
{
    uint32_t kept = 0, from = 0;
    double power = 0.0, gate;

    for (uint32_t i = 0; i < count; i++) {
        if (lufs[i] >= -70.0) {
            power += pow(10.0, lufs[i] / 10.0);
            lufs[kept++] = lufs[i];
        }
    }
    if (kept == 0)
        return 0.0;
    gate = 10.0 * log10(power / kept) - 20.0;
    qsort(lufs, kept, sizeof *lufs, ascending);
    while (lufs[from] < gate)
        from++;
    kept -= from;
    return lufs[from + (uint32_t)floor(0.95 * (kept - 1) + 0.5)] -
           lufs[from + (uint32_t)floor(0.10 * (kept - 1) + 0.5)];
}

static void assert_same_loudness(double ours, double theirs)
{
    if (isinf(theirs) || theirs < -200.0) /* what decays in a filter is silence to nobody */
        assert_true(ours < -200.0);
    else
        assert_near(ours, theirs, 0.01);
}

static void compare_hops(const take *t, const answers *theirs)
{
    const uint32_t hop = hop_of(t);
    ps_engine *engine = NULL;
    ps_meter *meter = meter_make(&engine, NULL, t->rate_hz, PS_MEASURE_LOUDNESS);

    for (uint32_t i = 0; i < theirs->hops; i++) {
        ps_loudness_now now;

        ps_meter_add(meter, (ps_block){t->left + i * hop, t->right + i * hop, hop});
        ps_meter_now(meter, &now);
        assert_same_loudness(now.momentary_lufs, theirs->momentary[i]);
        assert_same_loudness(now.short_term_lufs, theirs->short_term[i]);
    }
    ps_meter_destroy(meter);
    ps_engine_destroy(engine);
}

static void compare(take *t)
{
    const ps_levels ours = measure_with(t, NULL, PS_MEASURE_LOUDNESS, 0);
    answers theirs = ask(t);

    assert_same_loudness(ours.integrated_lufs, theirs.integrated);
    assert_near(ours.peak, theirs.peak, 0.0);
    compare_hops(t, &theirs);
    if (theirs.hops >= 30)
        assert_near(ours.loudness_range_lu, range_of(theirs.short_term + 29, theirs.hops - 29),
                    0.01);
    free(theirs.momentary);
    take_free(t);
}

static void compare_short(double rate_hz)
{
    take steady = take_make(rate_hz, 3.0), low = take_make(rate_hz, 3.0);

    noise(&steady, 2.77, -20.0, 0.5);
    compare(&steady);
    sine(&low, 1.5, 40.0, -6.0);
    sine(&low, 1.5, 2500.0, -30.0);
    compare(&low);
}

static void compare_long(double rate_hz)
{
    take stairs = take_make(rate_hz, 10.0), gaps = take_make(rate_hz, 10.0);

    for (uint32_t k = 0; k < 24; k++) /* every level from -14 to -83, about both gates */
        noise(&stairs, 0.35, -14.0 - 3.0 * k, 1.0);
    compare(&stairs);
    for (uint32_t k = 0; k < 5; k++) {
        noise(&gaps, 0.1, -3.0, 0.1);
        noise(&gaps, 1.3, -120.0, 1.0);
        sine(&gaps, 0.4, 440.0, -12.0 - k);
    }
    compare(&gaps);
}

static void libebur128_agrees_at_every_rate(void **state)
{
    static const double rates_hz[] = {8000,  11025, 16000, 22050, 32000,
                                      44100, 48000, 88200, 192000};

    (void)state;
    for (uint32_t i = 0; i < 9; i++)
        compare_short(rates_hz[i]);
    for (uint32_t i = 0; i < 6; i++)
        compare_long(rates_hz[i]);
}

static void libebur128_agrees_about_nearly_nothing(void **state)
{
    take nothing = take_make(48000.0, 3.0), brief = take_make(48000.0, 1.0);
    take faint = take_make(48000.0, 3.0), block = take_make(48000.0, 1.0);

    (void)state;
    silence(&nothing, 2.0);
    compare(&nothing);
    noise(&brief, 0.399, -10.0, 1.0);
    compare(&brief);
    noise(&block, 0.4, -10.0, 1.0);
    compare(&block);
    noise(&faint, 2.0, -72.0, 1.0);
    compare(&faint);
}

/* Half a minute each: swells, a programme with quiet scenes, a fade. */
static void libebur128_agrees_about_the_range(void **state)
{
    take swells = take_make(44100.0, 31.0), scenes = take_make(22050.0, 41.0);
    take fade = take_make(32000.0, 31.0);

    (void)state;
    for (uint32_t k = 0; k < 300; k++)
        noise(&swells, 0.1, -25.0 + 12.0 * sin(0.11 * k), 0.8);
    compare(&swells);
    for (uint32_t k = 0; k < 8; k++)
        noise(&scenes, 5.0, k % 3 == 2 ? -55.0 : -18.0 - 2.0 * k, 1.0);
    compare(&scenes);
    for (uint32_t k = 0; k < 300; k++)
        noise(&fade, 0.1, -10.0 - 0.3 * k, 1.0);
    compare(&fade);
}

/* A sine that swells and fades, as what begins suddenly swings higher than it is. Of one channel.
 */
static double their_true_peak(take *t, double hz)
{
    ebur128_state *state = ebur128_init(1, (unsigned long)t->rate_hz, EBUR128_MODE_TRUE_PEAK);
    double peak = 0.0;

    assert_non_null(state);
    sine(t, 0.3, hz, -3.0);
    for (uint32_t i = 0; i < t->frames; i++) {
        const uint32_t edge = i < t->frames - i ? i : t->frames - i;
        const float gain = edge < 500 ? (float)edge / 500.0f : 1.0f;

        t->left[i] *= gain;
        t->right[i] *= gain;
    }
    assert_int_equal(ebur128_add_frames_float(state, t->left, t->frames), EBUR128_SUCCESS);
    ebur128_true_peak(state, 0, &peak);
    ebur128_destroy(&state);
    return peak;
}

/* Its shorter filter reads up to 0.11 dB low here; ours is held to the sine itself. */
static void libebur128_agrees_about_true_peaks(void **state)
{
    static const double rates_hz[] = {22050, 44100, 48000};

    (void)state;
    for (uint32_t i = 0; i < 3; i++) {
        for (uint32_t k = 0; k < 14; k++) {
            take t = take_make(rates_hz[i], 0.3);
            const double theirs = their_true_peak(&t, rates_hz[i] * (0.03 * k + 0.0113));
            const double ours_db = 20.0 * log10(measure(&t, 4096).true_peak);

            assert_near(ours_db, -3.0, 0.006);
            assert_near(ours_db, 20.0 * log10(theirs), 0.12);
            take_free(&t);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(libebur128_agrees_at_every_rate),
        cmocka_unit_test(libebur128_agrees_about_nearly_nothing),
        cmocka_unit_test(libebur128_agrees_about_the_range),
        cmocka_unit_test(libebur128_agrees_about_true_peaks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#else

static void libebur128_agrees(void **state)
{
    (void)state;
    print_message("built without libebur128\n");
    skip();
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(libebur128_agrees)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}

#endif
