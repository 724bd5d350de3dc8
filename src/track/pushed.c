/* The stream of pushed samples, and the ways that lead from it through effects. */
#include "track/pushed.h"

#include <string.h>

#define KEPT    PS_PUSHED_KEPT_FRAMES
#define NOWHERE UINT64_MAX

ps_status ps_pushed_create(ps_pushed **out, const ps_allocator *allocator, ps_error *err)
{
    ps_pushed *pushed = ps_alloc(allocator, 1, sizeof *pushed);
    ps_status status = pushed ? ps_clip_ring_create(&pushed->ring, allocator, err)
                              : ps_fail(err, PS_NO_MEMORY, "no memory for pushed samples");

    for (uint32_t ear = 0; status == PS_OK && ear < 2; ear++) {
        pushed->kept[ear] = ps_alloc(allocator, KEPT, sizeof(float));
        if (!pushed->kept[ear])
            status = ps_fail(err, PS_NO_MEMORY, "no memory for pushed samples");
    }
    if (status == PS_OK)
        *out = pushed;
    else
        ps_pushed_destroy(pushed, allocator);
    return status;
}

void ps_pushed_destroy(ps_pushed *pushed, const ps_allocator *allocator)
{
    if (!pushed)
        return;
    ps_clip_ring_destroy(pushed->ring, allocator);
    ps_free(allocator, pushed->kept[0]);
    ps_free(allocator, pushed->kept[1]);
    ps_free(allocator, pushed);
}

/* ---- The stream ------------------------------------------------------------------------------ */

/* How many frames from `first` on lie in one piece. */
static uint32_t piece(uint64_t first, uint32_t frames)
{
    const uint32_t to_end = KEPT - (uint32_t)(first % KEPT);

    return frames < to_end ? frames : to_end;
}

/* The stream grows by what the ring has, up to a frame. */
static void take_up_to(ps_pushed *p, uint64_t end)
{
    while (p->taken < end) {
        const uint32_t at = (uint32_t)(p->taken % KEPT);
        const uint64_t left = end - p->taken;
        const uint32_t wanted = piece(p->taken, left < KEPT ? (uint32_t)left : KEPT);
        const uint32_t got = ps_clip_ring_take(p->ring, p->kept[0] + at, p->kept[1] + at, wanted);

        p->taken += got;
        if (got < wanted)
            return;
    }
}

/* It grows by silence. */
static void pad(ps_pushed *p, uint32_t frames)
{
    while (frames > 0) {
        const uint32_t at = (uint32_t)(p->taken % KEPT), count = piece(p->taken, frames);

        memset(p->kept[0] + at, 0, count * sizeof(float));
        memset(p->kept[1] + at, 0, count * sizeof(float));
        p->taken += count;
        frames -= count;
    }
}

/* Copies the frames from `first` on, which are not older than what is kept; returns how many there
   are by now. */
static uint32_t copy(ps_pushed *p, uint64_t first, float *left, float *right, uint32_t frames)
{
    uint32_t done = 0;

    take_up_to(p, first + frames);
    if (p->taken < first + frames)
        frames = p->taken > first ? (uint32_t)(p->taken - first) : 0;
    while (done < frames) {
        const uint32_t at = (uint32_t)((first + done) % KEPT);
        const uint32_t count = piece(first + done, frames - done);

        memcpy(left + done, p->kept[0] + at, count * sizeof *left);
        memcpy(right + done, p->kept[1] + at, count * sizeof *right);
        done += count;
    }
    return frames;
}

/* ---- Ways ------------------------------------------------------------------------------------ */

ps_status ps_pushed_way_create(ps_pushed_way **out, ps_rack *rack, const uint64_t key[2],
                               const ps_allocator *allocator, ps_error *err)
{
    ps_pushed_way *way = ps_alloc(allocator, 1, sizeof *way);

    if (!way) {
        ps_rack_destroy(rack);
        return ps_fail(err, PS_NO_MEMORY, "no memory for pushed samples");
    }
    way->users = 1;
    way->rack = rack;
    way->frame = NOWHERE;
    way->key[0] = key[0];
    way->key[1] = key[1];
    if (rack) {
        way->latency = way->unheard = ps_rack_latency(rack);
        way->rings = way->latency + ps_rack_tail(rack);
    }
    way->quiet = way->rings; /* at rest */
    *out = way;
    return PS_OK;
}

void ps_pushed_way_leave(ps_pushed_way *way, const ps_allocator *allocator)
{
    if (!way || --way->users > 0)
        return;
    ps_rack_destroy(way->rack);
    ps_free(allocator, way);
}

uint64_t ps_pushed_way_frame(const ps_pushed_way *way)
{
    return way->next - (way->latency - way->unheard);
}

void ps_pushed_way_begin(ps_pushed_way *way, const ps_pushed *pushed, uint64_t frame)
{
    const uint64_t oldest = pushed->taken > KEPT ? pushed->taken - KEPT : 0;

    way->next = frame > oldest ? frame : oldest;
}

/* The next frames of the stream through the effects. It may lie behind what is kept, when another
   way runs ahead by more. */
static void feed(ps_pushed *p, ps_pushed_way *way, float *left, float *right, uint32_t frames)
{
    if (p->taken > way->next + KEPT)
        way->next = p->taken - KEPT;
    const uint32_t got = copy(p, way->next, left, right, frames);

    memset(left + got, 0, (frames - got) * sizeof *left);
    memset(right + got, 0, (frames - got) * sizeof *right);
    pad(p, frames - got);
    way->quiet = (got > 0 ? 0 : way->quiet) + (frames - got);
    way->next += frames;
    ps_rack_process(way->rack, (ps_block){left, right, frames});
}

/* Frames of the stream that can go in at once. */
static uint64_t there(const ps_pushed *p, const ps_pushed_way *way)
{
    return p->taken - way->next + ps_clip_ring_there(p->ring);
}

/* Drops what comes out before the sound, as far as the stream has more than `frames`, and at most
   so many: the sound is in its place then. */
static void catch_up(ps_pushed *p, ps_pushed_way *way, uint32_t frames, uint32_t most)
{
    const uint64_t have = there(p, way), more = have > frames ? have - frames : 0;
    uint32_t drop = way->unheard < most ? way->unheard : most;

    if (more < drop && !atomic_load_explicit(&p->ring->finished, memory_order_acquire))
        drop = (uint32_t)more;
    while (drop > 0) {
        const uint32_t count = drop < PS_PUSHED_RUN_FRAMES ? drop : PS_PUSHED_RUN_FRAMES;

        feed(p, way, way->left, way->right, count);
        way->unheard -= count;
        drop -= count;
    }
}

/* Silent and with nothing to come, effects need not run. When they go on, they begin anew. */
static bool rests(const ps_pushed *p, ps_pushed_way *way)
{
    if (way->quiet < way->rings || there(p, way) > 0)
        return false;
    way->unheard = way->latency;
    return true;
}

void ps_pushed_ahead(ps_pushed *p, ps_pushed_way *way, uint32_t frames)
{
    if (way->rack && !rests(p, way))
        catch_up(p, way, PS_PUSHED_RUN_FRAMES, frames);
}

static void run_effects(ps_pushed *p, ps_pushed_way *way, uint32_t frames)
{
    if (rests(p, way))
        return;
    catch_up(p, way, frames, UINT32_MAX);
    feed(p, way, way->left, way->right, frames);
    way->silent = way->unheard < frames ? way->unheard : frames;
    way->unheard -= way->silent;
    way->made = frames;
}

void ps_pushed_run(ps_pushed *p, ps_pushed_way *way, uint64_t frame, uint32_t frames)
{
    if (way->frame == frame && way->asked == frames)
        return;
    way->frame = frame;
    way->asked = frames;
    way->silent = way->made = 0;
    if (way->rack) {
        run_effects(p, way, frames);
        return;
    }
    if (p->taken > way->next + KEPT)
        way->next = p->taken - KEPT;
    way->made = copy(p, way->next, way->left, way->right, frames);
    way->next += way->made;
}

void ps_pushed_forget(ps_pushed_way *way)
{
    way->frame = NOWHERE;
}
