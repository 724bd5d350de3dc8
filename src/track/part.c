/* A voice and what follows it, in runs of PS_VOICE_FRAMES, with a queue of finished frames. */
#include "track/part.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* Moving the queue keeps its frames aligned for vectors: by whole groups of this many floats. */
#define ALIGN_FLOATS ((uint32_t)(PS_ALIGN_BYTES / sizeof(float)))

/* ---- Making ---------------------------------------------------------------------------------- */

static ps_status start_stages(ps_part *part, const ps_track_voice *voice, const char **name,
                              ps_error *err)
{
    const ps_voice_setup *setup = &part->setup;
    ps_status status = PS_OK;

    if (part->voice->kind->spatial)
        status = ps_space_create(&part->spatial, setup, &voice->params, name, err);
    if (status == PS_OK)
        status =
            ps_flange_create(&part->flange, setup, &voice->params, voice->is_transition, name, err);
    /* An envelope that cannot be used is flat; the reader of documents has told of it. */
    if (status == PS_OK)
        (void)ps_voice_envelope_read(&part->envelope, &voice->envelope, setup->frames,
                                     setup->rate_hz, setup->duration_sec, setup->reference, NULL);
    return status;
}

ps_status ps_part_start(ps_part *part, const ps_stage *stage, const ps_track_voice *voice,
                        double duration_sec, uint64_t frames, uint64_t stream, const char **name,
                        ps_error *err)
{
    bool transition = false;
    const ps_voice_kind *kind;
    ps_status status;

    memset(part, 0, sizeof *part);
    *name = NULL;
    if (!voice->function)
        return ps_fail(err, PS_BAD_DATA, "it names no function");
    kind = ps_voice_resolve(stage->row, voice->function, voice->is_transition, &transition);
    if (!kind) {
        ps_fail(err, PS_NOT_FOUND, "there is no voice \"%.60s\"", voice->function);
        ps_hint(err, "plainsong list voices shows those there are");
        return PS_NOT_FOUND;
    }
    part->setup = (ps_voice_setup){
        .allocator = stage->allocator,
        .rate_hz = stage->rate_hz,
        .duration_sec = duration_sec,
        .reference = stage->reference,
        .seed = stage->seed,
        .stream = stream,
        .media = stage->media,
        .warnings = stage->warnings,
        .about = name,
    };
    status = ps_voice_setup_read(&part->setup, kind, transition, &voice->params, name, err);
    if (status == PS_OK)
        status = ps_voice_create(&part->voice, kind, &part->setup, err);
    part->setup.about = NULL; /* the caller's */
    if (status == PS_OK)
        status = start_stages(part, voice, name, err);
    assert(status != PS_OK || part->setup.frames == frames);
    (void)frames;
    if (status != PS_OK)
        ps_part_finish(part, stage);
    return status;
}

void ps_part_finish(ps_part *part, const ps_stage *stage)
{
    ps_flange_destroy(part->flange);
    ps_spatial_destroy(part->spatial);
    ps_voice_destroy(part->voice);
    ps_voice_setup_free(&part->setup);
    ps_free(stage->allocator, part->left);
    ps_free(stage->allocator, part->right);
    memset(part, 0, sizeof *part);
}

double ps_part_bound(const ps_part *part)
{
    double bound = part->voice->kind->bound(part->voice);

    if (part->spatial)
        bound *= ps_spatial_bound(part->spatial);
    bound *= ps_voice_envelope_peak(&part->envelope);
    if (part->flange)
        bound = ps_flange_bound(part->flange, bound);
    return bound;
}

/* ---- The queue ------------------------------------------------------------------------------- */

ps_status ps_part_reserve(ps_part *part, const ps_stage *stage, uint32_t frames)
{
    const uint32_t room = frames + 2 * PS_VOICE_FRAMES + ALIGN_FLOATS;

    if (room <= part->room)
        return PS_OK;
    float *left = ps_alloc(stage->allocator, room, sizeof *left);
    float *right = ps_alloc(stage->allocator, room, sizeof *right);
    if (!left || !right) {
        ps_free(stage->allocator, left);
        ps_free(stage->allocator, right);
        return PS_NO_MEMORY;
    }
    const uint32_t from = part->first / ALIGN_FLOATS * ALIGN_FLOATS;
    const uint32_t kept = part->first + part->ready - from;
    if (kept > 0) {
        memcpy(left, part->left + from, kept * sizeof *left);
        memcpy(right, part->right + from, kept * sizeof *right);
    }
    ps_free(stage->allocator, part->left);
    ps_free(stage->allocator, part->right);
    part->left = left;
    part->right = right;
    part->first -= from;
    part->room = room;
    return PS_OK;
}

/* The next run at the end of the queue. */
static void make_run(ps_part *part, const ps_stage *stage)
{
    const uint64_t rest = part->setup.frames - part->made;
    const uint32_t count = rest < PS_VOICE_FRAMES ? (uint32_t)rest : PS_VOICE_FRAMES;

    if (part->first + part->ready + PS_VOICE_FRAMES > part->room) {
        const uint32_t from = part->first / ALIGN_FLOATS * ALIGN_FLOATS;
        const uint32_t kept = part->first + part->ready - from;

        memmove(part->left, part->left + from, kept * sizeof *part->left);
        memmove(part->right, part->right + from, kept * sizeof *part->right);
        part->first -= from;
    }
    float *left = part->left + part->first + part->ready;
    float *right = part->right + part->first + part->ready;
    ps_voice_render(part->voice, left, right, count);
    if (part->spatial)
        stage->row->spatial(part->spatial, left, right, count);
    /* An envelope stands before the flanger, the fades that come without one behind it. */
    const bool fades = part->envelope.fade_frames > 0;
    if (!fades)
        ps_voice_envelope_apply(&part->envelope, left, right, part->made, count);
    if (part->flange)
        ps_flange_process(part->flange, stage->row, left, right, part->made, count);
    if (fades)
        ps_voice_envelope_apply(&part->envelope, left, right, part->made, count);
    part->made += count;
    part->ready += count;
}

void ps_part_prepare(ps_part *part, const ps_stage *stage, uint32_t frames)
{
    while (part->ready < frames && part->made < part->setup.frames)
        make_run(part, stage);
}

void ps_part_take(ps_part *part, uint32_t frames)
{
    assert(frames <= part->ready);
    part->first += frames;
    part->ready -= frames;
    /* An empty queue begins anew where runs are aligned. */
    if (part->ready == 0)
        part->first = 0;
}

void ps_part_skip(ps_part *part, const ps_stage *stage, uint64_t frame)
{
    const uint64_t target = frame / PS_VOICE_FRAMES * PS_VOICE_FRAMES;

    if (frame <= part->made - part->ready)
        return;
    if (!part->spatial && !part->flange && target > part->made) {
        ps_voice_skip(part->voice, target);
        part->made = target;
        part->ready = part->first = 0;
    }
    while (part->made < frame && part->made < part->setup.frames) {
        part->ready = part->first = 0;
        make_run(part, stage);
    }
    const uint64_t behind = frame - (part->made - part->ready);
    ps_part_take(part, behind < part->ready ? (uint32_t)behind : part->ready);
}
