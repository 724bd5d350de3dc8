/*
 * Renders a score as the command does, with what the command has no option for: a chosen kernel
 * row, the effects off, the notes counted. Prints one line of JSON.
 *
 *   bench_render [--seconds S] [--row NAME] [--no-effects] [--interpolation 0..4] [--polyphony N]
 *                [--threads N] SOUNDFONT MIDI
 *
 * Interpolation: 0 nearest, 1 linear, 2 cubic, 3 sinc8, 4 sinc32.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "plainsong/plainsong.h"

#define PULL_FRAMES  65536u /* with threads: long spans are worth sharing */
#define COUNT_FRAMES 64u    /* without: the notes are counted at every run of the grid */

typedef struct request {
    const char *row, *bank, *midi;
    double seconds; /* negative: to the end */
    uint32_t threads;
    ps_performance_options performance;
} request;

typedef struct rig {
    ps_threads *threads;
    ps_engine *engine;
    ps_soundfont_file *bank;
    ps_file *midi;
    ps_score *score;
    ps_source *source;
} rig;

static void check(ps_status status, const ps_error *err)
{
    if (status == PS_OK)
        return;
    fprintf(stderr, "bench_render: %s\n", err->text[0] ? err->text : ps_status_text(status));
    exit(1);
}

static double now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static request read_options(int argc, char **argv)
{
    request r = {NULL, NULL, NULL, -1.0, 1, ps_performance_defaults()};
    int i = 1;

    r.performance.synth.rate_hz = 44100.0;
    for (; i < argc && argv[i][0] == '-'; i++) {
        const char *name = argv[i], *value = i + 1 < argc ? argv[i + 1] : "";

        if (strcmp(name, "--no-effects") == 0) {
            r.performance.synth.reverb_gain = r.performance.synth.chorus_gain = 0.0;
            continue;
        }
        if (strcmp(name, "--seconds") == 0)
            r.seconds = atof(value);
        else if (strcmp(name, "--row") == 0)
            r.row = value;
        else if (strcmp(name, "--interpolation") == 0)
            r.performance.synth.interpolation = (ps_interpolation)atoi(value);
        else if (strcmp(name, "--polyphony") == 0)
            r.performance.synth.polyphony = (uint32_t)atoi(value);
        else if (strcmp(name, "--threads") == 0)
            r.threads = (uint32_t)atoi(value);
        else
            break;
        i++;
    }
    if (argc - i != 2) {
        fputs("usage: bench_render [OPTION ...] SOUNDFONT MIDI\n", stderr);
        exit(2);
    }
    r.bank = argv[i];
    r.midi = argv[i + 1];
    return r;
}

/* Returns how long the bank took to open. */
static double set_up(rig *g, const request *r)
{
    ps_engine_options options = {NULL, NULL, r->row};
    ps_bank_choice choice = {NULL, 0};
    ps_error err = {0};
    const uint8_t *bytes;
    size_t size_bytes;
    double open_ms;

    if (r->threads > 1) {
        check(ps_threads_create(&g->threads, r->threads, &err), &err);
        options.workers = ps_threads_workers(g->threads);
    }
    check(ps_engine_create(&g->engine, &options, &err), &err);
    open_ms = now_ms();
    check(ps_soundfont_file_open(&g->bank, r->bank, false, NULL, &err), &err);
    open_ms = now_ms() - open_ms;
    check(ps_file_map(&g->midi, r->midi, &err), &err);
    bytes = ps_file_bytes(g->midi, &size_bytes);
    check(ps_score_read(&g->score, bytes, size_bytes, NULL, &err), &err);
    choice.bank = ps_soundfont_file_bank(g->bank);
    check(ps_performance_create(&g->source, g->engine, g->score, &choice, 1, &r->performance, &err),
          &err);
    return open_ms;
}

static void tear_down(rig *g)
{
    ps_source_destroy(g->source);
    ps_score_destroy(g->score);
    ps_file_close(g->midi);
    ps_soundfont_file_close(g->bank);
    ps_engine_destroy(g->engine);
    ps_threads_destroy(g->threads);
}

typedef struct result {
    uint64_t frames, note_frames;
    float peak;
} result;

static result render(ps_source *source, const request *r)
{
    static float left[PULL_FRAMES], right[PULL_FRAMES];
    const uint64_t wanted = r->seconds < 0.0 ? UINT64_MAX : (uint64_t)llround(r->seconds * 44100.0);
    const uint32_t most = r->threads > 1 ? PULL_FRAMES : COUNT_FRAMES;
    result out = {0};

    while (out.frames < wanted) {
        const uint64_t left_over = wanted - out.frames;
        ps_block block = {left, right, left_over < most ? (uint32_t)left_over : most};
        const uint32_t got = ps_source_pull(source, block);
        ps_synth_stats stats;

        if (got == 0)
            break;
        for (uint32_t i = 0; i < got; i++) {
            out.peak = fabsf(left[i]) > out.peak ? fabsf(left[i]) : out.peak;
            out.peak = fabsf(right[i]) > out.peak ? fabsf(right[i]) : out.peak;
        }
        ps_synth_get_stats(ps_performance_synth(source), &stats);
        out.note_frames += (uint64_t)stats.active * got;
        out.frames += got;
    }
    return out;
}

int main(int argc, char **argv)
{
    const request r = read_options(argc, argv);
    rig g = {0};
    const double open_ms = set_up(&g, &r);
    const result out = render(g.source, &r);
    ps_synth_stats stats;

    ps_synth_get_stats(ps_performance_synth(g.source), &stats);
    printf("{\"version\": \"%s\", \"row\": \"%s\", \"seconds\": %.3f, \"peak\": %.6f, "
           "\"peak_voices\": %u, \"voice_frames\": %llu, \"open_ms\": %.3f}\n",
           ps_version(), ps_engine_kernel_row(g.engine), (double)out.frames / 44100.0,
           (double)out.peak, stats.peak_polyphony, (unsigned long long)out.note_frames, open_ms);
    tear_down(&g);
    return 0;
}
