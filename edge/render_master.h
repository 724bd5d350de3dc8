/* Mastering as a step of a render. */
#ifndef PLAINSONG_EDGE_RENDER_MASTER_H
#define PLAINSONG_EDGE_RENDER_MASTER_H

#include "plainsong/render.h"

/* What mastering came to, until there is a report to put it in. */
typedef struct ps_render_mastered {
    bool done;
    ps_master_report report;
    char chain[1024];
} ps_render_mastered;

/*
 * Listens to *source, puts the chain around it and takes the level out of the request; nothing when
 * the request does not ask for it. On failure *source may be NULL.
 */
ps_status ps_render_master(ps_source **source, ps_engine *engine, ps_render_request *request,
                           ps_render_mastered *mastered, ps_error *err);

void ps_render_master_report(const ps_render_mastered *mastered, ps_render_report *report);

#endif
