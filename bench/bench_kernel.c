/*
 * Times every kernel of every row: ns per note and frame. "whole" is what a playing note costs
 * before envelopes: a cubic read, its filter, stereo and two sends with ramps, 256 notes in groups
 * of 16, runs of 64 frames. "8 kB" notes loop and stay in the cache, "390 kB" ones stream.
 *
 * Usage: bench_kernel [row]
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/random.h"
#include "kernel/kernel.h"
#include "kernel/sinc.h"

#define NOTES   256u
#define REPEATS 120
#define MARGIN  64u /* frames before and after each note's samples */

typedef struct bench_note {
    const uint8_t *data; /* of 16-bit frames */
    uint64_t position, step, frames;
} bench_note;

typedef struct bench {
    const ps_kernels *row;
    bench_note notes[NOTES];
    uint8_t *memory;
    ps_sinc_set *sinc[PS_INTERPOLATIONS]; /* of the two sinc modes */
    float strips[PS_GROUP_LANES * PS_GRID_FRAMES];
    float buses[PS_GRID_FRAMES * PS_BUSES];
    ps_group_shape shape;
    ps_group_state states[NOTES / PS_GROUP_LANES];
} bench;

static uint64_t counter;

/* 0 up to 1 */
static double random_unit(void)
{
    return (double)(ps_random_bits(1, counter++) >> 11) * 0x1p-53;
}

static double now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

/* Notes of some bytes each, pitched by ratios low..high. */
static void prepare_notes(bench *b, size_t note_bytes, double low, double high)
{
    const size_t frames = note_bytes / 2 + 2 * MARGIN;
    int16_t *samples;

    free(b->memory);
    b->memory = malloc(NOTES * frames * 2);
    if (!b->memory)
        exit(1);
    samples = (int16_t *)(void *)b->memory;
    for (size_t i = 0; i < NOTES * frames; i++)
        samples[i] = (int16_t)(i * 40503u >> 3);
    for (uint32_t n = 0; n < NOTES; n++) {
        b->notes[n].data = b->memory + (n * frames + MARGIN) * 2;
        b->notes[n].frames = note_bytes / 2;
        b->notes[n].position = 0;
        b->notes[n].step = (uint64_t)((low + (high - low) * random_unit()) * 0x1p32);
    }
}

static void prepare_shape(bench *b)
{
    memset(&b->shape, 0, sizeof b->shape);
    memset(b->states, 0, sizeof b->states);
    for (uint32_t lane = 0; lane < PS_GROUP_LANES; lane++) {
        b->shape.b0[lane] = 0.02f;
        b->shape.a1[lane] = -1.6f;
        b->shape.a2[lane] = 0.68f;
        b->shape.b0_change[lane] = 1e-7f;
        for (uint32_t bus = 0; bus < PS_BUSES; bus++) {
            b->shape.gain[bus][lane] = 1e-6f * (float)(lane + bus);
            b->shape.gain_change[bus][lane] = 1e-9f;
        }
    }
}

/* One run of 64 frames of all notes. */
typedef void run_function(bench *b, int variant);

static void read_note(bench *b, bench_note *note, float *strip, int interpolation, bool moves)
{
    ps_reading reading = {note->data, note->position, note->step, 0, NULL};

    if (b->sinc[interpolation])
        reading.sinc = ps_sinc_table(b->sinc[interpolation], note->step);
    if (note->position >> 32 >= note->frames - 4 * PS_GRID_FRAMES)
        reading.position = note->position = 0;
    reading.window += 2 * (note->position >> 32);
    reading.position &= 0xffffffffu;
    if (moves)
        reading.step_change = 12345;
    b->row->read16[interpolation](strip, &reading, PS_GRID_FRAMES);
    note->position += note->step * PS_GRID_FRAMES;
}

static void run_read(bench *b, int interpolation)
{
    for (uint32_t n = 0; n < NOTES; n++)
        read_note(b, &b->notes[n], b->strips, interpolation & 7, interpolation & 8);
}

/* variant: flags, and lanes of 16 in the next bits; the other groups are left out */
static void run_mix(bench *b, int variant)
{
    const uint32_t lanes = (uint32_t)variant >> 8, flags = variant & 0xff;

    for (uint32_t n = 0; n + lanes <= NOTES; n += lanes)
        b->row->mix(b->buses, b->strips, &b->shape, &b->states[n / PS_GROUP_LANES], lanes,
                    PS_GRID_FRAMES, flags);
}

static void run_whole(bench *b, int flags)
{
    for (uint32_t group = 0; group < NOTES / PS_GROUP_LANES; group++) {
        for (uint32_t lane = 0; lane < PS_GROUP_LANES; lane++)
            read_note(b, &b->notes[group * PS_GROUP_LANES + lane],
                      b->strips + lane * PS_GRID_FRAMES, PS_INTERPOLATE_CUBIC, false);
        b->row->mix(b->buses, b->strips, &b->shape, &b->states[group], PS_GROUP_LANES,
                    PS_GRID_FRAMES, (uint32_t)flags);
    }
}

/* The best of many repeats, each long enough for the clock and short enough to find a moment when
   nothing else runs. */
static double time_ns(bench *b, run_function *run, int variant)
{
    double best = 1e300;

    for (int repeat = 0; repeat < REPEATS; repeat++) {
        const int runs = 12;
        double start;

        memset(b->buses, 0, sizeof b->buses);
        start = now_ns();
        for (int i = 0; i < runs; i++)
            run(b, variant);
        start = (now_ns() - start) / ((double)runs * NOTES * PS_GRID_FRAMES);
        best = start < best ? start : best;
    }
    return best;
}

static void bench_row(bench *b)
{
    static const char *const modes[] = {"nearest", "linear", "cubic", "sinc8", "sinc32"};
    static const struct {
        const char *name;
        size_t note_bytes;
        double high;
    } wholes[] = {{"8 kB", 8192, 1.7},
                  {"390 kB", 390000, 1.7},
                  {"8 kB, up to 4x", 8192, 4.0},
                  {"390 kB, up to 4x", 390000, 4.0}};
    const int filter = PS_MIX_FILTER, sends = PS_MIX_SENDS, moves = PS_MIX_FILTER_MOVES;

    prepare_notes(b, 8192, 0.4, 1.7);
    for (int mode = 0; mode < 5; mode++)
        printf("%-8s read16 %-28s %6.2f, with a moving pitch %6.2f\n", b->row->name, modes[mode],
               time_ns(b, run_read, mode), time_ns(b, run_read, mode | 8));
    for (int lanes = 16; lanes >= 4; lanes /= 2)
        printf("%-8s mix of %2d lanes: plain %.2f, sends %.2f, filter %.2f, filter and sends %.2f, "
               "moving %.2f\n",
               b->row->name, lanes, time_ns(b, run_mix, lanes << 8),
               time_ns(b, run_mix, lanes << 8 | sends), time_ns(b, run_mix, lanes << 8 | filter),
               time_ns(b, run_mix, lanes << 8 | filter | sends),
               time_ns(b, run_mix, lanes << 8 | filter | sends | moves));
    for (int i = 0; i < 4; i++) {
        prepare_notes(b, wholes[i].note_bytes, 0.4, wholes[i].high);
        printf("%-8s whole, notes of %-17s %6.2f, without filter %6.2f\n", b->row->name,
               wholes[i].name, time_ns(b, run_whole, filter | sends), time_ns(b, run_whole, sends));
    }
}

int main(int argc, char **argv)
{
    static bench b;

    if (ps_sinc_set_create(&b.sinc[PS_INTERPOLATE_SINC8], 8, NULL, NULL) != PS_OK ||
        ps_sinc_set_create(&b.sinc[PS_INTERPOLATE_SINC32], 32, NULL, NULL) != PS_OK)
        return 1;
    prepare_shape(&b);
    for (uint32_t i = 0; ps_kernels_row(i); i++) {
        b.row = ps_kernels_row(i);
        if (argc < 2 || strcmp(argv[1], b.row->name) == 0)
            bench_row(&b);
    }
    free(b.memory);
    ps_sinc_set_destroy(b.sinc[PS_INTERPOLATE_SINC8]);
    ps_sinc_set_destroy(b.sinc[PS_INTERPOLATE_SINC32]);
    return 0;
}
