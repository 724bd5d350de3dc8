/* Spans into sound. */
#include "synth/player.h"

#include <string.h>

void ps_playing_init(ps_playing *playing, const ps_kernels *kernels, ps_interpolation interpolation,
                     const ps_sinc_set *sinc)
{
    playing->kernels = kernels;
    playing->sinc = sinc;
    playing->reader.read16 = kernels->read16[interpolation];
    playing->reader.read_float = kernels->read_float[interpolation];
    playing->reader.before = ps_taps_before(interpolation);
    playing->reader.after = ps_taps_after(interpolation);
}

/* Nothing of a note may leak into the lane's next one. */
static void rest(ps_player *player, uint32_t lane)
{
    ps_group_course *course = &player->course;

    for (uint32_t bus = 0; bus < PS_BUSES; bus++)
        course->pan[bus][lane] = course->gain[bus][lane] = 0.0f;
    course->filtered[lane] = 0;
    course->b0[lane] = 1.0f;
    course->a1[lane] = 2.0f;
    course->a2[lane] = 1.0f;
    player->state.s1[lane] = player->state.s2[lane] = 0.0f;
}

void ps_player_reset(ps_player *player)
{
    memset(player, 0, sizeof *player);
    for (uint32_t lane = 0; lane < PS_GROUP_LANES; lane++)
        rest(player, lane);
}

static void hear(ps_player *player, const ps_lane_news *news, uint32_t lane, bool begins)
{
    ps_group_course *course = &player->course;

    if (begins)
        player->lanes[lane] = news->lane;
    player->lanes[lane].looping = news->looping;
    course->filtered[lane] = news->filtered ? UINT32_MAX : 0;
    course->half_damping[lane] = news->half_damping;
    course->dc_gain[lane] = news->dc_gain;
    for (uint32_t bus = 0; bus < PS_BUSES; bus++) {
        course->pan[bus][lane] = news->pan[bus];
        if (begins)
            course->gain[bus][lane] = news->begin_level * news->pan[bus];
    }
}

/* Takes the news and steers; returns the flags for mixing. */
static uint32_t follow(ps_player *player, const ps_group_span *span, const ps_playing *playing,
                       ps_group_shape *shape)
{
    const uint32_t filter = PS_MIX_FILTER | PS_MIX_FILTER_MOVES;

    for (uint32_t lane = 0; span->told >> lane; lane++) {
        if (span->told >> lane & 1u)
            hear(player, &span->news[lane], lane, span->begun >> lane & 1u);
    }
    if (span->flags & PS_SPAN_STRIDES)
        memcpy(player->strides, span->strides, sizeof player->strides);
    return playing->kernels->steer(shape, &player->course, &span->aims, span->at_once, span->frames,
                                   span->flags & filter);
}

static void end(ps_player *player, uint32_t ended)
{
    for (uint32_t lane = 0; ended >> lane; lane++) {
        if (ended >> lane & 1u)
            rest(player, lane);
    }
}

void ps_player_play(ps_player *player, const ps_group_span *span, const ps_playing *playing,
                    ps_desk *desk, float *buses)
{
    ps_group_shape shape;
    const uint32_t flags = follow(player, span, playing, &shape);

    for (uint32_t lane = 0; lane < span->lane_count; lane++) {
        const ps_stride stride = player->strides[lane];
        const float *sinc = NULL;

        if (!(span->mask >> lane & 1u))
            continue;
        if (playing->sinc)
            sinc = ps_sinc_table(playing->sinc, stride.step);
        ps_lane_read(&player->lanes[lane], stride, &playing->reader, &desk->window, sinc,
                     desk->strips + (size_t)lane * PS_GRID_FRAMES, span->frames);
    }
    playing->kernels->mix(buses + (size_t)span->offset * PS_BUSES, desk->strips, &shape,
                          &player->state, span->lane_count, span->frames, flags);
    end(player, span->ended);
}

void ps_player_pass(ps_player *player, const ps_group_span *span, const ps_playing *playing)
{
    ps_group_shape shape;

    follow(player, span, playing, &shape);
    for (uint32_t lane = 0; lane < span->lane_count; lane++) {
        if (span->mask >> lane & 1u)
            ps_lane_advance(&player->lanes[lane],
                            ps_stride_distance(player->strides[lane], span->frames));
    }
    end(player, span->ended);
}
