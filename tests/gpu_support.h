/* What tests of the GPU share: a device to test on, which may be a processor with PoCL. */
#ifndef TESTS_GPU_SUPPORT_H
#define TESTS_GPU_SUPPORT_H

#include "edge_support.h"
#include "plainsong/gpu.h"

/* Skips the test when no OpenCL device can be found on this machine. */
static inline void needs_a_device(void)
{
    const ps_gpu_options options = {.mode = PS_GPU_ON};
    ps_gpu_device_info info;
    bool found = false;
    char state[256];
    ps_gpu *gpu;

    assert_int_equal(ps_gpu_create(&gpu, &options, NULL), PS_OK);
    for (uint32_t i = 0; ps_gpu_device(gpu, i, &info); i++)
        found = found || info.used;
    ps_gpu_state(gpu, state, sizeof state);
    ps_gpu_destroy(gpu);
    if (!found) {
        print_message("%s\n", state);
        skip();
    }
}

#endif
