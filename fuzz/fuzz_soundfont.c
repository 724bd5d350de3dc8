/*
 * Any bytes as a SoundFont: what opens has only regions that keep the promises of
 * soundfont/regions.h, and strict reading fails exactly when something was mended. The first and
 * the last frames of every region are read, so that a sanitizer sees a range that is too wide.
 */
#include <stdlib.h>
#include <string.h>

#include "soundfont/regions.h"

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static volatile unsigned sink; /* reads that are not left out */

static void count_damage(void *user, const ps_error *warning)
{
    CHECK(warning->text[0] != '\0');
    (*(size_t *)user)++;
}

/* Every second byte of the "Ogg file" is a frame; an odd first byte does not decode. */
static ps_status decode(void *user, const uint8_t *bytes, size_t size_bytes,
                        const ps_allocator *allocator, int16_t **pcm, uint32_t *frames,
                        ps_error *err)
{
    (void)user;
    if (size_bytes < 2 || bytes[0] % 2 == 1)
        return ps_fail(err, PS_BAD_DATA, "fuzz: does not decode");
    *frames = (uint32_t)(size_bytes / 2);
    *pcm = ps_alloc(allocator, *frames, sizeof **pcm);
    return *pcm ? PS_OK : PS_NO_MEMORY;
}

static void check_sample(const ps_region_sample *s, uint8_t mode)
{
    CHECK(s->rate_hz >= 400 && s->rate_hz <= 192000 && s->root_key <= 127);
    if (!s->ready) {
        CHECK(!s->data);
        return;
    }
    CHECK(s->start < s->end && s->end <= s->data_frames);
    if (mode == 0)
        CHECK(s->loop_start == 0 && s->loop_end == 0);
    else
        CHECK(s->start <= s->loop_start && s->loop_start < s->loop_end && s->loop_end <= s->end);
    sink += s->data[2 * (size_t)s->start] + s->data[2 * (size_t)s->end - 1];
    sink += s->data[0] + s->data[2 * (size_t)s->data_frames - 1];
    if (s->low_data)
        sink += s->low_data[0] + s->low_data[s->data_frames - 1];
}

static void check_region(const ps_region *region)
{
    CHECK(region->sample_mode <= 3 && region->sample_mode != 2);
    check_sample(&region->sample, region->sample_mode);
    for (uint32_t i = 0; i < PS_GENERATORS; i++)
        CHECK((region->generators[i] >= ps_generator_info(i)->low &&
               region->generators[i] <= ps_generator_info(i)->high) ||
              (region->generators[i] == INT16_MIN && ps_generator_info(i)->low == -12000));
    CHECK(region->modulator_count >= PS_DEFAULT_MODULATORS &&
          region->modulator_count <= PS_REGION_MODULATORS);
    for (uint32_t i = 0; i < region->modulator_count; i++) {
        const ps_modulator *m = &region->modulators[i];

        /* A chain of links ends. */
        for (uint32_t steps = 0; (m->destination & 0x8000) != 0; steps++) {
            CHECK((m->destination & 0x7fff) < region->modulator_count && steps < 64);
            m = &region->modulators[m->destination & 0x7fff];
        }
        CHECK(m->destination < PS_GENERATORS && ps_generator_info(m->destination)->name);
    }
}

static void play(const ps_soundfont *bank, uint32_t preset)
{
    static ps_region regions[PS_KEY_REGIONS];

    for (int key = 0; key < 128; key += 21) {
        for (int velocity = 1; velocity < 128; velocity += 63) {
            const uint32_t count =
                ps_soundfont_regions(bank, preset, (uint8_t)key, (uint8_t)velocity, key % 2 == 0,
                                     regions, PS_KEY_REGIONS);

            CHECK(count <= PS_KEY_REGIONS);
            for (uint32_t i = 0; i < count; i++)
                check_region(&regions[i]);
        }
    }
}

static void walk(ps_soundfont *bank)
{
    ps_soundfont_info info;
    ps_preset_info preset, before = {{0}, 0, 0, 0};

    ps_soundfont_get_info(bank, &info);
    sink += (unsigned)(strlen(info.name) + strlen(info.author) + strlen(info.copyright) +
                       strlen(info.comment) + strlen(info.engine) + strlen(info.date) +
                       strlen(info.product) + strlen(info.tool));
    for (uint32_t i = 0; i < info.samples; i++) {
        ps_sample_info sample;

        ps_soundfont_sample_info(bank, i, &sample);
        CHECK(strlen(sample.name) <= 20);
    }
    for (uint32_t i = 0; i < info.presets; i++) {
        ps_soundfont_preset_info(bank, i, &preset);
        CHECK(strlen(preset.name) <= 20);
        CHECK(before.bank < preset.bank ||
              (before.bank == preset.bank && before.program <= preset.program));
        CHECK(ps_soundfont_find_preset(bank, preset.bank, preset.program) >= 0);
        before = preset;
        play(bank, i);
        CHECK(ps_soundfont_prepare(bank, i, 0, 127, 0, 127, NULL, NULL) == PS_OK);
        play(bank, i);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    size_t damage = 0;
    ps_soundfont_options options = {.decoder = decode, .warnings = {count_damage, &damage}};
    ps_soundfont *bank = NULL, *strict = NULL;
    ps_error err = {0};
    const ps_status status = ps_soundfont_open(&bank, bytes, size_bytes, &options, &err);

    CHECK((status == PS_OK) == (bank != NULL));
    CHECK(status == PS_OK || status == PS_BAD_DATA || status == PS_UNSUPPORTED);
    CHECK(status == PS_OK || err.text[0] != '\0');
    options.strict = true;
    options.warnings.add = NULL;
    if (ps_soundfont_open(&strict, bytes, size_bytes, &options, NULL) == PS_OK)
        CHECK(status == PS_OK);
    else
        CHECK(status != PS_OK || damage > 0);
    ps_soundfont_destroy(strict);
    if (bank)
        walk(bank);
    ps_soundfont_destroy(bank);
    return 0;
}
