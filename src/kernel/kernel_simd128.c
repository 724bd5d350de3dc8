/* The kernels with WebAssembly's 128-bit vectors. */
#include "kernel/kernel_fours.h"

#include <wasm_simd128.h>

INLINE int4 load_shorts(const uint8_t *at)
{
    return (int4)wasm_i32x4_load16x4(at);
}

const ps_kernels ps_kernels_simd128 = PS_ROW_OF_FOURS("simd128");
