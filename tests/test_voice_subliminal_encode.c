#include "voice_support.h"

#define PI 3.14159265358979323846

/* ---- Files that are not there --------------------------------------------------------------- */

typedef struct file {
    const char *name;
    uint32_t frames, channels;
    double rate_hz;
    double (*at)(uint32_t frame, uint32_t channel);
} file;

static double u_at(uint32_t i, uint32_t channel)
{
    (void)channel;
    return 0.3 * sin(0.1 * i);
}

static double v_at(uint32_t i, uint32_t channel)
{
    (void)channel;
    return 0.3 * sin(0.1 * i) * (1.0 - 0.8 * i / 4999.0);
}

/* The right channel takes away what the left one adds, but for u. */
static double stereo_at(uint32_t i, uint32_t channel)
{
    return u_at(i, 0) + (channel ? -0.2 : 0.2) * cos(0.01 * i);
}

static double tone_at(uint32_t i, uint32_t channel)
{
    (void)channel;
    return 0.5 * sin(2.0 * PI * 1000.0 / 22050.0 * i);
}

static double broken_at(uint32_t i, uint32_t channel)
{
    (void)channel;
    return i % 3 == 0 ? (double)NAN : i % 3 == 1 ? -(double)INFINITY : u_at(i, 0);
}

static double silent_at(uint32_t i, uint32_t channel)
{
    (void)i;
    (void)channel;
    return 0.0;
}

static const file files[] = {
    {"u", 9000, 1, 44100.0, u_at},           {"v", 5000, 1, 22050.0, v_at},
    {"short", 700, 1, 44100.0, u_at},        {"stereo", 9000, 2, 44100.0, stereo_at},
    {"tone", 22050, 1, 22050.0, tone_at},    {"broken", 3000, 1, 44100.0, broken_at},
    {"silent", 3000, 1, 44100.0, silent_at}, {"empty", 0, 1, 44100.0, u_at},
    {"tiny", 1, 1, 192000.0, u_at},          {"fast", 100, 1, 1e9, u_at},
    {"timeless", 100, 1, 0.0, u_at},         {"prime", 8999, 1, 44100.0, tone_at},
};

static long recordings_out;

static ps_status load(void *user, const char *path, ps_recording *out, ps_error *err)
{
    (void)user;
    for (size_t k = 0; k < sizeof files / sizeof files[0]; k++) {
        const file *f = &files[k];

        if (strcmp(path, f->name) != 0)
            continue;
        float *samples = malloc((size_t)(f->frames * f->channels + 1) * sizeof *samples);
        for (uint32_t i = 0; i < f->frames; i++) {
            for (uint32_t c = 0; c < f->channels; c++)
                samples[i * f->channels + c] = (float)f->at(i, c);
        }
        *out = (ps_recording){samples, f->frames, f->channels, f->rate_hz, samples};
        recordings_out++;
        return PS_OK;
    }
    return ps_fail(err, PS_NOT_FOUND, "there is no %s", path);
}

static void release(void *user, ps_recording *recording)
{
    (void)user;
    free(recording->owner);
    recordings_out--;
}

static const ps_track_media media = {.load = load, .release = release};

static test_request request(const char *params, double duration_sec, bool reference)
{
    return (test_request){.function = "subliminal_encode",
                          .params = params,
                          .duration_sec = duration_sec,
                          .rate_hz = 44100.0,
                          .reference = reference,
                          .media = &media};
}

/* ---- Its definition -------------------------------------------------------------------------- */

typedef struct naive_clip {
    double *z;
    uint64_t frames;
} naive_clip;

/* A file as the reference makes it: straight lines to the other rate, the carrier, a peak of 1. */
static naive_clip naive_encode(const file *f, double carrier_hz, double rate_hz)
{
    const uint64_t frames = (uint64_t)((double)f->frames * rate_hz / f->rate_hz);
    naive_clip c = {calloc(frames, sizeof(double)), frames};
    double peak = 0.0;

    for (uint64_t j = 0; j < frames; j++) {
        const double at = (double)j * f->frames / (double)frames;
        const uint32_t i = (uint32_t)at;
        double a = 0.0, b = 0.0;

        for (uint32_t k = 0; k < f->channels; k++) {
            a += (double)(float)f->at(i, k) / f->channels;
            b += (double)(float)f->at(i + 1 < f->frames ? i + 1 : i, k) / f->channels;
        }
        c.z[j] =
            (a + (at - i) * (b - a)) * sin(2.0 * PI * fmod(carrier_hz / rate_hz * (double)j, 1.0));
        peak = fmax(peak, fabs(c.z[j]));
    }
    for (uint64_t j = 0; j < frames; j++)
        c.z[j] /= peak;
    return c;
}

/* Compares every row with the definition; `normal` > 0 instead of the peak of the step. */
static void compare(test_request q, const file *const *used, uint32_t count, bool stack,
                    double carrier_hz, double amp, double normal, double tolerance)
{
    const uint64_t frames = (uint64_t)(q.duration_sec * q.rate_hz);
    double *x = calloc(frames, sizeof *x), peak = 0.0;
    naive_clip clips[4];
    uint32_t k = 0;
    uint64_t at = 0;

    for (uint32_t i = 0; i < count; i++)
        clips[i] = naive_encode(used[i], carrier_hz, q.rate_hz);
    for (uint64_t i = 0; i < frames; i++) {
        if (stack) {
            for (k = 0; k < count; k++)
                x[i] += clips[k].z[i % clips[k].frames] / count;
        } else {
            x[i] = at < clips[k].frames ? clips[k].z[at] : 0.0;
            if (++at == clips[k].frames + (uint64_t)q.rate_hz) {
                at = 0;
                k = (k + 1) % count;
            }
        }
        peak = fmax(peak, fabs(x[i]));
    }
    for (uint32_t r = 0; ps_kernel_row_name(r); r++) {
        q.row = ps_kernel_row_name(r);
        test_sound s = test_render(&q);

        for (uint64_t i = 0; i < frames; i++) {
            const double right = x[i] / (normal > 0.0 ? normal : peak) * amp;

            assert_true(s.left[i] == s.right[i]);
            if (!(fabs((double)s.left[i] - right) <= tolerance))
                fail_msg("%s: frame %lu is %.8f instead of %.8f", q.row, (unsigned long)i,
                         (double)s.left[i], right);
        }
        test_sound_free(&s);
    }
    for (uint32_t i = 0; i < count; i++)
        free(clips[i].z);
    free(x);
    assert_int_equal(recordings_out, 0);
}

/* ---- Sound ----------------------------------------------------------------------------------- */

static void the_specifications_check_values_come_out(void **state)
{
    static const test_point sequence[] = {
        {1, 0.0301497, 0.0301497},
        {50, 0.4028916, 0.4028916},
        {1000, 0.2253735, 0.2253735},
        {8999, 0.0977381, 0.0977381},
        {9000, 0.0, 0.0},
        {30000, 0.0, 0.0},
        {53100, 0.0, 0.0},
        {53101, 0.0158937, 0.0158937},
        {53150, -0.2640883, -0.2640883},
        {60000, -0.0723895, -0.0723895},
        {63099, 0.0311075, 0.0311075},
        {63100, 0.0, 0.0},
    };
    static const test_point stack[] = {
        {0, 0.0, 0.0},
        {1, 0.0480342, 0.0480342},
        {50, -0.1175444, -0.1175444},
        {1000, 0.2924393, 0.2924393},
        {20000, 0.2582515, 0.2582515},
        {44099, -0.2963423, -0.2963423},
    };

    (void)state;
    check_points(request("{\"audio_paths\": [\"u\", \"v\"]}", 3.0, true), sequence, 12, 2e-6);
    check_points(request("{\"audio_paths\": \"u; v\", \"mode\": \"STACK\", \"carrierFreq\": 16000,"
                         " \"amp\": 0.8}",
                         1.0, true),
                 stack, 6, 2e-6);
    assert_int_equal(recordings_out, 0);
}

static void a_reference_of_it_is_what_the_specification_says(void **state)
{
    const file *const uv[] = {&files[0], &files[1]}, *const one[] = {&files[3]};
    const file *const three[] = {&files[2], &files[0], &files[1]};

    (void)state;
    compare(request("{\"audio_path\": \"stereo\", \"carrierFreq\": 1}", 2.7, true), one, 1, false,
            15000.0, 0.5, 0.0, 2e-6);
    compare(request("{\"audio_paths\": [\"u\", \"v\"], \"carrierFreq\": 99999, \"amp\": -0.7}", 2.7,
                    true),
            uv, 2, false, 20000.0, -0.7, 0.0, 2e-6);
    compare(
        request("{\"audio_paths\": [\"short\", \"u\", \"v\"], \"mode\": \"stack\"}", 0.31, true),
        three, 3, true, 17500.0, 0.5, 0.0, 2e-6);
    compare(
        request("{\"audio_paths\": [\"short\", \"u\", \"v\"], \"mode\": \"stack\"}", 0.01, true),
        three, 3, true, 17500.0, 0.5, 0.0, 2e-6);
}

static double naive_loop_peak(const file *a, const file *b, uint64_t frames)
{
    const naive_clip x = naive_encode(a, 17500.0, 44100.0), y = naive_encode(b, 17500.0, 44100.0);
    double peak = 0.0;

    for (uint64_t i = 0; i < frames; i++)
        peak = fmax(peak, fabs(x.z[i % x.frames] + y.z[i % y.frames]) / 2.0);
    free(x.z);
    free(y.z);
    return peak;
}

static void a_stack_is_as_loud_in_a_short_step(void **state)
{
    const file *const two[] = {&files[2], &files[0]};
    const double peak = naive_loop_peak(two[0], two[1], 63000); /* of 700 and 9000 */

    (void)state;
    compare(request("{\"audio_paths\": [\"short\", \"u\"], \"mode\": \"stack\"}", 0.01, false), two,
            2, true, 17500.0, 0.5, peak, 2e-6);
    compare(request("{\"audio_paths\": [\"short\", \"u\"], \"mode\": \"stack\"}", 2.0, false), two,
            2, true, 17500.0, 0.5, peak, 2e-6);
}

/* Together these repeat after half an hour only. */
static void a_stack_too_long_to_be_looked_at_keeps_its_bound(void **state)
{
    (void)state;
    check_bound(
        request("{\"audio_paths\": [\"u\", \"prime\"], \"mode\": \"stack\"}", 120.0, false));
    check_bound(request("{\"audio_paths\": [\"u\", \"prime\"], \"mode\": \"stack\"}", 2.0, true));
}

static void another_rate_brings_nothing_new_into_the_band(void **state)
{
    test_sound s = test_render(&(test_request){.function = "subliminal_encode",
                                               .params = "{\"audio_path\": \"tone\", \"amp\": 1}",
                                               .duration_sec = 1.0,
                                               .rate_hz = 44100.0,
                                               .media = &media});
    double peak = 0.0;

    (void)state;
    for (uint64_t i = 1000; i < 43000; i++)
        peak = fmax(peak, fabs(sin(2.0 * PI * 1000.0 / 44100.0 * (double)i) *
                               sin(2.0 * PI * fmod(17500.0 / 44100.0 * (double)i, 1.0))));
    for (uint64_t i = 1000; i < 43000; i++) {
        const double right = sin(2.0 * PI * 1000.0 / 44100.0 * (double)i) *
                             sin(2.0 * PI * fmod(17500.0 / 44100.0 * (double)i, 1.0)) / peak;

        /* The recording's abrupt ends ring, and so may have the peak. */
        assert_true(fabs((double)s.left[i] - right) < 2e-3);
    }
    test_sound_free(&s);
}

static void a_transition_is_the_same_voice(void **state)
{
    test_request q = request("{\"audio_path\": \"u\"}", 0.5, false);
    test_sound a = test_render(&q);

    (void)state;
    q.is_transition = true;
    test_sound b = test_render(&q);
    assert_true(same_bits(a.left, b.left, a.frames));
    test_sound_free(&a);
    test_sound_free(&b);
}

/* ---- Files ----------------------------------------------------------------------------------- */

static uint32_t warnings_seen;
static char last_warning[240];

static void count_warning(void *user, const ps_error *warning)
{
    (void)user;
    warnings_seen++;
    snprintf(last_warning, sizeof last_warning, "%s", warning->text);
}

static const ps_warnings counting = {count_warning, NULL};

/* The sound of u alone, and how many warnings. */
static void check_only_u(const char *params, uint32_t warnings)
{
    const file *const u[] = {&files[0]};
    test_request q = request(params, 0.2, false);
    test_voice v;

    q.warnings = &counting;
    warnings_seen = 0;
    test_voice_open(&v, &q);
    test_voice_free(&v);
    assert_int_equal(warnings_seen, warnings);
    compare(q, u, 1, false, 17500.0, 0.5, 0.0, 2e-6);
}

static void what_cannot_be_used_is_left_out_with_a_warning(void **state)
{
    (void)state;
    check_only_u("{\"audio_paths\": [\"u\"], \"audio_path\": \"v\"}", 0);
    check_only_u("{\"audio_paths\": null, \"audio_path\": \"u\"}", 0);
    check_only_u("{\"audio_paths\": \" ;; \\tu ;\"}", 0);
    check_only_u("{\"audio_paths\": [\"nowhere\", \"u\", 7, null]}", 3);
    check_only_u("{\"audio_paths\": [\"nowhere\", \"u\"]}", 1);
    assert_string_equal(last_warning, "left out \"nowhere\": there is no nowhere");
    check_only_u("{\"audio_paths\": [\"empty\", \"fast\", \"timeless\", \"u\"]}", 3);
}

static void check_refused(test_request q, ps_status status, const char *text)
{
    ps_error err = {0};
    test_voice v;

    assert_int_equal(test_voice_try(&v, &q, NULL, &err), status);
    assert_string_equal(err.text, text);
    assert_int_equal(recordings_out, 0);
}

static void a_voice_without_a_file_is_refused(void **state)
{
    test_request q = request("{\"audio_path\": \"u\"}", 0.2, false);

    (void)state;
    check_refused(request("{}", 1.0, false), PS_NOT_FOUND, "it names no file");
    check_refused(request("{\"audio_paths\": [], \"audio_path\": \"u\"}", 1.0, false), PS_NOT_FOUND,
                  "it names no file");
    check_refused(request("{\"audio_paths\": \" ; \", \"audio_path\": \"u\"}", 1.0, false),
                  PS_NOT_FOUND, "it names no file");
    check_refused(request("{\"audio_path\": \"\"}", 1.0, false), PS_NOT_FOUND, "it names no file");
    check_refused(request("{\"audio_paths\": 7}", 1.0, false), PS_BAD_DATA,
                  "audio_paths is no list of files");
    check_refused(request("{\"audio_path\": [\"u\"]}", 1.0, false), PS_BAD_DATA,
                  "audio_path is no file");
    check_refused(request("{\"audio_paths\": [\"empty\", \"gone\"]}", 1.0, false), PS_NOT_FOUND,
                  "none of its files can be used");
    q.media = NULL;
    check_refused(q, PS_NOT_FOUND, "none of its files can be used");
}

static void a_carrier_that_would_fold_is_refused_but_by_the_reference(void **state)
{
    const file *const u[] = {&files[0]};
    test_request q = request("{\"audio_path\": \"u\"}", 0.5, false);

    (void)state;
    q.rate_hz = 32000.0;
    check_refused(q, PS_UNSUPPORTED,
                  "a carrier of 17500 Hz would be heard, folded, at a rate of 32000 Hz");
    q.reference = true;
    compare(q, u, 1, false, 17500.0, 0.5, 0.0, 2e-6);
    q.reference = false;
    q.params = "{\"audio_path\": \"u\", \"carrierFreq\": 15000}";
    test_sound s = test_render(&q);
    test_sound_free(&s);
}

static void what_is_no_sound_counts_as_silence(void **state)
{
    (void)state;
    check_bound(request("{\"audio_path\": \"broken\"}", 0.1, false));
    check_bound(request("{\"audio_path\": \"silent\"}", 0.1, false));
    check_bound(request("{\"audio_path\": \"silent\"}", 0.1, true));
}

static void it_does_what_every_voice_must(void **state)
{
    static const char *const cases[] = {
        "{\"audio_paths\": [\"u\", \"v\", \"short\"]}",
        "{\"audio_paths\": [\"u\", \"v\", \"short\"], \"mode\": \"stack\"}",
        "{\"audio_paths\": \"u;v;short\", \"mode\": \"stack\", \"amp\": -0.3}",
        "{\"audio_paths\": [\"tiny\", \"short\"], \"amp\": 1e300, \"carrierFreq\": -1e300}",
        "{\"audio_paths\": [\"stereo\", \"tiny\"], \"mode\": \"stack\", \"amp\": 1}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (int reference = 0; reference < 2; reference++) {
            test_request q = request(cases[i], 1.3, reference);

            check_skipping(q);
            check_bound(q);
            if (i != 3)
                check_rows(q, 2e-6);
            check_failing_allocations(q);
        }
    }
    assert_int_equal(recordings_out, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_specifications_check_values_come_out),
        cmocka_unit_test(a_reference_of_it_is_what_the_specification_says),
        cmocka_unit_test(a_stack_is_as_loud_in_a_short_step),
        cmocka_unit_test(a_stack_too_long_to_be_looked_at_keeps_its_bound),
        cmocka_unit_test(another_rate_brings_nothing_new_into_the_band),
        cmocka_unit_test(a_transition_is_the_same_voice),
        cmocka_unit_test(what_cannot_be_used_is_left_out_with_a_warning),
        cmocka_unit_test(a_voice_without_a_file_is_refused),
        cmocka_unit_test(a_carrier_that_would_fold_is_refused_but_by_the_reference),
        cmocka_unit_test(what_is_no_sound_counts_as_silence),
        cmocka_unit_test(it_does_what_every_voice_must),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
