/* Noise under a track: a ps_noise that begins somewhere, under a gain. */
#include "track/bed.h"

#include <math.h>
#include <string.h>

#include "track/tell.h"

#define DECODE_FRAMES 1024u

static ps_status load_input(const ps_stage *stage, const char *path, ps_recording *input,
                            ps_error *err)
{
    if (!stage->media || !stage->media->load)
        return ps_fail(err, PS_NOT_FOUND, "no files can be read here");
    return stage->media->load(stage->media->user, path, input, err);
}

static ps_status make(ps_noise **noise, const ps_stage *stage, const ps_noise_settings *settings,
                      uint64_t frames, ps_error *err)
{
    ps_recording input = {0};
    ps_status status = PS_OK;

    if (settings->input_path && settings->input_path[0])
        status = load_input(stage, settings->input_path, &input, err);
    if (status != PS_OK)
        return status;
    const ps_noise_plan plan = {
        .settings = settings,
        .rate_hz = stage->rate_hz,
        .duration_sec = (double)frames / stage->rate_hz,
        .frames = frames,
        .input = input.samples ? &input : NULL,
        .seed = stage->seed,
        .stream = UINT64_MAX, /* voices count theirs from 0 */
        .reference = stage->reference,
        .allocator = stage->allocator,
    };
    status = ps_noise_create(noise, &plan, ps_noise_row_find(stage->kernel_row), err);
    if (input.samples)
        stage->media->release(stage->media->user, &input);
    return status;
}

ps_status ps_bed_make_noise(ps_noise **noise, const ps_stage *stage, const ps_track_noise *what,
                            uint64_t frames, const ps_track_options *options, ps_error *err)
{
    ps_noise_settings settings = ps_noise_defaults();
    ps_error why = {0};

    *noise = NULL;
    if (!what || what->params.kind != PS_VALUE_MAP)
        return PS_OK;
    ps_status status =
        ps_noise_read(&settings, &what->params, what->told ? NULL : &options->warnings, &why);
    if (status != PS_OK && what->told)
        return PS_OK;
    if (status == PS_OK)
        status = make(noise, stage, &settings, frames, &why);
    if (status == PS_NO_MEMORY)
        return ps_fail(err, status, "%s", why.text);
    if (status != PS_OK)
        ps_track_tell(options, "background_noise", &why, "there is no noise");
    return PS_OK;
}

ps_status ps_bed_open(ps_bed *bed, const ps_stage *stage, const ps_track_noise *what,
                      uint64_t frames, uint32_t most, const ps_track_options *options,
                      ps_error *err)
{
    memset(bed, 0, sizeof *bed);
    bed->mix = stage->row->mix;
    bed->frames = frames;
    ps_status status = ps_bed_make_noise(&bed->noise, stage, what, frames, options, err);
    if (status != PS_OK || !bed->noise)
        return status;
    const double pan = fmin(fmax(what->pan, -1.0), 1.0);
    bed->balance[0] = (float)fmin(1.0, 1.0 - pan);
    bed->balance[1] = (float)fmin(1.0, 1.0 + pan);
    bed->begin = ps_frames_of(what->start_sec, stage->rate_hz);
    status = ps_layer_gain_make(&bed->gain, what, frames > bed->begin ? frames - bed->begin : 0,
                                stage->rate_hz, stage->allocator, err);
    bed->room = most;
    bed->left = ps_alloc(stage->allocator, most, sizeof(float));
    bed->right = ps_alloc(stage->allocator, most, sizeof(float));
    if (status == PS_OK && options->live)
        status = ps_clip_ring_create(&bed->ring, stage->allocator, err);
    if (status == PS_OK && !(bed->left && bed->right))
        status = ps_fail(err, PS_NO_MEMORY, "no memory for noise");
    return status;
}

void ps_bed_close(ps_bed *bed, const ps_stage *stage)
{
    ps_noise_destroy(bed->noise);
    ps_clip_ring_destroy(bed->ring, stage->allocator);
    ps_layer_gain_free(&bed->gain, stage->allocator);
    ps_free(stage->allocator, bed->left);
    ps_free(stage->allocator, bed->right);
    memset(bed, 0, sizeof *bed);
}

/* Where the layer sounds in its next frames: silence before its beginning and after the track's
   end. Returns how many frames it does, from *from on. */
static uint32_t sounding(const ps_bed *bed, uint32_t frames, uint32_t *from)
{
    const uint64_t before = bed->position < bed->begin ? bed->begin - bed->position : 0;
    const uint64_t there = bed->position < bed->frames ? bed->frames - bed->position : 0;
    const uint32_t end = there < frames ? (uint32_t)there : frames;

    *from = before < end ? (uint32_t)before : end;
    return end - *from;
}

/* The gain of both ears in some frames of the noise, when it does not move. */
static bool steady_scale(ps_bed *bed, uint64_t first, uint32_t count, float scale[2])
{
    if (!ps_layer_gain_is_steady(&bed->gain, first, count))
        return false;
    for (uint32_t ear = 0; ear < 2; ear++)
        scale[ear] = (float)ps_layer_gain_at(&bed->gain, first) * bed->balance[ear];
    return true;
}

/* The next frames of the layer, but for the scale they are still to have. */
static void make_frames(ps_bed *bed, float *left, float *right, float scale[2], uint32_t frames)
{
    uint32_t from;
    const uint32_t count = sounding(bed, frames, &from), end = from + count;
    const uint64_t first = bed->position + from - bed->begin; /* of the noise */

    memset(left, 0, from * sizeof(float));
    memset(right, 0, from * sizeof(float));
    memset(left + end, 0, (frames - end) * sizeof(float));
    memset(right + end, 0, (frames - end) * sizeof(float));
    bed->position += frames;
    scale[0] = scale[1] = 1.0f;
    if (count == 0)
        return;
    ps_noise_render(bed->noise, left + from, right + from, count);
    if (steady_scale(bed, first, count, scale))
        return;
    for (uint32_t i = 0; i < count; i++) {
        const float gain = (float)ps_layer_gain_at(&bed->gain, first + i);

        left[from + i] *= gain * bed->balance[0];
        right[from + i] *= gain * bed->balance[1];
    }
}

uint32_t ps_bed_prepare(ps_bed *bed, uint32_t frames)
{
    if (!bed->noise)
        return 0;
    bed->ready = frames;
    if (!bed->ring) {
        make_frames(bed, bed->left, bed->right, bed->scale, frames);
        return 0;
    }
    const uint32_t got = ps_clip_ring_take(bed->ring, bed->left, bed->right, frames);
    memset(bed->left + got, 0, (frames - got) * sizeof(float));
    memset(bed->right + got, 0, (frames - got) * sizeof(float));
    bed->scale[0] = bed->scale[1] = 1.0f;
    return frames - got;
}

void ps_bed_decode(ps_bed *bed)
{
    float left[DECODE_FRAMES], right[DECODE_FRAMES], scale[2];

    if (!bed->noise || !bed->ring)
        return;
    while (ps_clip_ring_room(bed->ring) >= DECODE_FRAMES) {
        make_frames(bed, left, right, scale, DECODE_FRAMES);
        bed->mix->amplify(left, left, scale[0], DECODE_FRAMES);
        bed->mix->amplify(right, right, scale[1], DECODE_FRAMES);
        (void)ps_clip_ring_push(bed->ring, left, right, DECODE_FRAMES, false);
    }
}

/* Adds frames as they are made, if their gain does not move. */
static bool add_directly(ps_bed *bed, float *left, float *right, uint32_t frames)
{
    uint32_t from;
    const uint32_t count = sounding(bed, frames, &from);
    float scale[2];

    if (count > 0 && !steady_scale(bed, bed->position + from - bed->begin, count, scale))
        return false;
    if (count > 0)
        ps_noise_add(bed->noise, left + from, right + from, scale, count);
    bed->position += frames;
    return true;
}

void ps_bed_add(ps_bed *bed, float *left, float *right, uint32_t frames)
{
    if (!bed->noise || (bed->ready == 0 && add_directly(bed, left, right, frames)))
        return;
    if (bed->ready == 0)
        (void)ps_bed_prepare(bed, frames);
    bed->mix->add(left, bed->left, bed->scale[0], frames);
    bed->mix->add(right, bed->right, bed->scale[1], frames);
    bed->ready = 0;
}

void ps_bed_seek(ps_bed *bed, uint64_t frame)
{
    bed->position = frame;
    bed->ready = 0;
    if (bed->ring)
        ps_clip_ring_clear(bed->ring);
    if (bed->noise)
        ps_noise_skip(bed->noise, frame > bed->begin ? frame - bed->begin : 0);
}
