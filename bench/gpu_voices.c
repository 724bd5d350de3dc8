/*
 * Times binaural voices as tones: jobs of half a million frames, as a track offers them, one after
 * the other. One core's figure is that of the voices' own carrier, a run of 256 frames at a time,
 * of one voice times their number: their mix is not counted.
 */
#include "gpu_voices.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kernel/kernel.h"
#include "plainsong/memory.h"
#include "voice/carrier.h"
#include "voice/tones.h"

#define RATE_HZ    44100.0
#define JOB_FRAMES 524288u
#define CORE_RUNS  8192u /* 48 s */
#define CHECKED    4096u /* frames */
#define REPEATS    5
#define AGREE      1e-5 /* of full scale */
#define MOST       256u /* voices */

typedef void start_function(ps_carrier *, const ps_carrier_style *, const ps_voice_setup *,
                            const ps_setting *);
typedef void render_function(ps_carrier *, float *, float *, uint64_t, const double *, double,
                             uint32_t);

/* The carrier of the kernel row that this processor runs. */
typedef struct row {
    start_function *start;
    render_function *render;
} row;

#define CARRIER(name)                                                                              \
    start_function ps_carrier_start_##name;                                                        \
    render_function ps_carrier_render_##name;
CARRIER(avx2)
CARRIER(avx512)
CARRIER(neon)

static row best_row(void)
{
    const char *name = ps_kernels_find(NULL)->name;

#if PS_HAVE_AVX512
    if (strcmp(name, "avx512") == 0)
        return (row){ps_carrier_start_avx512, ps_carrier_render_avx512};
#endif
#if PS_HAVE_AVX2
    if (strcmp(name, "avx2") == 0)
        return (row){ps_carrier_start_avx2, ps_carrier_render_avx2};
#endif
#if PS_HAVE_NEON
    if (strcmp(name, "neon") == 0)
        return (row){ps_carrier_start_neon, ps_carrier_render_neon};
#endif
    (void)name;
    return (row){ps_carrier_start_c, ps_carrier_render_c};
}

static double now_sec(clockid_t clock)
{
    struct timespec t;

    clock_gettime(clock, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

/* ---- Voices ---------------------------------------------------------------------------------- */

static ps_setting steady(double value)
{
    return (ps_setting){.start = value, .end = value};
}

static ps_voice_setup setup_of(uint64_t frames)
{
    return (ps_voice_setup){.rate_hz = RATE_HZ,
                            .duration_sec = (double)frames / RATE_HZ,
                            .frames = frames,
                            .frame_sec = 1.0 / RATE_HZ};
}

/* The i-th voice; modulated: with all that a carrier has. */
static ps_carrier carrier_of(uint32_t i, bool modulated, const ps_voice_setup *setup)
{
    ps_setting settings[PS_CARRIER_ROWS] = {
        [PS_CARRIER_AMP] = steady(0.5 / MOST),
        [PS_CARRIER_AMP + 1] = steady(0.5 / MOST),
        [PS_CARRIER_BASE] = steady(90.0 + 3.7 * i),
        [PS_CARRIER_BEAT] = steady(4.0 + 0.1 * i),
    };
    const ps_carrier_style style = {.step_sec = setup->frame_sec};
    ps_carrier carrier;

    for (uint32_t ear = 0; ear < 2 && modulated; ear++) {
        settings[PS_CARRIER_TREMOLO_DEPTH + ear] = steady(0.8);
        settings[PS_CARRIER_TREMOLO_FREQ + ear] = steady(0.3 + 0.01 * i);
        settings[PS_CARRIER_TREMOLO_SKEW + ear] = steady(0.2);
        settings[PS_CARRIER_VIBRATO_RANGE + ear] = steady(4.0);
        settings[PS_CARRIER_VIBRATO_FREQ + ear] = steady(0.7);
    }
    settings[PS_CARRIER_WOBBLE_FREQ] = steady(modulated ? 0.2 : 0.0);
    settings[PS_CARRIER_WOBBLE_RANGE] = steady(modulated ? 1.0 : 0.0);
    best_row().start(&carrier, &style, setup, settings);
    return carrier;
}

/* All tones of the frames from `first` on; returns how many. */
static uint32_t tell(ps_tone *tones, uint32_t voices, bool modulated, const ps_voice_setup *setup,
                     uint64_t first, uint64_t frames)
{
    const ps_tone_stretch stretch = ps_tone_stretch_of(setup, first, first + frames);
    uint32_t count = 0;

    for (uint32_t i = 0; i < voices; i++) {
        const ps_carrier carrier = carrier_of(i, modulated, setup);
        const uint32_t ears = ps_carrier_tones(&carrier, setup, &stretch, tones + count);

        for (uint32_t k = 0; k < ears; k++)
            tones[count++].frames = frames;
    }
    return count;
}

/* Seconds of one core for a frame of one voice. */
static double core_frame_sec(bool modulated)
{
    const ps_voice_setup setup = setup_of((uint64_t)CORE_RUNS * PS_VOICE_FRAMES);
    _Alignas(PS_ALIGN_BYTES) float left[PS_VOICE_FRAMES], right[PS_VOICE_FRAMES];
    double best = 1e9;

    for (int repeat = 0; repeat < REPEATS; repeat++) {
        ps_carrier carrier = carrier_of(7, modulated, &setup);
        const double start = now_sec(CLOCK_THREAD_CPUTIME_ID);

        for (uint64_t run = 0; run < CORE_RUNS; run++)
            best_row().render(&carrier, left, right, run * PS_VOICE_FRAMES, NULL, 0.0,
                              PS_VOICE_FRAMES);
        best = fmin(best, now_sec(CLOCK_THREAD_CPUTIME_ID) - start);
    }
    return best / (double)setup.frames;
}

/* ---- The device ------------------------------------------------------------------------------ */

typedef struct choir {
    ps_gpu *gpu;
    ps_tone *tones;
    float *out[2];
    uint32_t voices;
    bool modulated;
    uint32_t jobs; /* of JOB_FRAMES */
} choir;

/* Seconds for all jobs; < 0: the device has not done them. */
static double time_jobs(const choir *c)
{
    const ps_voice_setup setup = setup_of((uint64_t)c->jobs * JOB_FRAMES);
    const double start = now_sec(CLOCK_MONOTONIC);

    for (uint32_t i = 0; i < c->jobs; i++) {
        ps_tones job = {.tones = c->tones,
                        .out = {c->out[0], c->out[1]},
                        .frames = JOB_FRAMES,
                        .piece_frames = setup.frames};

        job.count =
            tell(c->tones, c->voices, c->modulated, &setup, (uint64_t)i * JOB_FRAMES, JOB_FRAMES);
        if (ps_accelerate_tones(ps_gpu_accelerator(c->gpu), &job, 1) != PS_JOB_DONE)
            return -1.0;
    }
    return now_sec(CLOCK_MONOTONIC) - start;
}

/* The largest difference of the last job's first frames from what the voices make. */
static double difference(const choir *c)
{
    const ps_voice_setup setup = setup_of((uint64_t)c->jobs * JOB_FRAMES);
    const uint64_t first = (uint64_t)(c->jobs - 1) * JOB_FRAMES;
    _Alignas(PS_ALIGN_BYTES) float left[PS_VOICE_FRAMES], right[PS_VOICE_FRAMES];
    static double sum[2][CHECKED];
    double worst = 0.0;

    memset(sum, 0, sizeof sum);
    for (uint32_t i = 0; i < c->voices; i++) {
        ps_carrier carrier = carrier_of(i, c->modulated, &setup);

        for (uint64_t at = 0; at < first + CHECKED; at += PS_VOICE_FRAMES) {
            best_row().render(&carrier, left, right, at, NULL, 0.0, PS_VOICE_FRAMES);
            for (uint32_t n = 0; n < PS_VOICE_FRAMES && at >= first; n++) {
                sum[0][at - first + n] += (double)left[n];
                sum[1][at - first + n] += (double)right[n];
            }
        }
    }
    for (uint32_t n = 0; n < CHECKED; n++)
        for (uint32_t side = 0; side < 2; side++)
            worst = fmax(worst, fabs((double)c->out[side][n] - sum[side][n]));
    return worst;
}

/* ---- The table ------------------------------------------------------------------------------- */

static bool print_row(choir *c, double frame_sec)
{
    const double frames = (double)c->jobs * JOB_FRAMES, core = c->voices * frames * frame_sec;
    double sec = time_jobs(c); /* builds what is needed */

    if (sec < 0.0) {
        printf("| %s | %u | declined | | %.4g | |\n", c->modulated ? "every modulator" : "plain",
               (unsigned)c->voices, core);
        return true;
    }
    sec = time_jobs(c);
    printf("| %s | %u | %.4g | %.0f | %.4g | %.1f |\n", c->modulated ? "every modulator" : "plain",
           (unsigned)c->voices, sec, frames / RATE_HZ / sec, core, core / sec);
    fflush(stdout);
    return difference(c) <= AGREE;
}

bool print_voices(ps_gpu *gpu, bool quick)
{
    static const uint32_t counts[] = {1, 4, 16, 64, MOST};
    const ps_allocator *lender = ps_gpu_memory(gpu);
    choir c = {.gpu = gpu, .jobs = quick ? 1 : 10};
    bool right = true;

    c.tones = ps_alloc(NULL, 2 * MOST, sizeof *c.tones);
    for (uint32_t side = 0; side < 2; side++)
        c.out[side] = ps_alloc(lender, JOB_FRAMES, sizeof(float));
    if (!c.tones || !c.out[0] || !c.out[1]) {
        fprintf(stderr, "gpu: no memory for voices\n");
        exit(1);
    }
    printf(
        "\n**Binaural voices, %.0f s each, mixed**\n\n| voices | how many | s | times real time | "
        "one core s | one core / device |\n| --- | ---: | ---: | ---: | ---: | ---: |\n",
        c.jobs * JOB_FRAMES / RATE_HZ);
    for (int modulated = 0; modulated < 2; modulated++) {
        const double frame_sec = core_frame_sec(modulated != 0);

        for (uint32_t i = 0; i < sizeof counts / sizeof *counts && (!quick || i < 2); i++) {
            c.modulated = modulated != 0;
            c.voices = counts[i];
            right = print_row(&c, frame_sec) && right;
        }
    }
    for (uint32_t side = 0; side < 2; side++)
        ps_free(lender, c.out[side]);
    ps_free(NULL, c.tones);
    return right;
}
