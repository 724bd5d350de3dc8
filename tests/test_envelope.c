#include "voice_support.h"

#include "voice/envelope.h"

#define PI 3.14159265358979323846

/* ---- The definition, over the whole clip ----------------------------------------------------- */

/* A clip being filled from its start on. */
typedef struct clip {
    double *gain;
    int64_t at, frames;
} clip;

/* n values from a on; closed: the last one is b, else the one after it would be. */
static void line(clip *c, double a, double b, int64_t n, bool closed)
{
    for (int64_t i = 0; i < n; i++) {
        const double x = closed ? n == 1 ? a : a + (double)i * ((b - a) / (double)(n - 1))
                                : a + (double)i * ((b - a) / (double)n);

        if (c->at < c->frames)
            c->gain[c->at++] = closed && n > 1 && i == n - 1 ? b : x;
    }
}

static double param(const json_t *params, const char *name, double preset)
{
    const json_t *value = json_object_get(params, name);

    return value ? json_number_value(value) : preset;
}

static void define_adsr(clip *c, const json_t *params, double duration_sec, bool linen)
{
    const int64_t n = c->frames;
    const double s = duration_sec / (double)n, r = (double)n / (((double)(n - 1) * s) + s);
    const double level = linen ? 1.0 : fmin(fmax(param(params, "sustain_level", 0.8), 0.0), 1.0);
    int64_t a = (int64_t)(fmax(param(params, "attack", linen ? 0.1 : 0.01), 0.0) * r);
    int64_t d = linen ? 0 : (int64_t)(fmax(param(params, "decay", 0.1), 0.0) * r);
    int64_t rel = (int64_t)(fmax(param(params, "release", 0.1), 0.0) * r);

    if (n <= 1)
        return; /* zeros */
    if (a + d + rel > n) {
        const double k = (double)n / (double)(a + d + rel);

        a = (int64_t)((double)a * k);
        d = (int64_t)((double)d * k);
        rel = n - a - d > 0 ? n - a - d : 0;
    }
    line(c, 0.0, 1.0, a, false);
    line(c, 1.0, level, d, false);
    line(c, level, level, n - a - d - rel, false);
    line(c, level, 0.0, rel, true);
}

static void define_fade(clip *c, const json_t *params, double rate_hz, bool out)
{
    const double start = param(params, "start_amp", 0.0), end = param(params, "end_amp", 0.0);
    int64_t f = (int64_t)(param(params, "fade_duration", 0.0) * rate_hz);

    f = f < 0 ? 0 : f > c->frames ? c->frames : f;
    if (out)
        line(c, start, start, c->frames - f, false);
    line(c, start, end, f, true);
    if (!out)
        line(c, end, end, c->frames - f, false);
}

static void define_short_fades(clip *c, double rate_hz)
{
    const int64_t ten = (int64_t)(0.01 * rate_hz), n = ten < c->frames ? ten : c->frames;

    for (int64_t i = 0; i < c->frames; i++)
        c->gain[i] = 1.0;
    for (int64_t i = 0; n > 1 && i < n; i++)
        c->gain[i] *= (double)i / (double)(n - 1);
    for (int64_t i = 0; n > 1 && i < n; i++)
        c->gain[c->frames - n + i] *= 1.0 - (double)i / (double)(n - 1);
}

static clip define(const json_t *json, double duration_sec, double rate_hz, bool reference)
{
    const int64_t frames = (int64_t)(duration_sec * rate_hz);
    clip c = {calloc((size_t)frames + 1, sizeof(double)), 0, frames};
    const char *type = json_string_value(json_object_get(json, "type"));
    const json_t *params = json_object_get(json, "params");
    const char *fade = json_string_value(json_object_get(params, "fade_type"));

    if (!type)
        define_short_fades(&c, rate_hz);
    else if (strcmp(type, "linear_fade") == 0)
        define_fade(&c, params, rate_hz, !reference && fade && strcmp(fade, "out") == 0);
    else
        define_adsr(&c, params, duration_sec, strcmp(type, "linen") == 0);
    return c;
}

/* ---- Comparing ------------------------------------------------------------------------------- */

static ps_voice_envelope read_json(const json_t *json, double duration_sec, double rate_hz,
                                   bool reference, ps_status *status, ps_error *err)
{
    ps_value value = value_of(json);
    ps_voice_envelope e;

    *status = ps_voice_envelope_read(&e, &value, (uint64_t)(duration_sec * rate_hz), rate_hz,
                                     duration_sec, reference, err);
    value_free(&value);
    return e;
}

/* Gains in runs, the way a step is rendered. */
static float *gains_of(const ps_voice_envelope *e)
{
    float *gain = malloc((e->frames + 1) * sizeof *gain);

    for (uint64_t at = 0; at < e->frames; at += PS_VOICE_FRAMES) {
        const uint64_t left = e->frames - at;
        const uint32_t count = left < PS_VOICE_FRAMES ? (uint32_t)left : PS_VOICE_FRAMES;
        float run[PS_VOICE_FRAMES];

        for (uint32_t i = 0; i < count; i++)
            run[i] = -7.0f;
        if (ps_voice_envelope_fill(e, run, at, count))
            memcpy(gain + at, run, count * sizeof *run);
        else
            for (uint32_t i = 0; i < count; i++) {
                assert_true(run[i] == -7.0f || run[i] == 1.0f);
                gain[at + i] = 1.0f;
            }
    }
    return gain;
}

/* As lines, entered anywhere, it is the same. */
static void check_lines(const ps_voice_envelope *e, const clip *c)
{
    uint64_t end;

    if (!ps_voice_envelope_is_lines(e))
        return;
    for (uint64_t at = 0; at < e->frames; at = at + 7 < end ? at + (end - at) / 2 : end) {
        double gain, by;

        end = ps_voice_envelope_line(e, at, &gain, &by);
        assert_true(end > at && end <= e->frames);
        for (uint64_t i = at; i < end; i++) {
            const double wanted = c->gain[i], got = gain + (double)(i - at) * by;

            if (!(fabs(got - wanted) <= 1e-9 * fmax(1.0, fabs(wanted))))
                fail_msg("frame %lu of %lu is %.9g instead of %.9g", (unsigned long)i,
                         (unsigned long)e->frames, got, wanted);
        }
    }
}

static void check(const json_t *json, double duration_sec, double rate_hz, bool reference)
{
    ps_error err;
    ps_status status;
    const ps_voice_envelope e = read_json(json, duration_sec, rate_hz, reference, &status, &err);
    clip c = define(json, duration_sec, rate_hz, reference);
    float *gain = gains_of(&e);
    const double peak = ps_voice_envelope_peak(&e);

    assert_int_equal(status, PS_OK);
    for (int64_t i = 0; i < c.frames; i++) {
        if (!(fabs((double)gain[i] - c.gain[i]) <= 1e-7 * fmax(1.0, fabs(c.gain[i]))))
            fail_msg("frame %ld of %ld is %.9g instead of %.9g: %s", (long)i, (long)c.frames,
                     (double)gain[i], c.gain[i], json_dumps(json, 0));
        assert_true(fabs((double)gain[i]) <= peak * (1.0 + 1e-7));
    }
    check_lines(&e, &c);
    free(gain);
    free(c.gain);
}

static void check_text(const char *text, double duration_sec, double rate_hz)
{
    json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);

    assert_non_null(json);
    check(json, duration_sec, rate_hz, false);
    check(json, duration_sec, rate_hz, true);
    json_decref(json);
}

/* ---- Tests ----------------------------------------------------------------------------------- */

static void envelopes_are_what_the_specification_says(void **state)
{
    static const char *const types[] = {"adsr", "linen", "linear_fade"};
    static const char *const numbers[] = {"attack",    "decay",   "sustain_level", "release",
                                          "start_amp", "end_amp", "fade_duration"};
    test_chance c = {ps_random_key(3, 3), 0};

    (void)state;
    for (uint32_t i = 0; i < 600; i++) {
        json_t *json = json_object(), *params = json_object();
        const double rate_hz = i % 2 ? 44100.0 : 8000.0, scale = i % 5 ? 0.1 : 0.4;

        json_object_set_new(json, "type", json_string(types[i % 3]));
        for (uint32_t k = 0; k < 7; k++) {
            if (i % 3 == 2 || chance(&c) < 0.8)
                json_object_set_new(params, numbers[k],
                                    json_real((chance(&c) * 1.2 - 0.1) *
                                              (strchr(numbers[k], '_') && k != 6 ? 2.0 : scale)));
        }
        if (chance(&c) < 0.5)
            json_object_set_new(params, "fade_type", json_string(i % 4 < 2 ? "out" : "in"));
        json_object_set_new(json, "params", params);
        check(json, 0.001 + 0.3 * chance(&c) * chance(&c), rate_hz, i % 7 == 0);
        json_decref(json);
    }
}

/* Where a truncation falls on a whole number, the order of the roundings decides. */
static void sample_counts_are_the_references(void **state)
{
    (void)state;
    for (int i = 1; i < 300; i++) {
        char text[160];

        snprintf(text, sizeof text,
                 "{\"type\": \"adsr\", \"params\": {\"attack\": %.2f, \"decay\": %.3f,"
                 " \"release\": %.3f, \"sustain_level\": 0.37}}",
                 i * 0.01, i * 0.003, i * 0.007);
        check_text(text, 0.1 * i, i % 2 ? 1000.0 : 441.0);
    }
}

static void without_one_ten_milliseconds_are_faded(void **state)
{
    static const double durations[] = {0.0001, 0.0002, 0.005,  0.01, 0.0101,
                                       0.015,  0.02,   0.0201, 1.0};

    (void)state;
    for (size_t i = 0; i < sizeof durations / sizeof durations[0]; i++) {
        check_text("null", durations[i], 22050.0);
        check_text("{}", durations[i], 44100.0);
        check_text("{}", durations[i], 47999.0);
    }
}

static void steps_of_few_frames_are_no_trouble(void **state)
{
    (void)state;
    for (int frames = 1; frames < 12; frames++) {
        const double duration_sec = (frames + 0.5) / 8000.0;

        check_text("{\"type\": \"adsr\", \"params\": {}}", duration_sec, 8000.0);
        check_text("{\"type\": \"linen\"}", duration_sec, 8000.0);
        check_text("{\"type\": \"adsr\", \"params\": {\"attack\": 0, \"decay\": 0,"
                   " \"release\": 0.000126, \"sustain_level\": 0.3}}",
                   duration_sec, 8000.0);
        check_text("{\"type\": \"linear_fade\", \"params\": {\"fade_duration\": 0.00013,"
                   " \"start_amp\": 0.25, \"end_amp\": 2}}",
                   duration_sec, 8000.0);
    }
}

static void check_told(const char *text, const char *why)
{
    json_t *json = json_loads(text, JSON_DECODE_ANY, NULL);
    ps_error err = {0};
    ps_status status;
    const ps_voice_envelope e = read_json(json, 1.0, 8000.0, false, &status, &err);
    float gain[PS_VOICE_FRAMES];

    assert_int_equal(status, PS_BAD_DATA);
    assert_string_equal(err.text, why);
    for (uint64_t at = 0; at < 8000; at += 200)
        assert_false(ps_voice_envelope_fill(&e, gain, at, 200));
    assert_true(ps_voice_envelope_peak(&e) == 1.0);
    json_decref(json);
}

static void what_cannot_be_used_is_flat_and_told(void **state)
{
    (void)state;
    check_told("{\"type\": \"bogus\", \"params\": {\"x\": 1}}", "there is no envelope \"bogus\"");
    check_told("{\"params\": {\"attack\": 1}}", "it has no type");
    check_told("{\"type\": 7}", "it has no type");
    check_told("\"adsr\"", "it has no type");
    check_told("{\"type\": \"linear_fade\"}", "fade_duration is missing");
    check_told("{\"type\": \"linear_fade\", \"params\": {\"fade_duration\": 1, \"start_amp\": 0}}",
               "end_amp is missing");
    check_told("{\"type\": \"adsr\", \"params\": {\"decay\": \"slow\"}}", "decay is not a number");
    check_told("{\"type\": \"linear_fade\", \"params\": {\"fade_duration\": 1, \"start_amp\": 0,"
               " \"end_amp\": 1, \"fade_type\": \"up\"}}",
               "fade_type is neither \"in\" nor \"out\"");
}

static void absurd_numbers_stay_finite(void **state)
{
    static const char *const texts[] = {
        "{\"type\": \"adsr\", \"params\": {\"attack\": 1e300, \"decay\": 1e300,"
        " \"release\": 1e300, \"sustain_level\": 1e300}}",
        "{\"type\": \"adsr\", \"params\": {\"attack\": 1e300, \"sustain_level\": -1e300}}",
        "{\"type\": \"linen\", \"params\": {\"attack\": -1e300, \"release\": 1e300}}",
        "{\"type\": \"linear_fade\", \"params\": {\"fade_duration\": 1e300,"
        " \"start_amp\": 1e300, \"end_amp\": -1e300}}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        json_t *json = json_loads(texts[i], 0, NULL);
        ps_status status;
        const ps_voice_envelope e = read_json(json, 0.1, 8000.0, false, &status, NULL);
        float *gain = gains_of(&e);

        assert_int_equal(status, PS_OK);
        for (uint64_t k = 0; k < e.frames; k++)
            assert_true(fabs((double)gain[k]) <= ps_voice_envelope_peak(&e));
        free(gain);
        json_decref(json);
    }
}

static void applying_multiplies_both_ears(void **state)
{
    json_t *json = json_loads("{\"type\": \"linen\", \"params\": {}}", 0, NULL);
    ps_status status;
    const ps_voice_envelope e = read_json(json, 1.0, 8000.0, false, &status, NULL);
    float left[200], right[200], gain[200];

    (void)state;
    for (uint64_t at = 0; at < 8000; at += 200) {
        for (uint32_t i = 0; i < 200; i++) {
            left[i] = 1.0f;
            right[i] = -0.5f;
            gain[i] = 1.0f;
        }
        ps_voice_envelope_fill(&e, gain, at, 200);
        ps_voice_envelope_apply(&e, left, right, at, 200);
        for (uint32_t i = 0; i < 200; i++)
            assert_true(left[i] == gain[i] && right[i] == -0.5f * gain[i]);
    }
    json_decref(json);
}

/* ---- The reference's recordings -------------------------------------------------------------- */

/* A binaural beat at its defaults, but for the two frequencies, in an envelope. */
static void check_voice_of(const json_t *voice, double duration_sec, double rate_hz,
                           const float *golden)
{
    const json_t *params = json_object_get(voice, "params");
    const double base_hz = param(params, "baseFreq", 200.0);
    const double beat_hz = param(params, "beatFreq", 4.0);
    ps_status status;
    const ps_voice_envelope e = read_json(json_object_get(voice, "volume_envelope"), duration_sec,
                                          rate_hz, true, &status, NULL);
    float *gain = gains_of(&e);

    assert_int_equal(status, PS_OK);
    for (uint64_t i = 0; i < e.frames; i++) {
        const double t = (double)(i + 1) * duration_sec / (double)e.frames;
        const double left = 0.5 * sin(2.0 * PI * (base_hz - beat_hz / 2.0) * t);
        const double right = 0.5 * sin(2.0 * PI * (base_hz + beat_hz / 2.0) * t);

        assert_true(fabs((double)golden[2 * i] - left * (double)gain[i]) < 2e-7);
        assert_true(fabs((double)golden[2 * i + 1] - right * (double)gain[i]) < 2e-7);
    }
    free(gain);
}

static void check_recording(const char *name)
{
    const char *shared = getenv("PS_SHARED");
    char path[512];
    size_t bytes, step = 0, frame = 0;
    json_t *entry;

    snprintf(path, sizeof path, "%s/golden/%s.json", shared ? shared : "../shared", name);
    json_t *track = json_load_file(path, 0, NULL);
    snprintf(path, sizeof path, "%s/golden/%s.wav", shared ? shared : "../shared", name);
    uint8_t *wav = read_whole(path, &bytes);
    if (!track || !wav) {
        json_decref(track);
        free(wav);
        skip();
    }
    const double rate_hz =
        json_number_value(json_object_get(json_object_get(track, "global"), "sample_rate"));
    size_t at = 12;
    while (memcmp(wav + at, "data", 4) != 0) {
        uint32_t size;

        memcpy(&size, wav + at + 4, 4);
        at += 8 + size;
        assert_true(at + 8 < bytes);
    }
    json_array_foreach(json_object_get(track, "progression"), step, entry)
    {
        const double duration_sec = json_number_value(json_object_get(entry, "duration"));
        const size_t frames = (size_t)(duration_sec * rate_hz);
        float *golden = malloc(frames * 8);

        assert_true(at + 8 + (frame + frames) * 8 <= bytes);
        memcpy(golden, wav + at + 8 + frame * 8, frames * 8);
        check_voice_of(json_array_get(json_object_get(entry, "voices"), 0), duration_sec, rate_hz,
                       golden);
        free(golden);
        frame += frames;
    }
    assert_true(step >= 2);
    json_decref(track);
    free(wav);
}

static void the_references_adsr_sounds_the_same(void **state)
{
    (void)state;
    check_recording("xe-adsr");
}

static void the_references_linen_sounds_the_same(void **state)
{
    (void)state;
    check_recording("xe-linen");
}

static void the_references_fade_sounds_the_same(void **state)
{
    (void)state;
    check_recording("xe-linear-fade");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(envelopes_are_what_the_specification_says),
        cmocka_unit_test(sample_counts_are_the_references),
        cmocka_unit_test(without_one_ten_milliseconds_are_faded),
        cmocka_unit_test(steps_of_few_frames_are_no_trouble),
        cmocka_unit_test(what_cannot_be_used_is_flat_and_told),
        cmocka_unit_test(absurd_numbers_stay_finite),
        cmocka_unit_test(applying_multiplies_both_ears),
        cmocka_unit_test(the_references_adsr_sounds_the_same),
        cmocka_unit_test(the_references_linen_sounds_the_same),
        cmocka_unit_test(the_references_fade_sounds_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
