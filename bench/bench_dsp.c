/*
 * Times what is computed once per frame rather than per note: ns per stereo frame, the best of some
 * repeats, in blocks of 4096 frames of noise at 44.1 kHz. "at rest" is with silence coming in.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/random.h"
#include "dsp/chorus.h"
#include "dsp/reverb.h"
#include "kernel/kernel.h"
#include "plainsong/audio.h"

#define FRAMES  4096u
#define REPEATS 400

static float in[FRAMES], silence[FRAMES], left[FRAMES], right[FRAMES];
static uint8_t bytes[8 * FRAMES];

static double now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void time_it(const char *name, void (*work)(void *object), void *object)
{
    double best = 1e300;

    for (int repeat = 0; repeat < REPEATS; repeat++) {
        double ns = now_ns();

        work(object);
        ns = now_ns() - ns;
        best = ns < best ? ns : best;
    }
    printf("%-28s %6.2f ns per frame, %6.0f times real time\n", name, best / FRAMES,
           1e9 * FRAMES / 44100.0 / best);
}

/* The effects add to what is there, so start anew each time. */
static void clear(void)
{
    memset(left, 0, sizeof left);
    memset(right, 0, sizeof right);
}

static void reverberate(void *object)
{
    clear();
    ps_reverb_process(object, in, left, right, FRAMES);
}

static void reverberate_silence(void *object)
{
    clear();
    ps_reverb_process(object, silence, left, right, FRAMES);
}

static void sing(void *object)
{
    clear();
    ps_chorus_process(object, in, left, right, FRAMES);
}

static void sing_silence(void *object)
{
    clear();
    ps_chorus_process(object, silence, left, right, FRAMES);
}

static void quantize_block(void *object)
{
    const ps_block block = {left, right, FRAMES};

    ps_quantize(object, bytes, block, 12345, 2);
}

static void fade_block(void *object)
{
    const ps_block block = {left, right, FRAMES};

    (void)object;
    ps_fade(block, 1000, 0, 1000000, true);
}

static void time_effects(void)
{
    ps_reverb *reverb = NULL;
    ps_chorus *chorus = NULL;

    if (ps_reverb_create(&reverb, 44100.0, NULL, NULL) != PS_OK ||
        ps_chorus_create(&chorus, 44100.0, NULL, NULL) != PS_OK)
        abort();
    ps_reverb_use_row(reverb, ps_kernels_find(NULL)->name);
    ps_chorus_use_row(chorus, ps_kernels_find(NULL)->name);
    time_it("reverb", reverberate, reverb);
    time_it("reverb, at rest", reverberate_silence, reverb);
    time_it("chorus", sing, chorus);
    time_it("chorus, at rest", sing_silence, chorus);
    ps_reverb_destroy(reverb);
    ps_chorus_destroy(chorus);
}

static void time_quantizers(void)
{
    static const char *names[] = {"16 bits", "24 bits", "32 bits", "float"};

    for (int format = 0; format < 4; format++) {
        ps_quantizer q = {(ps_sample_format)format, true, 1};

        time_it(names[format], quantize_block, &q);
    }
}

int main(void)
{
    for (uint32_t i = 0; i < FRAMES; i++)
        in[i] = (float)(int32_t)(ps_random_bits(1, i) >> 32) * 0x1p-33f;
    time_effects();
    memcpy(left, in, sizeof left);
    memcpy(right, in, sizeof right);
    time_quantizers();
    time_it("fade", fade_block, NULL);
    return 0;
}
