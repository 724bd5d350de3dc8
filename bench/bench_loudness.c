/*
 * Times measuring levels: ns per stereo frame at 44.1 kHz, the best of some repeats, beside
 * libebur128 where it was found. Two signals: noise at full scale all the way, in which any frame
 * may hold the largest swing between samples; and music-like bursts, in which most cannot.
 *
 *   bench_loudness [FILE]   FILE: an audio file instead of the bursts
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/random.h"
#include "dsp/true_peak.h"
#include "plainsong/plainsong.h"

#ifdef HAVE_EBUR128
#include <ebur128.h>
#endif

#define FRAMES  (4u * 44100u)
#define BLOCK   4096u
#define REPEATS 60

typedef struct signal {
    const char *name;
    float *left, *right, *both;
} signal;

static double now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void check(ps_status status, const ps_error *err)
{
    if (status == PS_OK)
        return;
    fprintf(stderr, "bench_loudness: %s\n", err->text);
    exit(1);
}

/* ---- Signals -------------------------------------------------------------------------------- */

static signal make_signal(const char *name)
{
    signal s = {name, malloc(FRAMES * sizeof(float)), malloc(FRAMES * sizeof(float)),
                malloc(2 * FRAMES * sizeof(float))};

    if (!s.left || !s.right || !s.both)
        abort();
    return s;
}

static void interleave(signal *s)
{
    for (uint32_t i = 0; i < FRAMES; i++) {
        s->both[2 * i] = s->left[i];
        s->both[2 * i + 1] = s->right[i];
    }
}

/* decay: what remains of a burst after half a second. */
static signal noise(const char *name, double decay)
{
    signal s = make_signal(name);

    for (uint32_t i = 0; i < FRAMES; i++) {
        const uint64_t bits = ps_random_bits(1, i);
        const double past = (double)(i % 22050) / 22050.0;
        const float gain = (float)((1.0 - past) + decay * past) * 0x1p-31f;

        s.left[i] = gain * (float)(int32_t)bits;
        s.right[i] = gain * (float)(int32_t)(bits >> 32);
    }
    interleave(&s);
    return s;
}

static signal from_file(const char *path)
{
    signal s = make_signal(path);
    ps_source *source = NULL;
    ps_error err = {0};
    uint32_t got;

    check(ps_audio_file_source(&source, path, 44100.0, &err), &err);
    got = ps_source_pull(source, (ps_block){s.left, s.right, FRAMES});
    memset(s.left + got, 0, (FRAMES - got) * sizeof(float));
    memset(s.right + got, 0, (FRAMES - got) * sizeof(float));
    ps_source_destroy(source);
    interleave(&s);
    return s;
}

/* ---- Meters --------------------------------------------------------------------------------- */

static double time_ours(ps_engine *engine, const signal *s, uint32_t measures)
{
    double best = 1e300;

    for (int repeat = 0; repeat < REPEATS; repeat++) {
        ps_error err = {0};
        ps_meter *meter = NULL;
        ps_levels levels;
        double ns = now_ns();

        check(ps_meter_create(&meter, engine, 44100.0, measures, &err), &err);
        for (uint32_t at = 0; at < FRAMES; at += BLOCK) {
            const uint32_t frames = FRAMES - at < BLOCK ? FRAMES - at : BLOCK;

            ps_meter_add(meter, (ps_block){s->left + at, s->right + at, frames});
        }
        ps_meter_read(meter, &levels);
        ns = now_ns() - ns;
        best = ns < best ? ns : best;
        ps_meter_destroy(meter);
    }
    return best / FRAMES;
}

/* What a limiter does: every frame's swing. */
static double time_following(ps_engine *engine, const signal *s)
{
    static float out[BLOCK];
    double best = 1e300;

    for (int repeat = 0; repeat < REPEATS; repeat++) {
        ps_true_peak left, right;
        double ns = now_ns();

        ps_true_peak_init(&left, ps_engine_kernel_row(engine));
        ps_true_peak_init(&right, ps_engine_kernel_row(engine));
        for (uint32_t at = 0; at < FRAMES; at += BLOCK) {
            const uint32_t frames = FRAMES - at < BLOCK ? FRAMES - at : BLOCK;

            ps_true_peak_follow(&left, s->left + at, out, frames);
            ps_true_peak_follow(&right, s->right + at, out, frames);
        }
        ns = now_ns() - ns;
        best = ns < best ? ns : best;
    }
    return best / FRAMES;
}

#ifdef HAVE_EBUR128
static double time_theirs(const signal *s, int mode)
{
    double best = 1e300;

    for (int repeat = 0; repeat < 10; repeat++) {
        double ns = now_ns(), lufs = 0.0;
        ebur128_state *state = ebur128_init(2, 44100, mode | EBUR128_MODE_HISTOGRAM);

        if (!state)
            abort();
        for (uint32_t at = 0; at < FRAMES; at += BLOCK)
            ebur128_add_frames_float(state, s->both + 2 * at,
                                     FRAMES - at < BLOCK ? FRAMES - at : BLOCK);
        if ((mode & EBUR128_MODE_I) == EBUR128_MODE_I)
            ebur128_loudness_global(state, &lufs);
        ns = now_ns() - ns;
        best = ns < best ? ns : best;
        ebur128_destroy(&state);
    }
    return best / FRAMES;
}
#endif

static void say(const char *who, const char *what, const char *name, double ns)
{
    printf("%-22s %-28s %-16s %6.2f ns per frame, %6.0f times real time\n", who, what, name, ns,
           1e9 / 44100.0 / ns);
}

static void time_signal(const signal *s)
{
    for (uint32_t r = 0; ps_kernel_row_name(r); r++) {
        const ps_engine_options options = {.kernel_row = ps_kernel_row_name(r)};
        ps_engine *engine = NULL;
        ps_error err = {0};
        char who[32];

        check(ps_engine_create(&engine, &options, &err), &err);
        snprintf(who, sizeof who, "Plainsong %s", options.kernel_row);
        say(who, "peak", s->name, time_ours(engine, s, 0));
        say(who, "mean square", s->name, time_ours(engine, s, PS_MEASURE_RMS));
        say(who, "loudness I, M, S, range", s->name, time_ours(engine, s, PS_MEASURE_LOUDNESS));
        say(who, "true peak", s->name, time_ours(engine, s, PS_MEASURE_TRUE_PEAK));
        say(who, "everything", s->name, time_ours(engine, s, PS_MEASURE_ALL));
        say(who, "swing of every frame", s->name, time_following(engine, s));
        ps_engine_destroy(engine);
    }
#ifdef HAVE_EBUR128
    say("libebur128", "loudness I, M", s->name, time_theirs(s, EBUR128_MODE_I));
    say("libebur128", "loudness I, M, S, range", s->name,
        time_theirs(s, EBUR128_MODE_I | EBUR128_MODE_LRA));
    say("libebur128", "true peak", s->name, time_theirs(s, EBUR128_MODE_TRUE_PEAK));
#endif
}

int main(int argc, char **argv)
{
    const signal steady = noise("steady noise", 1.0);
    const signal bursts = argc > 1 ? from_file(argv[1]) : noise("bursts of noise", 0.02);

    time_signal(&steady);
    time_signal(&bursts);
    return 0;
}
