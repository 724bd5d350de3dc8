/* The GPU of a command: opened when it is needed, and what is said of it afterwards. */
#ifndef PLAINSONG_CLI_GPU_H
#define PLAINSONG_CLI_GPU_H

#include "command.h"
#include "json_out.h"
#include "plainsong/gpu.h"

typedef struct cli_gpu {
    ps_gpu *gpu; /* NULL: turned off */
    ps_gpu_mode mode;
    char warning[256]; /* that came while it worked, on whatever thread; "": none */
} cli_gpu;

/* Nothing is looked for before it is needed. For a struct that stays where it is. */
ps_status cli_gpu_begin(cli_gpu *g, ps_gpu_mode mode, ps_error *err);
void cli_gpu_end(cli_gpu *g);

/* NULL when it is turned off. */
const ps_accelerator *cli_gpu_accelerator(const cli_gpu *g);

/* Tells of a failure, once. When nothing uses it any more. */
void cli_gpu_warn(cli *c, cli_gpu *g);

/* A line for people, and the member "gpu" of a report. */
void cli_gpu_say(const cli *c, const cli_gpu *g);
void cli_gpu_put(json_out *j, const cli_gpu *g);

#endif
