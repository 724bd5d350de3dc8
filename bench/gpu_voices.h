/* Voices of tracks on a GPU, beside one core of the processor. */
#ifndef PLAINSONG_BENCH_GPU_VOICES_H
#define PLAINSONG_BENCH_GPU_VOICES_H

#include <stdbool.h>

#include "plainsong/gpu.h"

/* Prints a table. quick: little of it. False when a result is wrong. */
bool print_voices(ps_gpu *gpu, bool quick);

#endif
