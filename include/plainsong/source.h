/*
 * The spine: everything that sounds is a ps_source. A sink (file, sound card, memory) pulls.
 *
 *      ps_source *source = ...;                      a performance of a score, a decoded file, ...
 *      float left[4096], right[4096];
 *      ps_block block = { left, right, 4096 };
 *      uint32_t got;
 *      while ((got = ps_source_pull(source, block)) > 0)
 *          use(left, right, got);
 *      ps_source_destroy(source);
 *
 * Whatever the kind: the block size is not heard, nor the number of threads; a pull does not
 * allocate, lock or call the system when the source was made without workers; no NaN, infinity or
 * denormal comes out.
 */
#ifndef PLAINSONG_SOURCE_H
#define PLAINSONG_SOURCE_H

#include "plainsong/audio.h"
#include "plainsong/memory.h"
#include "plainsong/status.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ps_source ps_source;

typedef enum ps_length_kind {
    PS_LENGTH_KNOWN,   /* exactly `frames` */
    PS_LENGTH_AT_MOST, /* ends by itself, at `frames` at the latest */
    PS_LENGTH_ENDLESS,
} ps_length_kind;

typedef struct ps_length {
    ps_length_kind kind;
    uint64_t frames; /* UINT64_MAX when endless */
} ps_length;

/**
 * Fills the block from the source's position and moves on.
 *
 * Returns the frames filled; fewer than block.frames only at the end of the piece, then 0. The
 * rest of the block is zeroed. Real-time safe for sources made without workers. One thread at a
 * time per source.
 */
PS_API uint32_t ps_source_pull(ps_source *source, ps_block block);

/** The frame the next pull begins with. */
PS_API uint64_t ps_source_position(const ps_source *source);

/** Frames per second. */
PS_API double ps_source_rate_hz(const ps_source *source);

PS_API ps_length ps_source_length(const ps_source *source);

/** "performance", "memory", ...: for reports. */
PS_API const char *ps_source_kind_name(const ps_source *source);

/**
 * Moves to a frame (past the end is allowed: the next pull gives 0). Not real-time safe. How exact
 * the sound is right after a seek is said by the function that made the source; frame 0 is always
 * exact: it starts the piece anew.
 */
PS_API ps_status ps_source_seek(ps_source *source, uint64_t frame);

/** Whether the sound right after any seek is exactly that of having played up to there. */
PS_API bool ps_source_seeks_exactly(const ps_source *source);

/**
 * Does work that has to be done ahead, about `budget_frames` worth of audio (0: all that is
 * possible). An edge calls it from another thread than the one that pulls, or between pulls.
 * Sources that need nothing ahead return PS_OK at once.
 */
PS_API ps_status ps_source_prepare(ps_source *source, uint64_t budget_frames);

/** Frames that were silent because prepare came too late, since creation. */
PS_API uint64_t ps_source_late_frames(const ps_source *source);

/** NULL allowed. */
PS_API void ps_source_destroy(ps_source *source);

/**
 * A source that plays frames already in memory.
 *
 * @param left, right borrowed, `frames` long; right may equal left
 *
 * Seeking is exact.
 */
PS_API ps_status ps_memory_source_create(ps_source **out, const float *left, const float *right,
                                         uint64_t frames, double rate_hz,
                                         const ps_allocator *allocator, ps_error *err);

/**
 * Sources played together: the sum of `count` > 0 of them, as long as the longest. Takes them over,
 * also on failure. PS_BAD_ARGUMENT when their rates differ. A seek is as exact as theirs.
 */
PS_API ps_status ps_mix_source_create(ps_source **out, ps_source *const *parts, size_t count,
                                      const ps_allocator *allocator, ps_error *err);

/** ---- For those who write a kind of source -------------------------------------------------- */

/**
 * What a kind of source does. The base keeps position and grid: render is always asked for whole
 * grid runs, in order, so that a kind never sees odd block sizes.
 */
typedef struct ps_source_kind {
    const char *name;
    /**
     * Fills a block of a multiple of PS_GRID_FRAMES frames, the next ones in order. Returns the
     * frames that belong to the piece: fewer than block.frames only when it ends inside.
     */
    uint32_t (*render)(ps_source *source, ps_block block);
    /** Makes the next render begin at `frame`, a multiple of PS_GRID_FRAMES. */
    ps_status (*seek)(ps_source *source, uint64_t frame);
    ps_length (*length)(const ps_source *source);
    ps_status (*prepare)(ps_source *source, uint64_t budget_frames); /* NULL: nothing ahead */
    void (*destroy)(ps_source *source);
    bool seeks_exactly; /* after a seek to any frame the samples are those of playing up to it */
    bool is_clean; /* render gives no NaN, infinity or denormal; else the base looks for them */
} ps_source_kind;

/** The base, first member of every kind's struct. Fields are for the functions above. */
struct ps_source {
    const ps_source_kind *kind;
    double rate_hz;
    uint64_t position; /* of the next pull */
    uint64_t rendered; /* frames asked of the kind so far: a multiple of PS_GRID_FRAMES */
    uint64_t end;      /* first frame after the piece, UINT64_MAX until it is seen */
    uint64_t late_frames;
    float
        left[PS_GRID_FRAMES]; /* the grid run that position lies in, when it is not at its start */
    float right[PS_GRID_FRAMES];
};

/** Prepares the base: position 0. */
PS_API void ps_source_init(ps_source *source, const ps_source_kind *kind, double rate_hz);

#ifdef __cplusplus
}
#endif

#endif
