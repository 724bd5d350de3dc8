/* Sums the parts of a step in the order of the document. */
#include "track/player.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static void tell(const ps_player_warn *warn, size_t voice, const char *name, const ps_error *error)
{
    if (warn && warn->tell)
        warn->tell(warn->user, voice, name, error);
}

static float gain_of(const ps_player *player)
{
    double bound = 0.0;

    for (uint32_t i = 0; i < player->count; i++) {
        const double part = ps_part_bound(&player->parts[i]);

        bound += isfinite(part) ? part : 1.0;
    }
    return bound > 1.0 ? (float)(1.0 / bound) : 1.0f;
}

ps_status ps_player_start(ps_player *player, const ps_stage *stage, const ps_track_step *step,
                          uint32_t step_index, uint64_t frames, uint32_t room_frames,
                          const ps_player_warn *warn, ps_error *err)
{
    ps_status status = PS_OK;

    memset(player, 0, sizeof *player);
    player->stage = stage;
    player->frames = frames;
    player->room = room_frames;
    player->gain = 1.0f;
    if (step->voice_count == 0)
        return PS_OK;
    player->parts = ps_alloc(stage->allocator, step->voice_count, sizeof *player->parts);
    if (!player->parts)
        return ps_fail(err, PS_NO_MEMORY, "no memory for the voices of a step");
    for (size_t i = 0; i < step->voice_count && status == PS_OK; i++) {
        const uint64_t stream = (uint64_t)step_index << 32 | i;
        const char *name = NULL;
        ps_error why = {0};

        status = ps_part_start(&player->parts[player->count], stage, &step->voices[i],
                               step->duration_sec, frames, stream, &name, &why);
        if (status == PS_OK) {
            player->count++;
            status = ps_part_reserve(&player->parts[player->count - 1], stage, room_frames);
        } else if (status != PS_NO_MEMORY) {
            tell(warn, i, name, &why);
            status = PS_OK;
        }
    }
    if (status != PS_OK) {
        ps_player_finish(player);
        return ps_fail(err, status, "no memory for the voices of a step");
    }
    if (!stage->reference)
        player->gain = gain_of(player);
    return PS_OK;
}

ps_status ps_player_check(const ps_stage *stage, const ps_track_step *step, uint32_t step_index,
                          uint64_t frames, const ps_player_warn *warn, ps_error *err)
{
    for (size_t i = 0; i < step->voice_count; i++) {
        const char *name = NULL;
        ps_error why = {0};
        ps_part part;
        const ps_status status = ps_part_start(&part, stage, &step->voices[i], step->duration_sec,
                                               frames, (uint64_t)step_index << 32 | i, &name, &why);

        if (status == PS_OK)
            ps_part_finish(&part, stage);
        else if (status == PS_NO_MEMORY)
            return ps_fail(err, status, "no memory for the voices of a step");
        else
            tell(warn, i, name, &why);
    }
    return PS_OK;
}

void ps_player_finish(ps_player *player)
{
    ps_tone_mix_destroy(player->mix);
    player->mix = NULL;
    for (uint32_t i = 0; i < player->count; i++)
        ps_part_finish(&player->parts[i], player->stage);
    ps_free(player->stage->allocator, player->parts);
    player->parts = NULL;
    player->count = 0;
}

/* The ready frames of one ear of a part. */
static const float *ready_of(const ps_part *part, uint32_t ear, uint32_t from)
{
    return (ear == 0 ? part->left : part->right) + part->first + from;
}

static void peek_ear(const ps_player *player, uint32_t ear, uint32_t from, float *out,
                     uint32_t frames)
{
    const ps_mix_row *mix = player->stage->row->mix;
    const ps_part *parts = player->parts;
    const uint32_t count = player->count;

    if (count == 0)
        memset(out, 0, frames * sizeof *out);
    if (count == 1)
        mix->amplify(out, ready_of(&parts[0], ear, from), player->gain, frames);
    for (uint32_t i = 1; i < count; i++)
        mix->join(out, i > 1 ? out : ready_of(&parts[0], ear, from), ready_of(&parts[i], ear, from),
                  i + 1 < count ? 1.0f : player->gain, frames);
}

void ps_player_peek(const ps_player *player, uint32_t from, float *left, float *right,
                    uint32_t frames)
{
    for (uint32_t i = 0; i < player->count; i++)
        assert(from + frames <= player->parts[i].ready);
    peek_ear(player, 0, from, left, frames);
    peek_ear(player, 1, from, right, frames);
}

/* ---- Parts that are lent --------------------------------------------------------------------- */

/* What the accelerator has failed at, the parts go on with from the position on. */
static void take_back(ps_player *player)
{
    for (uint32_t i = 0; i < player->count; i++) {
        if (player->parts[i].lent)
            ps_part_skip(&player->parts[i], player->stage, player->position);
    }
    ps_tone_mix_destroy(player->mix);
    player->mix = NULL;
}

void ps_player_lend(ps_player *player, uint32_t frames)
{
    assert(frames <= player->room);
    if (!player->offered && player->stage->accelerator)
        player->mix = ps_tone_mix_create(player->stage, player->parts, player->count,
                                         player->position, player->frames, player->room);
    player->offered = true;
    if (player->mix && !ps_tone_mix_prepare(player->mix, frames))
        take_back(player);
}

/* The mix of those that are lent, and the others in their order. */
static void peek_ear_lent(const ps_player *player, uint32_t ear, float *out, uint32_t frames)
{
    const ps_mix_row *mix = player->stage->row->mix;
    const float *sound = ps_tone_mix_ready(player->mix, ear);

    for (uint32_t i = 0; i < player->count; i++) {
        if (player->parts[i].lent)
            continue;
        mix->join(out, sound, ready_of(&player->parts[i], ear, 0), 1.0f, frames);
        sound = out;
    }
    mix->amplify(out, sound, player->gain, frames);
}

void ps_player_peek_lent(const ps_player *player, float *left, float *right, uint32_t frames)
{
    if (!player->mix) {
        ps_player_peek(player, 0, left, right, frames);
        return;
    }
    peek_ear_lent(player, 0, left, frames);
    peek_ear_lent(player, 1, right, frames);
}

/* ---- Time ------------------------------------------------------------------------------------ */

void ps_player_drop(ps_player *player, uint32_t frames)
{
    for (uint32_t i = 0; i < player->count; i++) {
        if (!player->parts[i].lent)
            ps_part_take(&player->parts[i], frames);
    }
    if (player->mix)
        ps_tone_mix_take(player->mix, frames);
    player->position += frames;
}

ps_status ps_player_prepare(ps_player *player, uint32_t frames)
{
    for (uint32_t i = 0; i < player->count; i++) {
        const ps_status status = ps_part_reserve(&player->parts[i], player->stage, frames);

        if (status != PS_OK)
            return status;
        if (player->parts[i].lent)
            ps_part_skip(&player->parts[i], player->stage, player->position);
        ps_part_prepare(&player->parts[i], player->stage, frames);
    }
    return PS_OK;
}

void ps_player_skip(ps_player *player, uint64_t frame)
{
    const uint64_t target = frame < player->frames ? frame : player->frames;

    ps_tone_mix_destroy(player->mix);
    player->mix = NULL;
    player->offered = false;
    for (uint32_t i = 0; i < player->count; i++)
        ps_part_skip(&player->parts[i], player->stage, target);
    player->position = target;
}
