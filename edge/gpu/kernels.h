/* Launching what is in kernels/rows.cl. Each enqueues on the queue for work. */
#ifndef PLAINSONG_EDGE_GPU_KERNELS_H
#define PLAINSONG_EDGE_GPU_KERNELS_H

#include "inside.h"

/* The text of kernels/rows.cl, made into an array while the library is built. */
extern const char ps_rows_source[];

/* Rows out of what has gone up; the first of a slot's kernels. window: NULL for none. */
cl_int ps_gpu_gather(ps_gpu *gpu, ps_gpu_slot *slot, uint32_t size, cl_mem window);

/* All rows, with spare memory where the plan needs it. */
cl_int ps_gpu_transform(ps_gpu *gpu, ps_gpu_plan *plan, bool inverse);

/* Rows times the spectra of their responses. */
cl_int ps_gpu_multiply(ps_gpu *gpu, const ps_gpu_slot *slot, uint32_t size, bool stereo);

/* The last of a slot's kernels: spectra that stay (scaled so that an inverse is one), results of
 * convolutions (no step of a row is longer than step_most), spectra to go down. */
cl_int ps_gpu_keep(ps_gpu *gpu, ps_gpu_slot *slot, uint32_t size);
cl_int ps_gpu_scatter(ps_gpu *gpu, ps_gpu_slot *slot, uint32_t size, uint32_t step_most);
cl_int ps_gpu_split(ps_gpu *gpu, ps_gpu_slot *slot, uint32_t size, uint32_t kind);

#endif
