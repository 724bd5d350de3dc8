/* Inside of the engine, for the layers above. */
#ifndef PLAINSONG_KERNEL_ENGINE_H
#define PLAINSONG_KERNEL_ENGINE_H

#include "plainsong/engine.h"

#include "kernel/kernel.h"

struct ps_engine {
    const ps_allocator *allocator;
    const ps_workers *workers;
    const ps_kernels *kernels;
};

#endif
