/* The engine a render works with. */
#include "render_engine.h"

#include <string.h>

ps_status ps_render_engine_open(ps_render_engine *own, ps_engine **engine,
                                const ps_render_request *request, ps_error *err)
{
    ps_engine_options options = {0};
    ps_status status = PS_OK;

    memset(own, 0, sizeof *own);
    *engine = request->engine;
    if (*engine)
        return PS_OK;
    if (request->threads != 1) {
        status = ps_threads_create(&own->threads, request->threads, err);
        if (status == PS_OK)
            options.workers = ps_threads_workers(own->threads);
    }
    if (status == PS_OK)
        status = ps_engine_create(&own->engine, &options, err);
    *engine = own->engine;
    return status;
}

void ps_render_engine_close(ps_render_engine *own)
{
    ps_engine_destroy(own->engine);
    ps_threads_destroy(own->threads);
    memset(own, 0, sizeof *own);
}
