/* What `plainsong render` says after the work: a line for people, an object for programs. */
#ifndef PLAINSONG_CLI_RENDER_REPORT_H
#define PLAINSONG_CLI_RENDER_REPORT_H

#include "gpu.h"

/* Missing presets, clipping: what the listener may wonder about. */
void render_warn(cli *c, const ps_render_report *report);

/* "song.wav: 3:25.3, peak -3.2 dBFS, -18.4 LUFS, 210 x real time" */
void render_summary(const cli *c, const ps_render_request *request, const ps_render_report *report,
                    double wall_sec);

void render_json(FILE *file, const cli *c, const ps_render_request *request,
                 const ps_render_report *report, const cli_gpu *gpu, double wall_sec);

/* "3:25.3" */
const char *render_clock(double seconds, char *text, size_t text_bytes);

#endif
