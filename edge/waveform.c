/*
 * The picture of a waveform: per column of pixels a bar from the smallest to the largest sample.
 *
 * The samples are gathered into buckets of equal length, some for each column. Of a source whose
 * length is not known, buckets begin one frame long and double whenever they are used up, so that
 * memory depends on the width alone. A bar's ends cover their pixels in part, by 256 shades from
 * background to foreground: the palette of the PNG.
 */
#include "plainsong/picture.h"

#include <png.h>
#include <string.h>

#define BUCKETS_PER_COLUMN 16u /* a bar's sides are exact to this part of a pixel */
#define BLOCK_FRAMES       4096u
#define SIZE_MAX_PIXELS    16384u
#define SHADES             256u
#define FIRST_PNG_BYTES    16384u

/* The smallest and largest sample of a stretch; of none, small > large. */
typedef struct span {
    float small, large;
} span;

typedef struct peaks {
    span *buckets;
    uint32_t room, used;    /* the last one used may not be full */
    uint64_t bucket_frames; /* length of each */
    uint64_t frames;        /* all */
} peaks;

static const span nothing = {2.0f, -2.0f};

static span join(span a, span b)
{
    const span joined = {a.small < b.small ? a.small : b.small,
                         a.large > b.large ? a.large : b.large};

    return joined;
}

/* Every two buckets become one of double length. */
static void double_buckets(peaks *p)
{
    const uint32_t half = (p->used + 1) / 2;

    for (uint32_t i = 0; i < half; i++)
        p->buckets[i] =
            join(p->buckets[2 * i], 2 * i + 1 < p->used ? p->buckets[2 * i + 1] : nothing);
    p->used = half;
    p->bucket_frames *= 2;
}

/* What is beyond full scale is drawn at full scale. */
static span span_of(const float *samples, uint32_t frames)
{
    span s = nothing;

    for (uint32_t i = 0; i < frames; i++) {
        const float sample = samples[i];

        s.small = sample < s.small ? sample : s.small;
        s.large = sample > s.large ? sample : s.large;
    }
    s.small = s.small < -1.0f ? -1.0f : s.small > 1.0f ? 1.0f : s.small;
    s.large = s.large > 1.0f ? 1.0f : s.large < -1.0f ? -1.0f : s.large;
    return s;
}

static void gather(peaks *p, ps_block block)
{
    uint32_t done = 0;

    while (done < block.frames) {
        const uint64_t inside = p->frames % p->bucket_frames;
        const uint64_t room = p->bucket_frames - inside;
        const uint32_t left = block.frames - done;
        const uint32_t count = left < room ? left : (uint32_t)room;

        if (inside == 0 && p->used == p->room) {
            double_buckets(p);
            continue; /* the last bucket may be half full now */
        }
        if (inside == 0)
            p->buckets[p->used++] = nothing;
        p->buckets[p->used - 1] =
            join(p->buckets[p->used - 1],
                 join(span_of(block.left + done, count), span_of(block.right + done, count)));
        p->frames += count;
        done += count;
    }
}

/* Of all frames that a column touches. */
static span column_span(const peaks *p, uint32_t column, uint32_t width)
{
    const double step = (double)p->frames / (double)p->bucket_frames / width;
    uint32_t first = (uint32_t)(column * step), end = (uint32_t)((column + 1) * step);
    span s = nothing;

    if (p->used == 0)
        return (span){0.0f, 0.0f};
    if (end < (column + 1) * step)
        end++;
    first = first < p->used ? first : p->used - 1;
    end = end < p->used ? end : p->used;
    do
        s = join(s, p->buckets[first++]);
    while (first < end);
    return s;
}

/* A column's bar: from top to bottom, in pixels from the upper edge. */
typedef struct bar {
    float top, bottom;
} bar;

/* At least a pixel high, so that silence is a line. */
static bar bar_of(span s, uint32_t height)
{
    bar b = {0.5f * (1.0f - s.large) * (float)height, 0.5f * (1.0f - s.small) * (float)height};

    if (b.bottom - b.top < 1.0f) {
        b.top = 0.5f * (b.top + b.bottom) - 0.5f;
        b.top = b.top < 0.0f ? 0.0f : b.top;
        b.top = b.top > (float)height - 1.0f ? (float)height - 1.0f : b.top;
        b.bottom = b.top + 1.0f;
    }
    return b;
}

/* Bars that would not touch, as of a slow wave, meet halfway. */
static void make_bars(bar *bars, const peaks *p, uint32_t width, uint32_t height)
{
    span before = column_span(p, 0, width);

    for (uint32_t i = 0; i < width; i++) {
        span s = before, after = before;

        if (i + 1 < width) {
            float middle;

            after = column_span(p, i + 1, width);
            middle = s.large < after.small ? 0.5f * (s.large + after.small)
                                           : 0.5f * (s.small + after.large);
            if (s.large < after.small)
                s.large = after.small = middle;
            else if (s.small > after.large)
                s.small = after.large = middle;
        }
        bars[i] = bar_of(s, height);
        before = after;
    }
}

/* How much of the pixel row the bar covers, as a shade. */
static uint8_t shade_of(bar b, uint32_t row)
{
    const float top = b.top > (float)row ? b.top : (float)row;
    const float bottom = b.bottom < (float)row + 1.0f ? b.bottom : (float)row + 1.0f;

    return bottom > top ? (uint8_t)((bottom - top) * (float)(SHADES - 1) + 0.5f) : 0;
}

/* ---- PNG. ---- */

typedef struct picture {
    const ps_waveform_options *options;
    const bar *bars;
    uint8_t *row;
    uint8_t *bytes;
    size_t size_bytes, room_bytes;
} picture;

static png_voidp take(png_structp png, png_alloc_size_t size_bytes)
{
    (void)png;
    return ps_alloc(NULL, 1, size_bytes);
}

static void give(png_structp png, png_voidp memory)
{
    (void)png;
    ps_free(NULL, memory);
}

static void append(png_structp png, png_bytep bytes, size_t size_bytes)
{
    picture *p = png_get_io_ptr(png);
    size_t room_bytes = p->room_bytes;

    while (room_bytes < p->size_bytes + size_bytes)
        room_bytes = room_bytes ? 2 * room_bytes : FIRST_PNG_BYTES;
    if (room_bytes > p->room_bytes) {
        uint8_t *larger = ps_alloc(NULL, 1, room_bytes);

        if (!larger)
            png_error(png, "out of memory");
        if (p->size_bytes > 0)
            memcpy(larger, p->bytes, p->size_bytes);
        ps_free(NULL, p->bytes);
        p->bytes = larger;
        p->room_bytes = room_bytes;
    }
    memcpy(p->bytes + p->size_bytes, bytes, size_bytes);
    p->size_bytes += size_bytes;
}

/* Every write goes to memory: no memory is all that can be wrong. */
static void stop(png_structp png, png_const_charp words)
{
    (void)words;
    png_longjmp(png, 1);
}

static void be_quiet(png_structp png, png_const_charp words)
{
    (void)png;
    (void)words;
}

/* Mixed with their opacities, so that a transparent background lends no colour to the edges. */
static void set_palette(png_structp png, png_infop info, const ps_waveform_options *options)
{
    png_color colours[SHADES];
    png_byte opacities[SHADES];
    bool opaque = true;

    for (unsigned i = 0; i < SHADES; i++) {
        const float front = (float)options->foreground[3] * (float)i / (SHADES - 1);
        const float back = (float)options->background[3] * (float)(SHADES - 1 - i) / (SHADES - 1);
        const float opacity = front + back, scale = opacity > 0.0f ? 1.0f / opacity : 0.0f;
        uint8_t mixed[3];

        for (int c = 0; c < 3; c++)
            mixed[c] = (uint8_t)((front * (float)options->foreground[c] +
                                  back * (float)options->background[c]) *
                                     scale +
                                 0.5f);
        colours[i] = (png_color){mixed[0], mixed[1], mixed[2]};
        opacities[i] = (uint8_t)(opacity + 0.5f);
        opaque = opaque && opacities[i] == 255;
    }
    png_set_PLTE(png, info, colours, SHADES);
    if (!opaque)
        png_set_tRNS(png, info, opacities, SHADES, NULL);
}

static void encode(png_structp png, png_infop info, picture *p)
{
    const uint32_t width = p->options->width, height = p->options->height;

    png_set_write_fn(png, p, append, NULL);
    png_set_IHDR(png, info, width, height, 8, PNG_COLOR_TYPE_PALETTE, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    set_palette(png, info, p->options);
    png_write_info(png, info);
    for (uint32_t y = 0; y < height; y++) {
        for (uint32_t x = 0; x < width; x++)
            p->row[x] = shade_of(p->bars[x], y);
        png_write_row(png, p->row);
    }
    png_write_end(png, NULL);
}

static ps_status write_png(picture *p)
{
    png_structp png =
        png_create_write_struct_2(PNG_LIBPNG_VER_STRING, NULL, stop, be_quiet, NULL, take, give);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    volatile ps_status status = PS_NO_MEMORY;

    if (info && setjmp(png_jmpbuf(png)) == 0) {
        encode(png, info, p);
        status = PS_OK;
    }
    if (png)
        png_destroy_write_struct(&png, info ? &info : NULL);
    return status;
}

/* ---- The whole. ---- */

ps_waveform_options ps_waveform_defaults(void)
{
    const ps_waveform_options options = {
        .width = 1000,
        .height = 200,
        .foreground = {47, 93, 140, 255},
        .background = {255, 255, 255, 255},
    };

    return options;
}

static void gather_all(peaks *p, ps_source *source)
{
    float left[BLOCK_FRAMES], right[BLOCK_FRAMES];
    uint32_t got;

    do {
        const ps_block block = {left, right, BLOCK_FRAMES};

        ps_source_prepare(source, BLOCK_FRAMES);
        got = ps_source_pull(source, block);
        gather(p, ps_block_part(block, 0, got));
    } while (got > 0);
}

/* Of a known length, buckets are as long as they will be; else one frame. */
static uint64_t first_bucket_frames(const ps_source *source, uint32_t room)
{
    const ps_length length = ps_source_length(source);
    const uint64_t position = ps_source_position(source);

    if (length.kind != PS_LENGTH_KNOWN || length.frames <= position)
        return 1;
    return (length.frames - position - 1) / room + 1;
}

ps_status ps_waveform_png(ps_source *source, const ps_waveform_options *options, uint8_t **bytes,
                          size_t *size_bytes, ps_error *err)
{
    picture p = {.options = options};
    peaks gathered = {0};
    bar *bars = NULL;
    ps_status status = PS_NO_MEMORY;

    if (options->width < 1 || options->width > SIZE_MAX_PIXELS || options->height < 1 ||
        options->height > SIZE_MAX_PIXELS)
        return ps_fail(err, PS_BAD_ARGUMENT, "a picture of %u x %u pixels: each is from 1 to %u",
                       (unsigned)options->width, (unsigned)options->height, SIZE_MAX_PIXELS);
    if (ps_source_length(source).kind == PS_LENGTH_ENDLESS)
        return ps_fail(err, PS_UNSUPPORTED, "an endless sound has no waveform");
    gathered.room = options->width * BUCKETS_PER_COLUMN;
    gathered.bucket_frames = first_bucket_frames(source, gathered.room);
    gathered.buckets = ps_alloc(NULL, gathered.room, sizeof *gathered.buckets);
    p.row = ps_alloc(NULL, options->width, 1);
    p.bars = bars = ps_alloc(NULL, options->width, sizeof *bars);
    if (gathered.buckets && p.row && bars) {
        gather_all(&gathered, source);
        make_bars(bars, &gathered, options->width, options->height);
        status = write_png(&p);
    }
    ps_free(NULL, gathered.buckets);
    ps_free(NULL, p.row);
    ps_free(NULL, bars);
    if (status != PS_OK) {
        ps_free(NULL, p.bytes);
        return ps_fail(err, PS_NO_MEMORY, "no memory for a picture of a waveform");
    }
    *bytes = p.bytes;
    *size_bytes = p.size_bytes;
    return PS_OK;
}
