/* What `plainsong batch` says after the work. */
#ifndef PLAINSONG_CLI_BATCH_REPORT_H
#define PLAINSONG_CLI_BATCH_REPORT_H

#include "gpu.h"

/* The files that failed, each with its reason; then "200 files: 199 done, 1 failed; ..." */
void batch_summary(cli *c, const ps_batch_results *results, const char *folder, double wall_sec);

void batch_json(FILE *file, const cli *c, const ps_batch_results *results, const cli_gpu *gpu,
                const char *folder, double wall_sec);

#endif
