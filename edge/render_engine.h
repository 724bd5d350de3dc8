/* The engine a render works with: lent by its caller, or its own with a pool of threads. */
#ifndef PLAINSONG_EDGE_RENDER_ENGINE_H
#define PLAINSONG_EDGE_RENDER_ENGINE_H

#include "plainsong/render.h"
#include "plainsong/threads.h"

/* What was not lent. */
typedef struct ps_render_engine {
    ps_engine *engine;
    ps_threads *threads;
} ps_render_engine;

/* *engine is the one to use. Any outcome leaves *own in a state that ps_render_engine_close takes;
   so do zeros. */
ps_status ps_render_engine_open(ps_render_engine *own, ps_engine **engine,
                                const ps_render_request *request, ps_error *err);
void ps_render_engine_close(ps_render_engine *own);

#endif
