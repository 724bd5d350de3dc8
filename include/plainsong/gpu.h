/*
 * A GPU to lend to the core, through OpenCL 1.2.
 *
 *      ps_gpu *gpu;
 *      ps_gpu_create(&gpu, NULL, &err);
 *      if (ps_accelerate_convolve(ps_gpu_accelerator(gpu), &job, 1) != PS_JOB_DONE)
 *          ...do what is left of it...
 *      ps_gpu_destroy(gpu);
 *
 * The OpenCL library is opened at run time, never linked. That there is no library, no device or a
 * failing driver is never an error: everything is only slower, and each device says why it is used
 * or not.
 */
#ifndef PLAINSONG_GPU_H
#define PLAINSONG_GPU_H

#include <stdbool.h>
#include <stdint.h>

#include "plainsong/accelerator.h"
#include "plainsong/memory.h"
#include "plainsong/status.h"
#include "plainsong/workers.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum ps_gpu_mode {
    PS_GPU_AUTO, /* for what a GPU is faster at; never a device that is the processor itself */
    PS_GPU_ON,   /* for all it can do; a processor too, if there is no GPU */
    PS_GPU_OFF,  /* nothing is looked for */
} ps_gpu_mode;

/** For tests: the calls to OpenCL after the first `after_calls` fail with an OpenCL code. */
typedef struct ps_gpu_fault {
    uint64_t after_calls; /* at least 1 */
    uint64_t count;       /* so many fail, then all is well again; 0: all from there on */
    int32_t code;         /* -5 is CL_OUT_OF_RESOURCES, -4 CL_MEM_OBJECT_ALLOCATION_FAILURE */
} ps_gpu_fault;

typedef struct ps_gpu_options {
    ps_gpu_mode mode;
    const char *device;        /* part of the name of the one to use; NULL: the best one */
    uint64_t memory_bytes;     /* of the device, at most about this much; 0: half of what it has */
    const ps_workers *workers; /* to copy sound with, and what the processor would have to do jobs
                                  with, each item by one thread; borrowed; NULL: none */
    const ps_warnings *warnings; /* told the first time that a job fails, on the thread that has
                                    offered it; copied; NULL: nobody */
    const char *cache_folder;    /* for built programs and measured speeds; "": none; NULL:
                                    $XDG_CACHE_HOME/plainsong/gpu or ~/.cache/plainsong/gpu */
    bool profile;                /* let the device take times, for ps_gpu_usage */
    const ps_gpu_fault *fault;   /* NULL but in tests */
} ps_gpu_options;

/**
 * GPUs of this machine, and the one that is used. Nothing is looked for before it is needed. May be
 * used from several threads at once; jobs are done one after the other. A forked child cannot use
 * what its parent has opened: there, it is as if no device were found; a child should make one of
 * its own.
 */
typedef struct ps_gpu ps_gpu;

/** options: NULL for the defaults; copied, with the texts in it. */
PS_API ps_status ps_gpu_create(ps_gpu **out, const ps_gpu_options *options, ps_error *err);

/** NULL allowed. All memory that it has lent must have been given back. */
PS_API void ps_gpu_destroy(ps_gpu *gpu);

/** Its jobs, for whoever has some; lives as long as the GPU, and declines all where there is none.
 */
PS_API const ps_accelerator *ps_gpu_accelerator(ps_gpu *gpu);

/**
 * Memory that the device reads and writes at full speed: sound that lies there need not be copied
 * on its way. Taking it is slow: take much at a time, and keep it. Ordinary memory where there is
 * no device. Opens the device.
 */
PS_API const ps_allocator *ps_gpu_memory(ps_gpu *gpu);

typedef struct ps_gpu_device_info {
    char name[96];     /* "NVIDIA H200" */
    char vendor[64];   /* "NVIDIA Corporation" */
    char platform[64]; /* "NVIDIA CUDA" */
    char version[128]; /* "OpenCL 3.0 CUDA" */
    char driver[96];   /* "580.159.04" */
    char reason[160];  /* why it is used or not, in words */
    uint64_t memory_bytes;
    uint32_t compute_units, clock_mhz;
    bool processor; /* runs on the CPU */
    bool used;
} ps_gpu_device_info;

/** The i-th device there is, or false after the last; looks for them the first time. */
PS_API bool ps_gpu_device(ps_gpu *gpu, uint32_t index, ps_gpu_device_info *info);

/** How things stand, in a line: "NVIDIA H200 is used", "there is no OpenCL library (...)". */
PS_API void ps_gpu_state(ps_gpu *gpu, char *text, size_t text_bytes);

/** What a GPU has done so far. */
typedef struct ps_gpu_usage {
    bool looked;                         /* for devices; else nothing was worth it so far */
    uint64_t done, declined, broken_off; /* jobs that got as far as an open device */
    uint64_t submissions; /* of convolutions to the device: jobs of several threads that come while
                             it is busy go together */
    uint64_t chunks;      /* pieces in which sound went to the device */
    uint64_t up_bytes, down_bytes;
    uint64_t work_bytes; /* read and written by kernels */
    double work_sec;     /* of kernels, if the device takes times */
} ps_gpu_usage;

/** Looks for nothing. */
PS_API void ps_gpu_get_usage(ps_gpu *gpu, ps_gpu_usage *usage);

#ifdef __cplusplus
}
#endif

#endif
