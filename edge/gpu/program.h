/* Programs for a device, built from source once and then taken from disk. */
#ifndef PLAINSONG_EDGE_GPU_PROGRAM_H
#define PLAINSONG_EDGE_GPU_PROGRAM_H

#include "inside.h"

/* A key of the disk cache for something that a device's driver makes of `source`. */
#define PS_GPU_KEY_BYTES 640u
void ps_gpu_key(char key[PS_GPU_KEY_BYTES], const ps_gpu *gpu, const char *what,
                const char *source);

/* CL_SUCCESS or the driver's error; the program is released with clReleaseProgram. */
cl_int ps_gpu_program_build(cl_program *out, ps_gpu *gpu, const char *name, const char *source);

#endif
