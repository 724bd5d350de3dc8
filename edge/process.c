/* From an audio file through effects to an audio file. */
#include <math.h>
#include <string.h>

#include "audio_reader.h"
#include "effect_files.h"
#include "plainsong/render.h"
#include "render_effects.h"
#include "render_engine.h"
#include "render_master.h"

typedef struct processing {
    ps_render_request request; /* completed */
    ps_render_engine own_engine;
    ps_engine *engine;
    ps_tally *tally; /* of all files */
    ps_source *source;
    ps_render_mastered mastered;
} processing;

static ps_status open_source(processing *p, ps_error *err)
{
    ps_render_request *request = &p->request;
    ps_status status = ps_tally_create(&p->tally, err);

    if (status == PS_OK)
        status = ps_audio_tallied_source(&p->source, request->input_path, request->file.rate_hz,
                                         p->tally, err);
    if (status != PS_OK)
        return status;
    request->file.rate_hz = (uint32_t)llround(ps_source_rate_hz(p->source));
    const ps_effect_media files = ps_tallied_effect_files(p->tally);
    status = ps_render_effects(&p->source, p->engine, request->effects, &files, request, err);
    if (status == PS_OK)
        status = ps_render_master(&p->source, p->engine, request, &p->mastered, err);
    return status;
}

ps_status ps_process_file(const ps_render_request *request, ps_render_report *report, ps_error *err)
{
    processing *p = ps_alloc(NULL, 1, sizeof *p);
    ps_status status;

    if (!p)
        return ps_fail(err, PS_NO_MEMORY, "no memory to process with");
    p->request = *request;
    status = ps_render_engine_open(&p->own_engine, &p->engine, &p->request, err);
    if (status == PS_OK)
        status = open_source(p, err);
    if (status == PS_OK)
        status = ps_render_source(p->source, p->engine, &p->request, report, err);
    if (status == PS_OK && report) {
        report->audio = true;
        ps_render_master_report(&p->mastered, report);
        report->not_finite = ps_tally_not_finite(p->tally);
    }
    ps_source_destroy(p->source);
    ps_tally_destroy(p->tally);
    ps_render_engine_close(&p->own_engine);
    ps_free(NULL, p);
    return status;
}
