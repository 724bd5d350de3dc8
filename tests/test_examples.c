/*
 * The example tracks: each is read without a warning and sounds; and what is heard is what stands
 * in the document: tones and beats within 0.01 Hz.
 */
#include "support.h"

#include <math.h>

#include "plainsong/engine.h"
#include "plainsong/track_file.h"

#define PI 3.14159265358979323846

static int warned;

static void count(void *user, const ps_error *warning)
{
    (void)user;
    warned++;
    printf("%s\n", warning->text);
}

typedef struct example {
    float *left, *right;
    uint64_t frames;
    double rate_hz;
} example;

/* Plays an example from a second on; MIDI clips are left out, there may be no bank here. */
static example play(const char *name, double from_sec, double seconds)
{
    const ps_track_file_options reading = {.warnings = {.add = count}};
    ps_track_file *file = NULL;
    ps_engine *engine = NULL;
    ps_media *media = NULL;
    ps_source *source = NULL;
    char path[1024], relative[128];
    ps_error err = {0};

    snprintf(relative, sizeof relative, "../examples/tracks/%s", name);
    tests_path(path, sizeof path, relative);
    if (ps_track_file_open(&file, path, &reading, &err) != PS_OK)
        fail_msg("%s: %s", path, err.text);
    assert_int_equal(ps_engine_create(&engine, NULL, NULL), PS_OK);
    const ps_media_options lent = {.track_path = path};
    assert_int_equal(ps_media_create(&media, &lent, NULL), PS_OK);
    const ps_track_options options = {.media = ps_media_lend(media)};
    assert_int_equal(
        ps_track_source_create(&source, engine, ps_track_file_track(file), &options, NULL), PS_OK);
    example e = {.rate_hz = ps_source_rate_hz(source)};
    e.frames = (uint64_t)(seconds * e.rate_hz);
    e.left = malloc(e.frames * sizeof *e.left);
    e.right = malloc(e.frames * sizeof *e.right);
    assert_int_equal(ps_source_seek(source, (uint64_t)(from_sec * e.rate_hz)), PS_OK);
    uint64_t got = 0;
    while (got < e.frames) {
        const uint64_t rest = e.frames - got;
        const uint32_t part = rest < 4096 ? (uint32_t)rest : 4096;

        assert_int_equal(ps_source_pull(source, (ps_block){e.left + got, e.right + got, part}),
                         part);
        got += part;
    }
    ps_source_destroy(source);
    ps_media_destroy(media);
    ps_engine_destroy(engine);
    ps_track_file_close(file);
    return e;
}

static void example_free(example *e)
{
    free(e->left);
    free(e->right);
}

/* How far a component is from a frequency: the slope of its phase, from window to window. */
static double offset_hz(const double *signal, uint64_t frames, double rate_hz, double hz)
{
    const uint64_t window = (uint64_t)(0.5 * rate_hz);
    double last = 0.0, sum = 0.0;
    uint64_t windows = 0;

    for (uint64_t first = 0; first + window <= frames; first += window, windows++) {
        double re = 0.0, im = 0.0;

        for (uint64_t i = first; i < first + window; i++) {
            const double hann = 0.5 - 0.5 * cos(2.0 * PI * (double)(i - first) / (double)window);
            const double phase = 2.0 * PI * fmod(hz * (double)i / rate_hz, 1.0);

            re += signal[i] * hann * cos(phase);
            im -= signal[i] * hann * sin(phase);
        }
        const double phase = atan2(im, re);
        if (windows > 0)
            sum += remainder(phase - last, 2.0 * PI);
        last = phase;
    }
    return sum / (double)(windows - 1) / (2.0 * PI) * rate_hz / (double)window;
}

static double *ear(const float *samples, uint64_t frames, bool squared)
{
    double *out = malloc(frames * sizeof *out);

    for (uint64_t i = 0; i < frames; i++)
        out[i] = squared ? (double)samples[i] * (double)samples[i] : (double)samples[i];
    return out;
}

/* The tone of one ear, or with `squared` the rate at which its power swings. */
static void expect(const float *samples, const example *e, bool squared, double hz)
{
    double *signal = ear(samples, e->frames, squared);
    const double off = offset_hz(signal, e->frames, e->rate_hz, hz);

    printf("%9.4f Hz, wanted %g\n", hz + off, hz);
    assert_true(fabs(off) < 0.01);
    free(signal);
}

static void beats_are_those_of_the_document(void **state)
{
    example e = play("evening.json", 8.0, 20.0);

    (void)state;
    expect(e.left, &e, false, 205.0); /* 210 Hz, 10 Hz between the ears */
    expect(e.right, &e, false, 215.0);
    example_free(&e);
    e = play("focus.json", 2.0, 20.0);
    expect(e.left, &e, false, 240.0);
    expect(e.left, &e, true, 14.0); /* pulses */
    example_free(&e);
    e = play("walk-around.json", 2.0, 16.0);
    expect(e.left, &e, true, 440.0); /* twice the carrier, whatever its direction */
    example_free(&e);
    e = play("quadrature.json", 42.0, 16.0);
    expect(e.left, &e, true, 3.3);
    expect(e.right, &e, true, 7.1); /* two tones in one ear */
    example_free(&e);
    e = play("shapes.json", 3.0, 10.0);
    expect(e.left, &e, false, 150.0);
    example_free(&e);
}

static void every_example_is_read_without_a_warning_and_sounds(void **state)
{
    static const char *const names[] = {"evening.json",    "focus.json",  "walk-around.json",
                                        "quadrature.json", "shapes.json", "with-clips.json"};

    (void)state;
    warned = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        example e = play(names[i], 4.0, 30.0);
        double power = 0.0;

        for (uint64_t k = 0; k < e.frames; k++) {
            assert_true(isfinite(e.left[k]) && isfinite(e.right[k]));
            power += (double)e.left[k] * (double)e.left[k];
        }
        assert_true(power / (double)e.frames > 1e-3);
        example_free(&e);
    }
    assert_int_equal(warned, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(beats_are_those_of_the_document),
        cmocka_unit_test(every_example_is_read_without_a_warning_and_sounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
