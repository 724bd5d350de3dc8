/* Mastering as a step of a render. */
#include "render_master.h"

#include <string.h>

#include "render_effects.h"

typedef struct telling {
    ps_progress *progress;
    void *user;
} telling;

static bool tell(void *user, double done)
{
    const telling *t = user;

    return !t->progress || t->progress(t->user, done, "mastering");
}

ps_status ps_render_master(ps_source **source, ps_engine *engine, ps_render_request *request,
                           ps_render_mastered *mastered, ps_error *err)
{
    telling t = {request->progress, request->progress_user};
    ps_master_options options = ps_master_defaults();
    ps_chain *chain = NULL;
    ps_status status;

    if (!request->master)
        return PS_OK;
    if (request->level_mode == PS_LEVEL_LUFS)
        options.lufs = request->level_db;
    options.progress = tell;
    options.user = &t;
    status = ps_master_make(&chain, &mastered->report, engine, *source, &options, err);
    if (status == PS_OK)
        status = ps_source_seek(*source, 0);
    if (status == PS_OK) {
        ps_chain_write(chain, mastered->chain, sizeof mastered->chain);
        status = ps_render_effects(source, engine, chain, NULL, request, err);
    }
    ps_chain_destroy(chain);
    mastered->done = status == PS_OK;
    request->level_mode = PS_LEVEL_NONE;
    return status;
}

void ps_render_master_report(const ps_render_mastered *mastered, ps_render_report *report)
{
    report->mastered = mastered->done;
    report->master = mastered->report;
    memcpy(report->master_chain, mastered->chain, sizeof report->master_chain);
}
