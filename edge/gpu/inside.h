/* What the files of this folder know of a ps_gpu. */
#ifndef PLAINSONG_EDGE_GPU_INSIDE_H
#define PLAINSONG_EDGE_GPU_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>
#include <sys/types.h>

#include "batch.h"
#include "cost.h"
#include "device.h"
#include "disk_cache.h"
#include "host_memory.h"
#include "opencl.h"
#include "pipeline.h"
#include "plainsong/gpu.h"
#include "plan.h"
#include "resident.h"
#include "tones.h"

#define PS_GPU_WANTED_BYTES 96u

/* Sound goes up, is worked on and comes down at the same time: each queue keeps its own order. */
enum { PS_QUEUE_UP, PS_QUEUE_WORK, PS_QUEUE_DOWN, PS_QUEUES };

/* The kernels of kernels/rows.cl. */
typedef enum ps_rows_kernel {
    PS_ROWS_GATHER,
    PS_ROWS_GATHER_WINDOWED,
    PS_ROWS_KEEP,
    PS_ROWS_MULTIPLY,
    PS_ROWS_MULTIPLY_STEREO,
    PS_ROWS_SCATTER,
    PS_ROWS_SPLIT,
    PS_ROWS_KERNELS
} ps_rows_kernel;

struct ps_gpu {
    ps_gpu_mode mode;
    char wanted[PS_GPU_WANTED_BYTES]; /* part of a device's name, or "" */
    char folder[PS_GPU_FOLDER_BYTES]; /* of the disk cache, or "" */
    uint64_t memory_wanted;           /* bytes, or 0 */
    const ps_workers *workers;        /* borrowed, NULL allowed */
    ps_warnings warnings;
    bool profile;
    ps_accelerator accelerator;
    ps_allocator lender;
    _Atomic pid_t process; /* that uses it; 0: nobody yet */
    ps_batch convolutions; /* of several threads */

    pthread_mutex_t mutex; /* guards all that follows */
    ps_cl_watch watch;
    ps_gpu_devices devices;
    ps_gpu_usage usage;

    /* The device in use; nothing of it is there before the first job. */
    bool tried, lost; /* to open it; given up for good */
    bool warned;
    cl_device_id device;
    cl_platform_id platform;
    cl_context context;
    cl_command_queue queues[PS_QUEUES];
    cl_program rows_program;
    cl_kernel rows[PS_ROWS_KERNELS];
    size_t group;         /* work items of a work group */
    uint32_t once_most;   /* largest transform that goes over memory once, about */
    uint64_t memory_most; /* bytes of the device that we may take */
    uint64_t alloc_most;  /* bytes of one buffer */
    uint64_t chunk_bytes; /* of rows that are worked on at a time */

    ps_gpu_plans plans;
    ps_gpu_pipeline pipeline;
    ps_gpu_residents residents;
    ps_gpu_tones_kernel tones;
    ps_gpu_speeds speeds; /* of the device; zeros before they are asked for */
    ps_gpu_lent *lent;    /* to callers */
};

/* False in a child of the process that uses it: it must leave everything alone. */
bool ps_gpu_is_ours(ps_gpu *gpu);

/*
 * Locks and watches this thread's calls; ps_gpu_leave ends both. Looks for devices the first time.
 * False when it is not ours.
 */
bool ps_gpu_enter(ps_gpu *gpu);
void ps_gpu_leave(ps_gpu *gpu);

/* Opens the chosen device unless that has been done. False when there is none to work with. */
bool ps_gpu_open(ps_gpu *gpu);

/* Gives back all that is on the device, and the device. */
void ps_gpu_close(ps_gpu *gpu);

/* After an error, which gpu->watch knows: unless it is a lack of memory, the device is used no
 * more, though what is lent stays. The first time it is a warning. */
void ps_gpu_lose(ps_gpu *gpu, cl_int code);

/* Whether an error is a lack of memory on the device, and less of it might do. */
bool ps_gpu_wants_memory(cl_int code);

#endif
