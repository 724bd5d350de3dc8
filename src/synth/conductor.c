/* Events of a score, with a release of everything at a loop's jump and at the end. */
#include "synth/conductor.h"

#include <string.h>

static const ps_event release_all = {.kind = PS_EVENT_RELEASE_ALL};

static size_t first_at(const ps_conductor *conductor, uint64_t tick)
{
    size_t low = 0, high = conductor->count;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (conductor->events[middle].tick < tick)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Finds what comes next: an event, the jump of a loop, or the end. */
static void look_ahead(ps_conductor *conductor)
{
    conductor->jumping = conductor->loops_left > 0 && conductor->next >= conductor->loop_stop;
    if (conductor->jumping)
        conductor->next_frame = conductor->loop_end_frame + conductor->offset_frames;
    else if (conductor->next < conductor->count)
        conductor->next_frame =
            conductor->offset_frames + ps_score_frame(conductor->score,
                                                      conductor->events[conductor->next].tick,
                                                      conductor->rate_hz);
    else
        conductor->next_frame = conductor->ended ? UINT64_MAX : conductor->end_frame;
}

void ps_conductor_restart(ps_conductor *conductor)
{
    conductor->next = 0;
    conductor->offset_frames = 0;
    conductor->loops_left = conductor->loops;
    conductor->ended = false;
    look_ahead(conductor);
}

void ps_conductor_init(ps_conductor *conductor, const ps_score *score, uint32_t rate_hz,
                       uint32_t loops)
{
    ps_score_info info;
    ps_score_loop loop;

    memset(conductor, 0, sizeof *conductor);
    ps_score_get_info(score, &info);
    conductor->score = score;
    conductor->events = ps_score_events(score, &conductor->count);
    conductor->rate_hz = rate_hz;
    conductor->end_frame = ps_score_frame(score, info.last_tick, rate_hz);
    if (loops > 0 && ps_score_find_loop(score, &loop) && loop.end_tick > loop.start_tick) {
        const uint64_t start_frame = ps_score_frame(score, loop.start_tick, rate_hz);

        conductor->loop_end_frame = ps_score_frame(score, loop.end_tick, rate_hz);
        conductor->loop_frames = conductor->loop_end_frame - start_frame;
        if (conductor->loop_frames > 0 &&
            conductor->loop_frames < (UINT64_MAX - conductor->end_frame) / loops)
            conductor->loops = loops;
        conductor->loop_first = first_at(conductor, loop.start_tick);
        conductor->loop_stop = first_at(conductor, loop.end_tick);
        conductor->end_frame += conductor->loops * conductor->loop_frames;
    }
    ps_conductor_restart(conductor);
}

static uint64_t peek(void *user)
{
    return ((const ps_conductor *)user)->next_frame;
}

static const ps_event *take(void *user)
{
    ps_conductor *conductor = user;
    const ps_event *taken = &release_all;

    if (conductor->jumping) {
        conductor->loops_left--;
        conductor->offset_frames += conductor->loop_frames;
        conductor->next = conductor->loop_first;
    } else if (conductor->next < conductor->count) {
        taken = &conductor->events[conductor->next++];
    } else {
        conductor->ended = true;
    }
    look_ahead(conductor);
    return taken;
}

ps_feed ps_conductor_feed(ps_conductor *conductor)
{
    const ps_feed feed = {peek, take, conductor};

    return feed;
}
