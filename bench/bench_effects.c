/*
 * Times effects: ns per stereo frame at 44.1 kHz, the best of some passes over the same audio.
 *
 *   bench_effects [--row ROW] [--noise] [CHAIN ...]
 *
 * Without a CHAIN: every effect with its presets, and what issue and docs promise figures for. The
 * audio is chords of decaying tones over soft noise, near full level; --noise: white noise, in
 * which every sample is a peak of its own.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/random.h"
#include "plainsong/effect_file.h"

#define FRAMES  (10u * 44100u)
#define BLOCK   4096u
#define REPEATS 12
#define RATE_HZ 44100.0

/* The target of its issue: 1,500 times real time. */
static const char mastering[] =
    "eq:hp30,ls90+2,180-1.5,400-2q1.2,1k+1,2.5k-1q2,6k+1.5,hs10k+2 | compressor:-18,3 | limiter:-1";

static float in[2][FRAMES], work[2][BLOCK];

static double now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static double random_share(uint64_t i)
{
    return (double)(ps_random_bits(1, i) >> 11) * 0x1p-53;
}

static void make_noise(void)
{
    for (uint32_t i = 0; i < FRAMES; i++)
        for (uint32_t side = 0; side < 2; side++)
            in[side][i] = (float)(2.0 * random_share(2 * i + side) - 1.0);
}

/* A tone of some harmonics that decays, somewhere between the sides. */
static void add_note(uint32_t at, double hz, double place, double level)
{
    for (int harmonic = 1; harmonic <= 8 && harmonic * hz < 16000.0; harmonic++) {
        const double w = 6.283185307179586 * hz * harmonic / RATE_HZ, a = level / harmonic;
        const double decay = exp(-harmonic / (0.7 * RATE_HZ));
        double now = a;

        for (uint32_t i = at; i < FRAMES && i < at + 3 * 44100; i++, now *= decay) {
            const double x = now * sin(w * (i - at));

            in[0][i] += (float)(x * (1.0 - place));
            in[1][i] += (float)(x * place);
        }
    }
}

static void make_music(void)
{
    float peak = 0.0f;
    uint64_t n = 0;

    make_noise();
    for (uint32_t i = 0; i < FRAMES; i++)
        in[0][i] *= 0.005f, in[1][i] *= 0.005f;
    for (uint32_t at = 0; at < FRAMES; at += 44100 / 3)
        for (int note = 0; note < 3; note++, n += 3)
            add_note(at, 55.0 * exp2(floor(48.0 * random_share(n)) / 12.0),
                     0.2 + 0.6 * random_share(n + 1), 0.05 + 0.15 * random_share(n + 2));
    for (uint32_t i = 0; i < FRAMES; i++)
        peak = fmaxf(peak, fmaxf(fabsf(in[0][i]), fabsf(in[1][i])));
    for (uint32_t i = 0; i < FRAMES; i++)
        in[0][i] *= 0.98f / peak, in[1][i] *= 0.98f / peak;
}

static double pass_ns(ps_rack *rack)
{
    const double start = now_ns();

    for (uint32_t at = 0; at < FRAMES; at += BLOCK) {
        const uint32_t frames = FRAMES - at < BLOCK ? FRAMES - at : BLOCK;

        memcpy(work[0], in[0] + at, frames * sizeof(float));
        memcpy(work[1], in[1] + at, frames * sizeof(float));
        ps_rack_process(rack, (ps_block){work[0], work[1], frames});
    }
    return now_ns() - start;
}

static int time_chain(ps_engine *engine, const char *name, const char *text)
{
    const ps_rack_options options = {.media = ps_effect_files()};
    ps_error err = {0};
    double best = 1e300;
    ps_chain *chain;
    ps_rack *rack;

    if (ps_chain_read(&chain, text, NULL, &err) != PS_OK) {
        fprintf(stderr, "bench_effects: %s: column %u: %s\n", text, err.column, err.text);
        return 2;
    }
    if (ps_rack_create(&rack, engine, chain, RATE_HZ, &options, &err) != PS_OK) {
        fprintf(stderr, "bench_effects: %s: %s\n", text, err.text);
        return 2;
    }
    for (int repeat = 0; repeat < REPEATS; repeat++)
        best = fmin(best, pass_ns(rack));
    printf("%-28s %7.2f ns per frame, %6.0f times real time\n", name, best / FRAMES,
           1e9 * FRAMES / RATE_HZ / best);
    ps_rack_destroy(rack);
    ps_chain_destroy(chain);
    return 0;
}

static int time_all(ps_engine *engine)
{
    ps_effect_info info;
    int status = 0;

    for (size_t i = 0; ps_effect_nth(i, &info); i++)
        status |= time_chain(engine, info.name, info.name);
    status |=
        time_chain(engine, "eq of 8 bands", "eq:100+1,200+1,400+1,800+1,2k+1,4k+1,8k+1,12k+1");
    status |= time_chain(engine, "eq, compressor, limiter", mastering);
    return status;
}

int main(int argc, char **argv)
{
    ps_engine_options options = {0};
    ps_engine *engine;
    int at = 1, status = 0;
    bool noise = false;

    for (; at < argc && argv[at][0] == '-'; at++) {
        if (strcmp(argv[at], "--row") == 0 && at + 1 < argc)
            options.kernel_row = argv[++at];
        else if (strcmp(argv[at], "--noise") == 0)
            noise = true;
        else
            return fprintf(stderr, "usage: bench_effects [--row ROW] [--noise] [CHAIN ...]\n"), 2;
    }
    if (ps_engine_create(&engine, &options, NULL) != PS_OK)
        return fprintf(stderr, "bench_effects: no such row\n"), 2;
    if (noise)
        make_noise();
    else
        make_music();
    if (at == argc)
        status = time_all(engine);
    for (; at < argc; at++)
        status |= time_chain(engine, argv[at], argv[at]);
    ps_engine_destroy(engine);
    return status;
}
