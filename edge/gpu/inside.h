/* What the files of this folder know of a ps_gpu. */
#ifndef PLAINSONG_EDGE_GPU_INSIDE_H
#define PLAINSONG_EDGE_GPU_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "device.h"
#include "opencl.h"
#include "plainsong/gpu.h"

#define PS_GPU_WANTED_BYTES 96u

struct ps_gpu {
    ps_gpu_mode mode;
    char wanted[PS_GPU_WANTED_BYTES]; /* part of a device's name, or "" */
    pthread_mutex_t mutex;            /* guards all that follows */
    ps_cl_watch watch;
    _Atomic pid_t process; /* that has looked for devices; 0: nobody yet */
    ps_gpu_devices devices;
};

/*
 * Locks and watches this thread's calls; ps_gpu_leave ends both. False in a child of the process
 * that has looked for devices: it must leave everything alone.
 */
bool ps_gpu_enter(ps_gpu *gpu);
void ps_gpu_leave(ps_gpu *gpu);

#endif
