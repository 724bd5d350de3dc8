/* The OpenCL devices of this machine, each with a reason why it is used or not. */
#ifndef PLAINSONG_EDGE_GPU_DEVICE_H
#define PLAINSONG_EDGE_GPU_DEVICE_H

#include "opencl.h"
#include "plainsong/gpu.h"

#define PS_GPU_DEVICES_MOST 32u

typedef struct ps_gpu_device_entry {
    ps_gpu_device_info info;
    cl_platform_id platform;
    cl_device_id id;
    bool fit; /* has what we need */
} ps_gpu_device_entry;

typedef struct ps_gpu_devices {
    ps_gpu_device_entry entries[PS_GPU_DEVICES_MOST];
    uint32_t count;
    int chosen;      /* index, or -1 */
    char state[256]; /* in words, whether there is one to use */
} ps_gpu_devices;

/*
 * Looks for devices and chooses one: a GPU before others, then by computing units and clock.
 * wanted: part of a name, or "" for any.
 */
void ps_gpu_devices_find(ps_gpu_devices *devices, ps_gpu_mode mode, const char *wanted);

#endif
