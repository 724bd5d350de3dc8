/* How fast a device is. */
#ifndef PLAINSONG_EDGE_GPU_MEASURE_H
#define PLAINSONG_EDGE_GPU_MEASURE_H

#include "cost.h"
#include "inside.h"

/*
 * The speeds of the open device. They are measured once and then taken from disk, so that they do
 * not change from run to run; where nothing can be kept on disk, they are those of a usual device.
 */
const ps_gpu_speeds *ps_gpu_speeds_of(ps_gpu *gpu);

/* Measures, which takes some tenths of a second. */
cl_int ps_gpu_measure(ps_gpu_speeds *speeds, ps_gpu *gpu);

/* The speeds of the chosen device if they are on disk; measures nothing, needs no open device. */
bool ps_gpu_speeds_known(ps_gpu_speeds *speeds, const ps_gpu *gpu);

#endif
