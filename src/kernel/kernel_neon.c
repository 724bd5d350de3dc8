/* The kernels with NEON, which every aarch64 processor has. Compiled so that products may fuse. */
#include "kernel/kernel_fours.h"

#include <arm_neon.h>

INLINE int4 load_shorts(const uint8_t *at)
{
    int16x4_t v;

    memcpy(&v, at, sizeof v);
    return (int4)vmovl_s16(v);
}

const ps_kernels ps_kernels_neon = PS_ROW_OF_FOURS("neon");
