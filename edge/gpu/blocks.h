/*
 * How a convolution is cut into rows for a device (overlap-save, Stockham 1966): a row is a pair of
 * blocks of one channel, each `size` samples of which the last `size - response_frames + 1` results
 * are of use. Pure arithmetic: nothing here touches a device.
 */
#ifndef PLAINSONG_EDGE_GPU_BLOCKS_H
#define PLAINSONG_EDGE_GPU_BLOCKS_H

#include "pipeline.h"
#include "plainsong/accelerator.h"

typedef struct ps_blocks {
    ps_convolution *job; /* borrowed */
    uint32_t index;      /* of the job among its like */
    uint32_t size;       /* of a block, a power of two; 0: the job cannot be done */
    bool stereo;         /* true stereo */
    uint64_t hop;        /* results of a block */
    uint64_t results;    /* frames to compute; those behind are 0 */
    uint64_t pairs;      /* of blocks, of each channel */
    uint64_t first;      /* pair that is not done yet */
    uint32_t *places;    /* of the spectra of its responses, once they have one; borrowed */
} ps_blocks;

/* What a device can do. */
typedef struct ps_blocks_limits {
    uint32_t once_most; /* transforms up to this size go over memory once */
    uint32_t size_most; /* of a block */
} ps_blocks_limits;

/* Whether the sizes of a job fit each other. */
bool ps_convolution_is_sound(const ps_convolution *job);

/* Cuts what is not done of a sound job in the way that moves least memory. */
ps_blocks ps_blocks_of(ps_convolution *job, uint32_t index, const ps_blocks_limits *limits);

/* Rows of all channels that are to be done. */
uint64_t ps_blocks_rows(const ps_blocks *blocks);

/* Bytes of the device's memory that these rows are read from and written to. */
double ps_blocks_traffic_bytes(const ps_blocks *blocks, const ps_blocks_limits *limits);

/* Where one is in the rows of a list of jobs that have size and stereo in common. */
typedef struct ps_blocks_cursor {
    const ps_blocks *blocks;
    uint32_t count;   /* of them */
    uint32_t at;      /* of them */
    uint64_t pair;    /* of it */
    uint32_t channel; /* of the pair */
} ps_blocks_cursor;

ps_blocks_cursor ps_blocks_begin(const ps_blocks *blocks, uint32_t count);

/*
 * Fills an empty chunk with the next rows; false when there are none. Pairs go on in time, and the
 * channels of a pair follow each other, so that what is done of a job is its beginning.
 */
bool ps_blocks_fill(ps_blocks_cursor *cursor, ps_gpu_chunk *chunk);

#endif
