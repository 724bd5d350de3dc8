/* Opening banks, whole and damaged; what they tell about themselves; SF3 decoding. */
#define _DEFAULT_SOURCE /* mmap */
#include "support.h"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sf2_builder.h"
#include "soundfont/regions.h"

#define FRAMES 100u

/* ---- What the tests share ----------------------------------------------------------------------
 */

/* Keeps the warnings' texts, one after the other. */
typedef struct heard {
    char text[4000];
    uint32_t count;
} heard;

static void hear(void *user, const ps_error *warning)
{
    heard *h = user;
    const size_t length = strlen(h->text);

    snprintf(h->text + length, sizeof h->text - length, "%s\n", warning->text);
    h->count++;
}

/* Decodes the made-up format of these tests: 'O', then a byte for each frame. */
typedef struct fake_decoder {
    pthread_mutex_t lock;
    uint32_t calls;
    ps_status status; /* what the next calls return */
} fake_decoder;

static ps_status fake_decode(void *user, const uint8_t *bytes, size_t size_bytes,
                             const ps_allocator *allocator, int16_t **pcm, uint32_t *frames,
                             ps_error *err)
{
    fake_decoder *d = user;
    ps_status status;
    int16_t *made;

    pthread_mutex_lock(&d->lock);
    d->calls++;
    status = d->status;
    pthread_mutex_unlock(&d->lock);
    if (status != PS_OK)
        return status;
    if (size_bytes < 2 || bytes[0] != 'O')
        return ps_fail(err, PS_BAD_DATA, "fake: not an O file");
    made = ps_alloc(allocator, size_bytes - 1, sizeof *made);
    if (!made)
        return PS_NO_MEMORY;
    for (size_t i = 1; i < size_bytes; i++)
        made[i - 1] = (int16_t)(bytes[i] * 100);
    *pcm = made;
    *frames = (uint32_t)(size_bytes - 1);
    return PS_OK;
}

static volatile unsigned sink; /* reads that are not left out */

/* Plays everything, touching the first and the last frame of every region. */
static void play_all(const ps_soundfont *bank)
{
    static ps_region regions[PS_KEY_REGIONS];

    for (uint32_t p = 0; p < ps_soundfont_preset_count(bank); p++) {
        for (int key = 0; key < 128; key += 31) {
            const uint32_t count =
                ps_soundfont_regions(bank, p, (uint8_t)key, 100, true, regions, PS_KEY_REGIONS);

            for (uint32_t i = 0; i < count; i++) {
                const ps_region_sample *s = &regions[i].sample;

                if (!s->ready)
                    continue;
                assert_true(s->start < s->end && s->end <= s->data_frames);
                assert_true(s->loop_start <= s->loop_end && s->loop_end <= s->end);
                sink += s->data[2 * (size_t)s->start] + s->data[2 * (size_t)s->end - 1];
                if (s->low_data)
                    sink += s->low_data[s->end - 1];
            }
        }
    }
}

/* A small bank: two presets, an instrument, a sample. */
static void build_small(sf2_builder *b)
{
    int16_t pcm[FRAMES];
    uint32_t sample, instrument;

    for (uint32_t i = 0; i < FRAMES; i++)
        pcm[i] = (int16_t)i;
    sf2_init(b);
    sample = sf2_sample(b, "ramp", pcm, FRAMES, 44100, 60, 10, 90);
    instrument = sf2_instrument(b, "instrument");
    sf2_zone(b, SF2_GLOBAL);
    sf2_gen(b, PS_GEN_PAN, 10);
    sf2_zone(b, sample);
    sf2_range(b, PS_GEN_KEY_RANGE, 0, 127);
    sf2_gen(b, PS_GEN_SAMPLE_MODES, 1);
    sf2_mod(b, 0x0081, PS_GEN_PAN, 5, 0, 0);
    sf2_simple_preset(b, "second", 0, 7, instrument);
    sf2_simple_preset(b, "first", 0, 3, instrument);
}

/* Finds a chunk's body; fails when it is not there. */
static uint8_t *chunk(uint8_t *bytes, size_t size_bytes, const char *id)
{
    for (size_t i = 12; i + 8 <= size_bytes; i++) {
        if (memcmp(bytes + i, id, 4) == 0)
            return bytes + i + 8;
    }
    fail_msg("no chunk %s", id);
    return bytes;
}

static void put_u16(uint8_t *at, uint32_t value)
{
    at[0] = (uint8_t)(value & 255);
    at[1] = (uint8_t)(value >> 8 & 255);
}

static void put_u32(uint8_t *at, uint32_t value)
{
    put_u16(at, value & 65535);
    put_u16(at + 2, value >> 16);
}

/* ---- Whole banks -------------------------------------------------------------------------------
 */

static void presets_are_sorted_and_found(void **state)
{
    sf2_builder b;
    size_t size_bytes;
    uint8_t *bytes;
    ps_soundfont *bank;
    ps_preset_info info;

    (void)state;
    build_small(&b);
    sf2_simple_preset(&b, "drums", 128, 0, 0);
    sf2_simple_preset(&b, "again", 0, 7, 0);
    bytes = sf2_build(&b, &size_bytes);
    assert_int_equal(ps_soundfont_open(&bank, bytes, size_bytes, NULL, NULL), PS_OK);
    assert_int_equal(ps_soundfont_preset_count(bank), 4);
    ps_soundfont_preset_info(bank, 0, &info);
    assert_string_equal(info.name, "first");
    assert_int_equal(info.program, 3);
    assert_int_equal(info.regions, 1);
    ps_soundfont_preset_info(bank, 3, &info);
    assert_string_equal(info.name, "drums");
    assert_int_equal(info.bank, 128);
    assert_int_equal(ps_soundfont_find_preset(bank, 0, 3), 0);
    assert_int_equal(ps_soundfont_find_preset(bank, 0, 7), 1); /* the first of two */
    ps_soundfont_preset_info(bank, 1, &info);
    assert_string_equal(info.name, "second");
    assert_int_equal(ps_soundfont_find_preset(bank, 128, 0), 3);
    assert_int_equal(ps_soundfont_find_preset(bank, 0, 0), -1);
    assert_int_equal(ps_soundfont_find_preset(bank, 129, 0), -1);
    ps_soundfont_preset_info(bank, 4, &info);
    assert_string_equal(info.name, "");
    ps_soundfont_destroy(bank);
    sf2_clear(&b);
    free(bytes);
}

static void texts_come_out_as_utf8(void **state)
{
    sf2_builder b;
    size_t size_bytes;
    uint8_t *bytes;
    ps_soundfont *bank;
    ps_soundfont_info info;
    ps_preset_info preset;

    (void)state;
    build_small(&b);
    sf2_info(&b, "INAM", "Bank  ");
    sf2_info(&b, "IENG", "Ren\xe9");            /* Latin-1 */
    sf2_info(&b, "ICOP", "\xc2\xa9 1998");      /* UTF-8 */
    sf2_info(&b, "ICMT", "one\r\ntwo\x1b[31m"); /* would colour a terminal */
    sf2_simple_preset(&b, "abcdefghijklmnopqrstuvwxyz", 1, 0, 0);
    sf2_simple_preset(&b, "Fl\xf6te \x01", 1, 1, 0);
    sf2_simple_preset(&b, "1234567890123456789\xc3\xb6", 1, 2, 0); /* cut inside a character */
    bytes = sf2_build(&b, &size_bytes);
    assert_int_equal(ps_soundfont_open(&bank, bytes, size_bytes, NULL, NULL), PS_OK);
    ps_soundfont_get_info(bank, &info);
    assert_string_equal(info.name, "Bank");
    assert_string_equal(info.author, "Ren\xc3\xa9");
    assert_string_equal(info.copyright, "\xc2\xa9 1998");
    assert_string_equal(info.comment, "one\r\ntwo [31m");
    assert_string_equal(info.engine, "EMU8000");
    assert_string_equal(info.date, "");
    assert_int_equal(info.version_major, 2);
    assert_int_equal(info.version_minor, 1);
    assert_int_equal(info.presets, 5);
    assert_int_equal(info.instruments, 1);
    assert_int_equal(info.samples, 1);
    assert_int_equal(info.sample_bytes, 2 * (FRAMES + 46));
    assert_false(info.vorbis || info.has_24_bit);
    ps_soundfont_preset_info(bank, 2, &preset);
    assert_string_equal(preset.name, "abcdefghijklmnopqrst");
    ps_soundfont_preset_info(bank, 3, &preset);
    assert_string_equal(preset.name, "Fl?te ?");
    ps_soundfont_preset_info(bank, 4, &preset);
    assert_string_equal(preset.name, "1234567890123456789?");
    ps_soundfont_destroy(bank);
    sf2_clear(&b);
    free(bytes);
}

static void a_sample_tells_about_itself(void **state)
{
    sf2_builder b;
    size_t size_bytes;
    uint8_t *bytes;
    ps_soundfont *bank;
    ps_sample_info info;
    int16_t pcm[50] = {0};

    (void)state;
    build_small(&b);
    sf2_sample(&b, "other", pcm, 50, 22050, 72, 5, 45);
    sf2_sample_header(&b, "rom", 0, 9, 0, 0, 44100, 60, 0, 0, 0x8001);
    bytes = sf2_build(&b, &size_bytes);
    assert_int_equal(ps_soundfont_open(&bank, bytes, size_bytes, NULL, NULL), PS_OK);
    ps_soundfont_sample_info(bank, 1, &info);
    assert_string_equal(info.name, "other");
    assert_int_equal(info.frames, 50);
    assert_int_equal(info.rate_hz, 22050);
    assert_int_equal(info.loop_start, 5);
    assert_int_equal(info.loop_end, 45);
    assert_int_equal(info.root_key, 72);
    assert_false(info.rom);
    ps_soundfont_sample_info(bank, 2, &info);
    assert_true(info.rom);
    ps_soundfont_sample_info(bank, 3, &info);
    assert_string_equal(info.name, "");
    ps_soundfont_destroy(bank);
    sf2_clear(&b);
    free(bytes);
}

static void opening_does_not_touch_the_samples(void **state)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    int16_t *pcm = calloc(100000, sizeof *pcm);
    sf2_builder b;
    size_t size_bytes, first, last;
    uint8_t *bytes, *mapped;
    ps_soundfont *bank;

    (void)state;
    build_small(&b);
    sf2_sample(&b, "long", pcm, 100000, 44100, 60, 0, 0);
    bytes = sf2_build(&b, &size_bytes);
    mapped = mmap(NULL, size_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(mapped != MAP_FAILED);
    memcpy(mapped, bytes, size_bytes);
    first = (size_t)(chunk(bytes, size_bytes, "smpl") - bytes) / page * page + page;
    last = (size_t)(chunk(bytes, size_bytes, "phdr") - bytes) / page * page - page;
    assert_int_equal(mprotect(mapped + first, last - first, PROT_NONE), 0);
    assert_int_equal(ps_soundfont_open(&bank, mapped, size_bytes, NULL, NULL), PS_OK);
    ps_soundfont_destroy(bank);
    munmap(mapped, size_bytes);
    sf2_clear(&b);
    free(bytes);
    free(pcm);
}

static void odd_sample_chunks_are_read_with_and_without_a_pad_byte(void **state)
{
    (void)state;
    for (int unpadded = 0; unpadded <= 1; unpadded++) {
        fake_decoder decoder = {PTHREAD_MUTEX_INITIALIZER, 0, PS_OK};
        heard h = {0};
        const ps_soundfont_options options = {.decoder = fake_decode,
                                              .decoder_user = &decoder,
                                              .strict = true,
                                              .warnings = {hear, &h}};
        sf2_builder b;
        size_t size_bytes;
        uint8_t *bytes;
        ps_soundfont *bank;
        ps_error err = {0};

        sf2_init(&b);
        b.unpadded_smpl = unpadded;
        sf2_sample_sf3(&b, "odd", "O12", 3, 44100, 60, 0, 2);
        sf2_instrument(&b, "i");
        sf2_zone(&b, 0);
        sf2_simple_preset(&b, "p", 0, 0, 0);
        bytes = sf2_build(&b, &size_bytes);
        assert_int_equal(ps_soundfont_open(&bank, bytes, size_bytes, &options, &err), PS_OK);
        assert_string_equal(h.text, "");
        ps_soundfont_destroy(bank);
        sf2_clear(&b);
        free(bytes);
    }
}

/* The three lists in another order, each a part of the file from one offset to another. */
static void lists_may_come_in_any_order(void **state)
{
    const ps_soundfont_options strict = {.strict = true};
    sf2_builder b;
    size_t size_bytes, sdta, pdta, at = 12;
    uint8_t *bytes, *turned;
    ps_soundfont *bank;

    (void)state;
    build_small(&b);
    bytes = sf2_build(&b, &size_bytes);
    turned = malloc(size_bytes);
    sdta = (size_t)(chunk(bytes, size_bytes, "smpl") - bytes) - 20;
    pdta = (size_t)(chunk(bytes, size_bytes, "phdr") - bytes) - 20;
    memcpy(turned, bytes, 12);
    memcpy(turned + at, bytes + pdta, size_bytes - pdta);
    at += size_bytes - pdta;
    memcpy(turned + at, bytes + sdta, pdta - sdta);
    at += pdta - sdta;
    memcpy(turned + at, bytes + 12, sdta - 12);
    assert_int_equal(ps_soundfont_open(&bank, turned, size_bytes, &strict, NULL), PS_OK);
    assert_int_equal(ps_soundfont_preset_count(bank), 2);
    play_all(bank);
    ps_soundfont_destroy(bank);
    sf2_clear(&b);
    free(bytes);
    free(turned);
}

/* ---- Damage ------------------------------------------------------------------------------------
 */

static void what_is_no_bank_is_refused_in_words(void **state)
{
    static const struct {
        const char *bytes;
        size_t size_bytes;
        const char *text;
    } cases[] = {
        {"", 0, "soundfont: 0 bytes are too few"},
        {"RIFF\0\0", 6, "soundfont: 6 bytes are too few"},
        {"MThd\0\0\0\6\0\0\0\1", 12, "soundfont: begins with 'MThd', not with 'RIFF'"},
        {"\1ab\4\0\0\0\6\0\0\0\1", 12, "soundfont: begins with '?ab?', not with 'RIFF'"},
        {"RIFF\4\0\0\0WAVE", 12, "soundfont: a RIFF file of kind 'WAVE', not 'sfbk'"},
        {"RIFF\4\0\0\0sfbk", 12, "soundfont: no list pdta: the file is not whole"},
        {"RIFF\20\0\0\0sfbkLIST\4\0\0\0pdta", 24,
         "soundfont: no chunk phdr: the file is not whole"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        ps_soundfont *bank = NULL;
        ps_error err = {0};

        assert_int_equal(ps_soundfont_open(&bank, (const uint8_t *)cases[i].bytes,
                                           cases[i].size_bytes, NULL, &err),
                         PS_BAD_DATA);
        assert_string_equal(err.text, cases[i].text);
        assert_null(bank);
    }
}

/* One way to damage the small bank. */
typedef struct damage {
    const char *warning; /* part of it */
    void (*make)(uint8_t *bytes, size_t *size_bytes);
    bool silent; /* nothing sounds any more */
} damage;

static void wrong_riff_size(uint8_t *bytes, size_t *size_bytes)
{
    (void)size_bytes;
    put_u32(bytes + 4, 100);
}

static void too_large_riff_size(uint8_t *bytes, size_t *size_bytes)
{
    put_u32(bytes + 4, (uint32_t)*size_bytes + 1000);
}

static void no_version(uint8_t *bytes, size_t *size_bytes)
{
    memcpy(chunk(bytes, *size_bytes, "ifil") - 8, "iXil", 4);
}

static void no_modulator_chunk(uint8_t *bytes, size_t *size_bytes)
{
    memcpy(chunk(bytes, *size_bytes, "pmod") - 8, "xxxx", 4);
}

static void cut_sample_headers(uint8_t *bytes, size_t *size_bytes)
{
    (void)bytes;
    *size_bytes -= 46 + 1; /* the terminal one and a byte of the only real one */
}

static void no_terminal_sample_header(uint8_t *bytes, size_t *size_bytes)
{
    (void)bytes;
    *size_bytes -= 46;
}

static void bags_out_of_order(uint8_t *bytes, size_t *size_bytes)
{
    put_u16(chunk(bytes, *size_bytes, "phdr") + 38 + 24, 900);
}

static void generators_out_of_order(uint8_t *bytes, size_t *size_bytes)
{
    put_u16(chunk(bytes, *size_bytes, "ibag") + 4, 900);
}

static void modulators_out_of_order(uint8_t *bytes, size_t *size_bytes)
{
    put_u16(chunk(bytes, *size_bytes, "ibag") + 8 + 2, 900);
}

static void unknown_instrument(uint8_t *bytes, size_t *size_bytes)
{
    put_u16(chunk(bytes, *size_bytes, "pgen") + 2, 5);
}

static void unknown_sample(uint8_t *bytes, size_t *size_bytes)
{
    put_u16(chunk(bytes, *size_bytes, "igen") + 4 * 3 + 2, 5);
}

static void range_in_the_middle(uint8_t *bytes, size_t *size_bytes)
{
    put_u16(chunk(bytes, *size_bytes, "igen") + 4 * 2, PS_GEN_KEY_RANGE);
}

static void inverted_sample(uint8_t *bytes, size_t *size_bytes)
{
    put_u32(chunk(bytes, *size_bytes, "shdr") + 20, 101);
}

static void sample_beyond_its_chunk(uint8_t *bytes, size_t *size_bytes)
{
    put_u32(chunk(bytes, *size_bytes, "shdr") + 24, 4000000000u);
}

static void no_rate(uint8_t *bytes, size_t *size_bytes)
{
    put_u32(chunk(bytes, *size_bytes, "shdr") + 36, 0);
}

static void ragged_records(uint8_t *bytes, size_t *size_bytes)
{
    uint8_t *inst = chunk(bytes, *size_bytes, "inst");

    put_u32(inst - 4, 45); /* one more; what follows is no chunk any more: put it right */
    memmove(inst + 45, inst + 44, *size_bytes - (size_t)(inst + 44 - bytes));
    *size_bytes += 1;
}

static void no_samples(uint8_t *bytes, size_t *size_bytes)
{
    memcpy(chunk(bytes, *size_bytes, "smpl") - 8, "xxxx", 4);
}

static const damage damages[] = {
    {"lies after the 100 bytes", wrong_riff_size, false},
    {"the file says", too_large_riff_size, false},
    {"no version in INFO", no_version, false},
    {"no chunk pmod", no_modulator_chunk, false},
    {"shdr: 45 bytes are no whole number", cut_sample_headers, true},
    {"shdr: no terminal record", no_terminal_sample_header, false},
    {"preset 0: zones 0 to 900", bags_out_of_order, false},
    {"ibag: generators 0 to 900", generators_out_of_order, false},
    {"ibag: modulators 0 to 900", modulators_out_of_order, false},
    {"pgen: a zone plays instrument 5 of 1", unknown_instrument, false},
    {"igen: a zone plays sample 5 of 1", unknown_sample, true},
    {"igen: a range that is not first", range_in_the_middle, false},
    {"shdr: sample 0 lies at 101 to 100", inverted_sample, true},
    {"shdr: sample 0 ends at 4000000000 of 146", sample_beyond_its_chunk, false},
    {"shdr: sample 0 has a rate of 0 Hz; 44100 is taken", no_rate, false},
    {"inst: 45 bytes are no whole number", ragged_records, false},
    {"shdr: sample 0 lies at 0 to 100 of 0", no_samples, true},
};

static void damage_is_mended_with_a_warning_and_refused_strictly(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof damages / sizeof damages[0]; i++) {
        heard h = {0};
        ps_soundfont_options options = {.warnings = {hear, &h}};
        static ps_region regions[PS_KEY_REGIONS];
        sf2_builder b;
        size_t size_bytes;
        uint8_t *bytes;
        ps_soundfont *bank = NULL;
        ps_error err = {0};
        uint32_t sounding = 0;

        build_small(&b);
        bytes = sf2_build(&b, &size_bytes);
        bytes = realloc(bytes, size_bytes + 16);
        damages[i].make(bytes, &size_bytes);
        assert_int_equal(ps_soundfont_open(&bank, bytes, size_bytes, &options, &err), PS_OK);
        if (!strstr(h.text, damages[i].warning))
            fail_msg("no '%s' in: %s", damages[i].warning, h.text);
        for (uint32_t p = 0; p < ps_soundfont_preset_count(bank); p++)
            sounding += ps_soundfont_regions(bank, p, 60, 100, true, regions, PS_KEY_REGIONS);
        if ((sounding == 0) != damages[i].silent)
            fail_msg("%u regions after: %s", (unsigned)sounding, h.text);
        play_all(bank);
        ps_soundfont_destroy(bank);

        options.strict = true;
        h = (heard){0};
        assert_int_equal(ps_soundfont_open(&bank, bytes, size_bytes, &options, &err), PS_BAD_DATA);
        assert_int_equal(h.count, 0);
        assert_true(err.text[0] != '\0' && err.offset_bytes != PS_NOWHERE);
        sf2_clear(&b);
        free(bytes);
    }
}

static void many_cases_of_one_damage_are_one_warning(void **state)
{
    heard h = {0};
    const ps_soundfont_options options = {.warnings = {hear, &h}};
    sf2_builder b;
    size_t size_bytes;
    uint8_t *bytes;
    ps_soundfont *bank;

    (void)state;
    build_small(&b);
    for (uint32_t i = 0; i < 1000; i++)
        sf2_sample_header(&b, "bad", 7, 3, 0, 0, 44100, 60, 0, 0, 1);
    bytes = sf2_build(&b, &size_bytes);
    assert_int_equal(ps_soundfont_open(&bank, bytes, size_bytes, &options, NULL), PS_OK);
    assert_int_equal(h.count, 1);
    assert_string_equal(h.text,
                        "shdr: sample 1 lies at 7 to 3 of 146; it is silent (and 999 more)\n");
    ps_soundfont_destroy(bank);
    sf2_clear(&b);
    free(bytes);
}

static void a_24_bit_chunk_of_another_length_is_ignored(void **state)
{
    static const int32_t pcm[] = {1, 2, 3, 4};

    (void)state;
    for (int wrong = 0; wrong <= 1; wrong++) {
        heard h = {0};
        const ps_soundfont_options options = {.warnings = {hear, &h}};
        sf2_builder b;
        size_t size_bytes;
        uint8_t *bytes;
        ps_soundfont *bank;
        ps_soundfont_info info;

        build_small(&b);
        sf2_sample_24(&b, "deep", pcm, 4, 44100, 60, 0, 4);
        if (wrong)
            sf2_put_u16(&b.low_bytes, 0);
        bytes = sf2_build(&b, &size_bytes);
        assert_int_equal(ps_soundfont_open(&bank, bytes, size_bytes, &options, NULL), PS_OK);
        ps_soundfont_get_info(bank, &info);
        assert_int_equal(info.has_24_bit, !wrong);
        assert_int_equal(h.count, wrong);
        assert_int_equal(info.version_minor, 4);
        ps_soundfont_destroy(bank);
        sf2_clear(&b);
        free(bytes);
    }
}

static void a_preset_with_too_many_pairs_of_zones_is_limited(void **state)
{
    heard h = {0};
    const ps_soundfont_options options = {.warnings = {hear, &h}};
    sf2_builder b;
    size_t size_bytes;
    uint8_t *bytes;
    ps_soundfont *bank;
    ps_preset_info info;

    (void)state;
    build_small(&b);
    sf2_instrument(&b, "wide");
    for (int i = 0; i < 1000; i++) {
        sf2_zone(&b, 0);
        sf2_range(&b, PS_GEN_KEY_RANGE, 1, 1);
    }
    sf2_preset(&b, "hostile", 0, 0);
    for (int i = 0; i < 300; i++)
        sf2_zone(&b, 1);
    bytes = sf2_build(&b, &size_bytes);
    assert_int_equal(ps_soundfont_open(&bank, bytes, size_bytes, &options, NULL), PS_OK);
    assert_non_null(strstr(h.text, "169 of its 300 zones are left out"));
    ps_soundfont_preset_info(bank, 0, &info);
    assert_int_equal(info.regions, 131000);
    ps_soundfont_destroy(bank);
    sf2_clear(&b);
    free(bytes);
}

static void indexes_back_and_forth_do_not_multiply_the_zones(void **state)
{
    enum { PRESETS = 2000 };
    sf2_builder b;
    size_t size_bytes;
    uint8_t *bytes, *phdr, *pbag;
    ps_soundfont *bank;
    ps_preset_info info;
    uint64_t regions = 0;

    (void)state;
    build_small(&b);
    for (int i = 0; i < PRESETS; i++)
        sf2_simple_preset(&b, "p", 1, 0, 0);
    bytes = sf2_build(&b, &size_bytes);
    phdr = chunk(bytes, size_bytes, "phdr");
    pbag = chunk(bytes, size_bytes, "pbag");
    for (uint32_t i = 0; i < PRESETS; i++) {
        put_u16(phdr + 38 * i + 24, i % 2 == 0 ? 0 : PRESETS);
        put_u16(pbag + 4 * i, i % 2 == 0 ? 0 : PRESETS);
    }
    assert_int_equal(ps_soundfont_open(&bank, bytes, size_bytes, NULL, NULL), PS_OK);
    for (uint32_t i = 0; i < ps_soundfont_preset_count(bank); i++) {
        ps_soundfont_preset_info(bank, i, &info);
        regions += info.regions;
    }
    assert_in_range(regions, 1, 2 * (PRESETS + 3));
    ps_soundfont_destroy(bank);
    sf2_clear(&b);
    free(bytes);
}

/* In memory of exactly that size, so that the sanitizer sees one byte too many. */
static void open_and_play_exactly(const uint8_t *bytes, size_t size_bytes)
{
    uint8_t *exact = malloc(size_bytes > 0 ? size_bytes : 1);
    ps_soundfont *bank;

    memcpy(exact, bytes, size_bytes);
    if (ps_soundfont_open(&bank, exact, size_bytes, NULL, NULL) == PS_OK) {
        play_all(bank);
        ps_soundfont_destroy(bank);
    }
    free(exact);
}

static void every_truncation_is_survived(void **state)
{
    sf2_builder b;
    size_t size_bytes;
    uint8_t *bytes;

    (void)state;
    build_small(&b);
    bytes = sf2_build(&b, &size_bytes);
    for (size_t size = 0; size < size_bytes; size++)
        open_and_play_exactly(bytes, size);
    sf2_clear(&b);
    free(bytes);
}

static void every_wrong_byte_is_survived(void **state)
{
    static const uint8_t values[] = {0x00, 0x01, 0x7f, 0x80, 0xff};
    sf2_builder b;
    size_t size_bytes;
    uint8_t *bytes;

    (void)state;
    build_small(&b);
    bytes = sf2_build(&b, &size_bytes);
    for (size_t at = 0; at < size_bytes; at++) {
        const uint8_t right = bytes[at];

        for (size_t i = 0; i < sizeof values; i++) {
            bytes[at] = values[i];
            open_and_play_exactly(bytes, size_bytes);
        }
        bytes[at] = right;
    }
    sf2_clear(&b);
    free(bytes);
}

/* ---- SF3 ---------------------------------------------------------------------------------------
 */

/* A bank with a good, a bad and a plain sample on keys 0, 1, 2. */
static uint8_t *build_sf3(size_t *size_bytes)
{
    int16_t pcm[FRAMES] = {0};
    sf2_builder b;
    uint8_t *bytes;

    sf2_init(&b);
    sf2_sample_sf3(&b, "good", "O12345", 6, 44100, 60, 1, 4);
    sf2_sample_sf3(&b, "bad", "X", 1, 44100, 60, 0, 0);
    sf2_sample(&b, "plain", pcm, FRAMES, 44100, 60, 10, 90);
    sf2_instrument(&b, "i");
    for (uint32_t i = 0; i < 3; i++) {
        sf2_zone(&b, i);
        sf2_range(&b, PS_GEN_KEY_RANGE, i, i);
        sf2_gen(&b, PS_GEN_SAMPLE_MODES, 1);
    }
    sf2_simple_preset(&b, "p", 0, 0, 0);
    bytes = sf2_build(&b, size_bytes);
    sf2_clear(&b);
    return bytes;
}

static void compressed_samples_need_a_decoder(void **state)
{
    size_t size_bytes;
    uint8_t *bytes = build_sf3(&size_bytes);
    ps_soundfont *bank;

    (void)state;
    assert_int_equal(ps_soundfont_open(&bank, bytes, size_bytes, NULL, NULL), PS_UNSUPPORTED);
    free(bytes);
}

static void compressed_samples_are_ready_once_prepared(void **state)
{
    fake_decoder decoder = {PTHREAD_MUTEX_INITIALIZER, 0, PS_OK};
    const ps_soundfont_options options = {.decoder = fake_decode, .decoder_user = &decoder};
    size_t size_bytes;
    uint8_t *bytes = build_sf3(&size_bytes);
    static ps_region r[2];
    ps_soundfont *bank;
    ps_soundfont_info info;
    ps_sample_info sample;

    (void)state;
    assert_int_equal(ps_soundfont_open(&bank, bytes, size_bytes, &options, NULL), PS_OK);
    assert_int_equal(ps_soundfont_regions(bank, 0, 0, 100, true, r, 2), 1);
    assert_true(!r[0].sample.ready && !r[0].sample.data && r[0].sample_mode == 1);
    assert_int_equal(ps_soundfont_regions(bank, 0, 2, 100, true, r, 2), 1); /* the plain one */
    assert_true(r[0].sample.ready);
    assert_int_equal(ps_soundfont_prepare(bank, 0, 0, 0, 0, 127, NULL, NULL), PS_OK);
    assert_int_equal(ps_soundfont_prepare(bank, 0, 0, 0, 0, 127, NULL, NULL), PS_OK);
    assert_int_equal(decoder.calls, 1);
    assert_int_equal(ps_soundfont_regions(bank, 0, 0, 100, true, r, 2), 1);
    assert_true(r[0].sample.ready && !r[0].sample.low_data);
    assert_int_equal(r[0].sample.start, 0);
    assert_int_equal(r[0].sample.end, 5);
    assert_int_equal(r[0].sample.data_frames, 5);
    assert_int_equal(r[0].sample.loop_start, 1);
    assert_int_equal(r[0].sample.loop_end, 4);
    assert_int_equal(r[0].sample.data[2] | r[0].sample.data[3] << 8, '2' * 100);
    ps_soundfont_get_info(bank, &info);
    assert_true(info.vorbis);
    assert_int_equal(info.version_major, 3);
    assert_int_equal(info.decoded_samples, 1);
    assert_int_equal(info.decoded_bytes, 10);
    ps_soundfont_sample_info(bank, 0, &sample);
    assert_int_equal(sample.frames, 5);
    assert_int_equal(sample.loop_end, 4);
    ps_soundfont_destroy(bank);
    free(bytes);
}

static void a_sample_that_does_not_decode_is_silent_and_told_once(void **state)
{
    fake_decoder decoder = {PTHREAD_MUTEX_INITIALIZER, 0, PS_OK};
    heard h = {0};
    const ps_soundfont_options options = {
        .decoder = fake_decode, .decoder_user = &decoder, .warnings = {hear, &h}};
    size_t size_bytes;
    uint8_t *bytes = build_sf3(&size_bytes);
    static ps_region r[2];
    ps_soundfont *bank;

    (void)state;
    assert_int_equal(ps_soundfont_open(&bank, bytes, size_bytes, &options, NULL), PS_OK);
    assert_int_equal(ps_soundfont_regions(bank, 0, 1, 100, true, r, 2), 1);
    for (int i = 0; i < 3; i++)
        assert_int_equal(ps_soundfont_prepare(bank, 0, 0, 127, 0, 127, NULL, NULL), PS_OK);
    assert_int_equal(decoder.calls, 2); /* the good and the bad, once each */
    assert_string_equal(h.text, "smpl: sample 'bad' does not decode; it is silent\n");
    assert_int_equal(ps_soundfont_regions(bank, 0, 1, 100, true, r, 2), 0);
    assert_int_equal(ps_soundfont_prepare(bank, 1, 0, 127, 0, 127, NULL, NULL), PS_BAD_ARGUMENT);
    ps_soundfont_destroy(bank);
    free(bytes);
}

static void a_lack_of_memory_is_not_held_against_a_sample(void **state)
{
    fake_decoder decoder = {PTHREAD_MUTEX_INITIALIZER, 0, PS_NO_MEMORY};
    const ps_soundfont_options options = {.decoder = fake_decode, .decoder_user = &decoder};
    size_t size_bytes;
    uint8_t *bytes = build_sf3(&size_bytes);
    static ps_region r[2];
    ps_soundfont *bank;

    (void)state;
    assert_int_equal(ps_soundfont_open(&bank, bytes, size_bytes, &options, NULL), PS_OK);
    assert_int_equal(ps_soundfont_prepare(bank, 0, 0, 0, 0, 127, NULL, NULL), PS_NO_MEMORY);
    decoder.status = PS_OK;
    assert_int_equal(ps_soundfont_prepare(bank, 0, 0, 0, 0, 127, NULL, NULL), PS_OK);
    ps_soundfont_regions(bank, 0, 0, 100, true, r, 2);
    assert_true(r[0].sample.ready);
    ps_soundfont_destroy(bank);
    free(bytes);
}

/* Threads that prepare the same preset, and play it meanwhile. */
static void *prepare_and_play(void *bank)
{
    static _Thread_local ps_region r[2];

    for (int i = 0; i < 50; i++) {
        ps_soundfont_regions(bank, 0, 0, 100, true, r, 2);
        if (r[0].sample.ready && r[0].sample.data[0] != (('1' * 100) & 255))
            return bank;
        if (ps_soundfont_prepare(bank, 0, 0, 127, 0, 127, NULL, NULL) != PS_OK)
            return bank;
    }
    return NULL;
}

static void threads_may_prepare_the_same_sample(void **state)
{
    fake_decoder decoder = {PTHREAD_MUTEX_INITIALIZER, 0, PS_OK};
    const ps_soundfont_options options = {.decoder = fake_decode, .decoder_user = &decoder};
    size_t size_bytes;
    uint8_t *bytes = build_sf3(&size_bytes);

    (void)state;
    for (int round = 0; round < 20; round++) {
        pthread_t thread[4];
        ps_soundfont *bank;
        ps_soundfont_info info;

        assert_int_equal(ps_soundfont_open(&bank, bytes, size_bytes, &options, NULL), PS_OK);
        for (int i = 0; i < 4; i++)
            assert_int_equal(pthread_create(&thread[i], NULL, prepare_and_play, bank), 0);
        for (int i = 0; i < 4; i++) {
            void *trouble;

            pthread_join(thread[i], &trouble);
            assert_null(trouble);
        }
        ps_soundfont_get_info(bank, &info);
        assert_int_equal(info.decoded_samples, 1);
        assert_int_equal(info.decoded_bytes, 10);
        ps_soundfont_destroy(bank);
    }
    free(bytes);
}

/* ---- Memory ------------------------------------------------------------------------------------
 */

static void everything_is_given_back_when_memory_runs_out(void **state)
{
    fake_decoder decoder = {PTHREAD_MUTEX_INITIALIZER, 0, PS_OK};
    failing_allocator f;
    size_t size_bytes;
    uint8_t *bytes = build_sf3(&size_bytes);
    ps_status opened = PS_NO_MEMORY, prepared = PS_NO_MEMORY;

    (void)state;
    for (long allowed = 0; opened != PS_OK || prepared != PS_OK; allowed++) {
        ps_soundfont_options options = {
            .allocator = &f.base, .decoder = fake_decode, .decoder_user = &decoder};
        ps_soundfont *bank = NULL;
        ps_error err = {0};

        assert_true(allowed < 100);
        failing_init(&f, allowed);
        opened = ps_soundfont_open(&bank, bytes, size_bytes, &options, &err);
        if (opened == PS_OK)
            prepared = ps_soundfont_prepare(bank, 0, 0, 127, 0, 127, NULL, &err);
        if (opened != PS_OK || prepared != PS_OK) {
            assert_int_equal(opened != PS_OK ? opened : prepared, PS_NO_MEMORY);
            assert_true(err.text[0] != '\0');
        }
        ps_soundfont_destroy(bank);
        assert_int_equal(f.live, 0);
    }
    free(bytes);
}

/* ---- Real banks --------------------------------------------------------------------------------
 */

static ps_status any_decode(void *user, const uint8_t *bytes, size_t size_bytes,
                            const ps_allocator *allocator, int16_t **pcm, uint32_t *frames,
                            ps_error *err)
{
    (void)user;
    (void)err;
    if (size_bytes < 4 || memcmp(bytes, "OggS", 4) != 0)
        return PS_BAD_DATA;
    *pcm = ps_alloc(allocator, size_bytes, sizeof **pcm);
    *frames = (uint32_t)size_bytes;
    return *pcm ? PS_OK : PS_NO_MEMORY;
}

/* Opens strictly a file that others made; false when it is not here. */
static bool real_bank(const char *path, uint32_t presets, uint32_t samples, bool vorbis)
{
    heard h = {0};
    const ps_soundfont_options options = {
        .decoder = any_decode, .strict = true, .warnings = {hear, &h}};
    size_t size_bytes;
    uint8_t *bytes = read_whole(path, &size_bytes);
    ps_soundfont *bank;
    ps_soundfont_info info;
    ps_error err = {0};

    if (!bytes) {
        print_message("skipped: %s is not here\n", path);
        return false;
    }
    if (ps_soundfont_open(&bank, bytes, size_bytes, &options, &err) != PS_OK)
        fail_msg("%s: %s", path, err.text);
    ps_soundfont_get_info(bank, &info);
    assert_int_equal(info.presets, presets);
    assert_int_equal(info.samples, samples);
    assert_int_equal(info.vorbis, vorbis);
    assert_string_equal(h.text, "");
    for (uint32_t i = 0; i < presets; i++)
        assert_int_equal(ps_soundfont_prepare(bank, i, 0, 127, 0, 127, NULL, NULL), PS_OK);
    ps_soundfont_get_info(bank, &info);
    assert_true((info.decoded_samples > 0) == vorbis);
    assert_string_equal(h.text, ""); /* every sample is a whole Ogg file */
    play_all(bank);
    ps_soundfont_destroy(bank);
    free(bytes);
    return true;
}

static void the_small_real_bank_is_read_in_both_forms(void **state)
{
    char path[1000];

    (void)state;
    assert_true(real_bank(tests_path(path, sizeof path, "data/soundfont/VintageDreamsWaves-v2.sf2"),
                          136, 124, false));
    assert_true(real_bank(tests_path(path, sizeof path, "data/soundfont/VintageDreamsWaves-v2.sf3"),
                          136, 124, true));
}

static void installed_banks_are_read_without_a_warning(void **state)
{
    (void)state;
    real_bank("/usr/share/sounds/sf2/TimGM6mb.sf2", 136, 520, false);
    real_bank("/usr/share/sounds/sf2/FluidR3_GM.sf2", 189, 1418, false);
    real_bank("/usr/share/sounds/sf3/MuseScore_General_Lite.sf3", 311, 1254, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(presets_are_sorted_and_found),
        cmocka_unit_test(texts_come_out_as_utf8),
        cmocka_unit_test(a_sample_tells_about_itself),
        cmocka_unit_test(opening_does_not_touch_the_samples),
        cmocka_unit_test(odd_sample_chunks_are_read_with_and_without_a_pad_byte),
        cmocka_unit_test(lists_may_come_in_any_order),
        cmocka_unit_test(what_is_no_bank_is_refused_in_words),
        cmocka_unit_test(damage_is_mended_with_a_warning_and_refused_strictly),
        cmocka_unit_test(many_cases_of_one_damage_are_one_warning),
        cmocka_unit_test(a_24_bit_chunk_of_another_length_is_ignored),
        cmocka_unit_test(a_preset_with_too_many_pairs_of_zones_is_limited),
        cmocka_unit_test(indexes_back_and_forth_do_not_multiply_the_zones),
        cmocka_unit_test(every_truncation_is_survived),
        cmocka_unit_test(every_wrong_byte_is_survived),
        cmocka_unit_test(compressed_samples_need_a_decoder),
        cmocka_unit_test(compressed_samples_are_ready_once_prepared),
        cmocka_unit_test(a_sample_that_does_not_decode_is_silent_and_told_once),
        cmocka_unit_test(a_lack_of_memory_is_not_held_against_a_sample),
        cmocka_unit_test(threads_may_prepare_the_same_sample),
        cmocka_unit_test(everything_is_given_back_when_memory_runs_out),
        cmocka_unit_test(the_small_real_bank_is_read_in_both_forms),
        cmocka_unit_test(installed_banks_are_read_without_a_warning),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
