#define _GNU_SOURCE
#include "edge_support.h"

#include <math.h>
#include <png.h>

#include "failing_heap.h"
#include "plainsong/picture.h"

#define FRAMES 100000u

static float left[FRAMES], right[FRAMES];

static int prepare(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < FRAMES; i++) {
        left[i] = 0.9f * sinf((float)i * 0.0003f) * sinf((float)i * 0.37f);
        right[i] = 0.4f * cosf((float)i * 0.0001f);
    }
    return 0;
}

/* The memory source, but saying "at most", and as a kind whose true end is seen only there. */
typedef struct vague_source {
    ps_source base;
    uint64_t frames, next, claimed;
    ps_length_kind claimed_kind;
} vague_source;

static uint32_t vague_render(ps_source *base, ps_block block)
{
    vague_source *source = (vague_source *)base;
    uint32_t done = 0;

    for (; done < block.frames && source->next < source->frames; done++, source->next++) {
        block.left[done] = left[source->next % FRAMES];
        block.right[done] = right[source->next % FRAMES];
    }
    return done;
}

static ps_status vague_seek(ps_source *base, uint64_t frame)
{
    ((vague_source *)base)->next = frame;
    return PS_OK;
}

static ps_length vague_length(const ps_source *base)
{
    const vague_source *source = (const vague_source *)base;

    return (ps_length){source->claimed_kind, source->claimed};
}

static void vague_destroy(ps_source *base)
{
    (void)base;
}

static const ps_source_kind vague_kind = {.name = "vague",
                                          .render = vague_render,
                                          .seek = vague_seek,
                                          .length = vague_length,
                                          .destroy = vague_destroy};

static ps_source *vague(vague_source *source, uint64_t frames, ps_length_kind kind)
{
    memset(source, 0, sizeof *source);
    ps_source_init(&source->base, &vague_kind, 44100.0);
    source->frames = frames;
    source->claimed_kind = kind;
    source->claimed = kind == PS_LENGTH_KNOWN ? frames : UINT64_MAX;
    return &source->base;
}

/* The picture as RGBA; free() it. */
static uint8_t *draw(ps_source *source, const ps_waveform_options *options)
{
    png_image image = {.version = PNG_IMAGE_VERSION};
    uint8_t *bytes, *pixels;
    size_t size_bytes;

    assert_int_equal(ps_waveform_png(source, options, &bytes, &size_bytes, NULL), PS_OK);
    assert_true(png_image_begin_read_from_memory(&image, bytes, size_bytes));
    assert_int_equal(image.width, options->width);
    assert_int_equal(image.height, options->height);
    image.format = PNG_FORMAT_RGBA;
    pixels = malloc(PNG_IMAGE_SIZE(image));
    assert_true(png_image_finish_read(&image, NULL, pixels, 0, NULL));
    ps_free(NULL, bytes);
    return pixels;
}

/* White on black: a pixel's red is its coverage. */
static ps_waveform_options plain(uint32_t width, uint32_t height)
{
    ps_waveform_options options = {width, height, {255, 255, 255, 255}, {0, 0, 0, 255}};

    return options;
}

/* Rows covered in a column, and where they begin. */
static void measure(const uint8_t *pixels, const ps_waveform_options *options, uint32_t column,
                    double *top, double *covered)
{
    bool begun = false;

    *covered = 0.0;
    *top = -1.0;
    for (uint32_t y = 0; y < options->height; y++) {
        const double share = pixels[4 * (y * options->width + column)] / 255.0;

        if (!begun && share > 0.0) {
            *top = y + 1.0 - share;
            begun = true;
        }
        *covered += share;
    }
}

static void a_column_reaches_from_the_smallest_to_the_largest_sample(void **state)
{
    static const uint32_t widths[] = {1, 7, 100, 1000};
    const uint32_t height = 150;

    (void)state;
    for (size_t w = 0; w < 4; w++) {
        const ps_waveform_options options = plain(widths[w], height);
        vague_source source;
        uint8_t *pixels = draw(vague(&source, FRAMES, PS_LENGTH_KNOWN), &options);

        for (uint32_t column = 0; column < widths[w]; column++) {
            /* The bar's sides may be a bucket off: compare with a little more and a little less. */
            const double step = (double)FRAMES / widths[w];
            double smallest[2] = {1.0, 1.0}, largest[2] = {-1.0, -1.0}, top, covered;

            for (int wider = 0; wider < 2; wider++) {
                const double slack = wider ? step / 14.0 : 0.0;
                const double from = fmax(0.0, column * step - slack);
                const double to = fmin(FRAMES, (column + 1) * step + slack);

                for (uint32_t i = (uint32_t)from; i < to; i++) {
                    smallest[wider] = fmin(smallest[wider], fminf(left[i], right[i]));
                    largest[wider] = fmax(largest[wider], fmaxf(left[i], right[i]));
                }
            }
            measure(pixels, &options, column, &top, &covered);
            assert_true(top <= 0.5 * (1.0 - largest[0]) * height + 0.005);
            assert_true(top >= 0.5 * (1.0 - largest[1]) * height - 0.005);
            assert_true(covered >= 0.5 * (largest[0] - smallest[0]) * height - 0.01);
            assert_true(covered <= fmax(1.0, 0.5 * (largest[1] - smallest[1]) * height) + 0.01);
        }
        free(pixels);
    }
}

static void a_length_not_known_before_gives_nearly_the_same_picture(void **state)
{
    static const uint64_t lengths[] = {1, 50, 1000, 15999, 16000, 16001, FRAMES, 3000000};

    (void)state;
    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++) {
        const ps_waveform_options options = plain(1000, 60);
        vague_source one, two;
        uint8_t *known = draw(vague(&one, lengths[l], PS_LENGTH_KNOWN), &options);
        uint8_t *unknown = draw(vague(&two, lengths[l], PS_LENGTH_AT_MOST), &options);
        uint32_t different = 0;

        for (uint32_t column = 0; column < 1000; column++) {
            double top[2], covered[2];

            measure(known, &options, column, &top[0], &covered[0]);
            measure(unknown, &options, column, &top[1], &covered[1]);
            different += fabs(covered[0] - covered[1]) > 2.0;
        }
        /* Of 3000000 frames, the sound jumps 29 times: a bucket more is seen there. */
        assert_true(different <= lengths[l] / FRAMES && (lengths[l] > FRAMES || different == 0));
        free(known);
        free(unknown);
    }
}

static void a_lone_click_is_seen_at_its_place(void **state)
{
    static float click[FRAMES];
    const ps_waveform_options options = plain(500, 100);

    (void)state;
    for (uint32_t at = 0; at < FRAMES; at += 9973) {
        ps_source *source;
        uint8_t *pixels;

        memset(click, 0, sizeof click);
        click[at] = 1.0f;
        assert_int_equal(
            ps_memory_source_create(&source, click, click, FRAMES, 44100.0, NULL, NULL), PS_OK);
        pixels = draw(source, &options);
        for (uint32_t column = 0; column < 500; column++) {
            const double distance = fabs(column + 0.5 - at * 500.0 / FRAMES);
            double top, covered;

            measure(pixels, &options, column, &top, &covered);
            if (distance <= 0.5)
                assert_true(top < 0.01 && covered > 49.9);
            else if (distance > 0.6)
                assert_true(fabs(covered - 1.0) < 0.01 && fabs(top - 49.5) < 0.01);
        }
        free(pixels);
        ps_source_destroy(source);
    }
}

static void slow_waves_have_no_gaps(void **state)
{
    static float slow[64];
    const ps_waveform_options options = plain(640, 200);
    ps_source *source;
    uint8_t *pixels;
    double top[2], covered[2];

    (void)state;
    for (uint32_t i = 0; i < 64; i++)
        slow[i] = sinf((float)i * 0.4f);
    assert_int_equal(ps_memory_source_create(&source, slow, slow, 64, 44100.0, NULL, NULL), PS_OK);
    pixels = draw(source, &options);
    measure(pixels, &options, 0, &top[0], &covered[0]);
    for (uint32_t column = 1; column < 640; column++) {
        measure(pixels, &options, column, &top[1], &covered[1]);
        assert_true(top[1] <= top[0] + covered[0] + 0.02 && top[0] <= top[1] + covered[1] + 0.02);
        top[0] = top[1];
        covered[0] = covered[1];
    }
    free(pixels);
    ps_source_destroy(source);
}

static void what_exceeds_full_scale_ends_at_the_edge(void **state)
{
    static float loud[1600];
    ps_waveform_options options = plain(10, 10);
    ps_source *source;
    uint8_t *pixels;

    (void)state;
    for (uint32_t i = 0; i < 1600; i++)
        loud[i] = i % 2 ? 50.0f : i < 800 ? 2.0f : -50.0f;
    assert_int_equal(ps_memory_source_create(&source, loud, loud, 1600, 44100.0, NULL, NULL),
                     PS_OK);
    pixels = draw(source, &options);
    for (uint32_t column = 0; column < 10; column++) {
        double top, covered;

        measure(pixels, &options, column, &top, &covered);
        assert_true(top < 0.01);
        assert_true(fabs(covered - (column < 5 ? 1.0 : 10.0)) < 0.01);
    }
    free(pixels);
    ps_source_destroy(source);
}

static void colours_and_opacities_are_as_asked(void **state)
{
    ps_waveform_options options = {50, 41, {200, 100, 50, 255}, {10, 20, 30, 0}};
    vague_source source;
    uint8_t *pixels = draw(vague(&source, 0, PS_LENGTH_KNOWN), &options); /* silence: a line */
    const uint8_t front[] = {200, 100, 50, 255}, half[] = {200, 100, 50, 128};

    (void)state;
    assert_memory_equal(pixels + 4 * 20 * 50, front, 4);
    assert_int_equal(pixels[3], 0);
    free(pixels);
    options.height = 40; /* now it lies on two rows, half on each */
    pixels = draw(vague(&source, 0, PS_LENGTH_KNOWN), &options);
    assert_memory_equal(pixels + 4 * 19 * 50, half, 4);
    assert_memory_equal(pixels + 4 * 20 * 50, half, 4);
    free(pixels);
}

static void sizes_from_one_pixel_to_the_largest_are_drawn(void **state)
{
    static const uint32_t sizes[][2] = {{1, 1}, {16384, 1}, {1, 16384}, {3, 2}};
    ps_waveform_options options = plain(0, 10);
    vague_source source;
    uint8_t *bytes;
    size_t size_bytes;
    ps_error err;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        options = plain(sizes[i][0], sizes[i][1]);
        free(draw(vague(&source, 1000, PS_LENGTH_KNOWN), &options));
    }
    options = plain(0, 10);
    assert_int_equal(
        ps_waveform_png(vague(&source, 10, PS_LENGTH_KNOWN), &options, &bytes, &size_bytes, &err),
        PS_BAD_ARGUMENT);
    options = plain(10, 16385);
    assert_int_equal(
        ps_waveform_png(vague(&source, 10, PS_LENGTH_KNOWN), &options, &bytes, &size_bytes, &err),
        PS_BAD_ARGUMENT);
    options = ps_waveform_defaults();
    assert_int_equal(
        ps_waveform_png(vague(&source, 10, PS_LENGTH_ENDLESS), &options, &bytes, &size_bytes, &err),
        PS_UNSUPPORTED);
}

static void a_picture_begins_where_the_source_is(void **state)
{
    const ps_waveform_options options = plain(100, 50);
    vague_source all, part;
    uint8_t *pixels;
    double top, covered;

    (void)state;
    vague(&all, FRAMES, PS_LENGTH_KNOWN);
    vague(&part, FRAMES, PS_LENGTH_KNOWN);
    assert_int_equal(ps_source_seek(&part.base, FRAMES - 100), PS_OK);
    pixels = draw(&part.base, &options);
    for (uint32_t column = 0; column < 100; column++) {
        const uint32_t frame = FRAMES - 100 + column;

        measure(pixels, &options, column, &top, &covered);
        assert_true(top <= 0.5 * (1.0 - fmaxf(left[frame], right[frame])) * 50 + 0.01);
    }
    free(pixels);
}

static void drawing_gives_back_everything_when_memory_runs_out(void **state)
{
    const ps_waveform_options options = plain(300, 100);
    ps_status status = PS_NO_MEMORY;
    uint8_t *bytes = NULL;
    size_t size_bytes;

    (void)state;
    for (long allowed = 0; status != PS_OK; allowed++) {
        vague_source source;

        assert_true(allowed < 200);
        vague(&source, 5000, PS_LENGTH_KNOWN);
        heap_allowed = allowed;
        status = ps_waveform_png(&source.base, &options, &bytes, &size_bytes, NULL);
        heap_allowed = -1;
        assert_true(status == PS_OK ? bytes != NULL : status == PS_NO_MEMORY && !bytes);
    }
    ps_free(NULL, bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_column_reaches_from_the_smallest_to_the_largest_sample),
        cmocka_unit_test(a_length_not_known_before_gives_nearly_the_same_picture),
        cmocka_unit_test(a_lone_click_is_seen_at_its_place),
        cmocka_unit_test(slow_waves_have_no_gaps),
        cmocka_unit_test(what_exceeds_full_scale_ends_at_the_edge),
        cmocka_unit_test(colours_and_opacities_are_as_asked),
        cmocka_unit_test(sizes_from_one_pixel_to_the_largest_are_drawn),
        cmocka_unit_test(a_picture_begins_where_the_source_is),
        cmocka_unit_test(drawing_gives_back_everything_when_memory_runs_out),
    };

    return cmocka_run_group_tests(tests, prepare, NULL);
}
