/*
 * Writes the seeds of fuzz_soundfont into a folder: small banks that between them have every kind
 * of record, and the same damaged in the ways real files are.
 *
 *      seed_soundfont fuzz/corpus/soundfont
 */
#include "../tests/sf2_builder.h"

#define FRAMES 60u

static const char *folder;

static void write_seed(const char *name, const uint8_t *bytes, size_t size_bytes)
{
    char path[1000];
    FILE *file;

    snprintf(path, sizeof path, "%s/%s", folder, name);
    file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, size_bytes, file) != size_bytes || fclose(file) != 0) {
        perror(path);
        exit(1);
    }
}

/* The bank and, of the whole ones, damaged forms. */
static void finish(sf2_builder *b, const char *name, bool damaged_too)
{
    char other[100];
    size_t size_bytes;
    uint8_t *bytes = sf2_build(b, &size_bytes);

    write_seed(name, bytes, size_bytes);
    for (size_t part = 1; damaged_too && part < 8; part++) {
        snprintf(other, sizeof other, "%s-cut-%u", name, (unsigned)part);
        write_seed(other, bytes, size_bytes * part / 8);
        snprintf(other, sizeof other, "%s-wrong-%u", name, (unsigned)part);
        for (size_t i = 0; i < 8; i++)
            bytes[size_bytes - 1 - (size_t)((i * 7919 + part * 104729) % (size_bytes / 2))] ^=
                (uint8_t)(1u << part);
        write_seed(other, bytes, size_bytes);
    }
    sf2_clear(b);
    free(bytes);
}

static uint32_t ramp(sf2_builder *b)
{
    int16_t pcm[FRAMES];

    for (uint32_t i = 0; i < FRAMES; i++)
        pcm[i] = (int16_t)(i * 500);
    return sf2_sample(b, "ramp", pcm, FRAMES, 44100, 60, 10, 50);
}

static void plain(void)
{
    sf2_builder b;

    sf2_init(&b);
    sf2_instrument(&b, "i");
    sf2_zone(&b, ramp(&b));
    sf2_simple_preset(&b, "p", 0, 0, 0);
    finish(&b, "plain", true);
}

static void every_generator(void)
{
    sf2_builder b;
    uint32_t sample;

    sf2_init(&b);
    sample = ramp(&b);
    sf2_instrument(&b, "i");
    sf2_zone(&b, SF2_GLOBAL);
    for (uint32_t g = 0; g < 61; g += 2)
        if (g != 44)
            sf2_gen(&b, g, (int)g);
    for (uint32_t zone = 0; zone < 4; zone++) {
        sf2_zone(&b, sample);
        sf2_range(&b, 43, 32 * zone, 32 * zone + 31);
        sf2_range(&b, 44, 0, 100);
        for (uint32_t g = 0; g < 61; g++)
            if (g != 43 && g != 44 && g != 53 && g != 41)
                sf2_gen(&b, g, (int)(zone * 1000) - 500);
    }
    sf2_preset(&b, "p", 0, 0);
    sf2_zone(&b, SF2_GLOBAL);
    sf2_gen(&b, 48, 100);
    sf2_zone(&b, 0);
    for (uint32_t g = 5; g < 61; g += 3)
        if (g != 44 && g != 53 && g != 41)
            sf2_gen(&b, g, -3);
    sf2_simple_preset(&b, "drums", 128, 0, 0);
    finish(&b, "generators", true);
}

static void modulators(void)
{
    sf2_builder b;

    sf2_init(&b);
    sf2_instrument(&b, "i");
    sf2_zone(&b, SF2_GLOBAL);
    sf2_mod(&b, 0x0502, 48, 400, 0, 0);
    sf2_mod(&b, 0x0081, 8, 1200, 0x0010, 2);
    sf2_zone(&b, ramp(&b));
    sf2_mod(&b, 0x0102, 8, 0, 0x0d02, 0);
    sf2_mod(&b, 0x0082, 0x8002, 100, 0, 0);
    sf2_mod(&b, 0x007f, 0x8003, 7, 0, 0);
    sf2_mod(&b, 0x007f, 17, 7, 0, 0);
    sf2_mod(&b, 0x007f, 0x8004, 7, 0, 0);
    for (uint32_t i = 0; i < 50; i++)
        sf2_mod(&b, 0x0080 | i, 5 + i, (int)i, 0x0e90, 0);
    sf2_simple_preset(&b, "p", 0, 0, 0);
    sf2_mod(&b, 0x0502, 48, 100, 0, 0);
    sf2_mod(&b, 0x0d8a, 0x8002, 100, 0, 0);
    sf2_mod(&b, 0x007f, 6, 100, 0, 0);
    finish(&b, "modulators", true);
}

static void deep(void)
{
    static const int32_t pcm[] = {1, -1, 8388607, -8388608, 255, 256};
    sf2_builder b;

    sf2_init(&b);
    sf2_info(&b, "INAM", "Deep");
    sf2_info(&b, "ICMT",
             "Gr\xfc\xdf"
             "e");
    sf2_instrument(&b, "i");
    sf2_zone(&b, sf2_sample_24(&b, "deep", pcm, 6, 96000, 60, 1, 5));
    sf2_gen(&b, 54, 1);
    sf2_zone(&b, sf2_sample_header(&b, "odd", 50, 3, 9, 1, 0, 255, -3, 0, 1));
    sf2_zone(&b, sf2_sample_header(&b, "rom", 0, 3, 0, 0, 44100, 60, 0, 0, 0x8001));
    sf2_simple_preset(&b, "p", 0, 0, 0);
    finish(&b, "deep", true);
}

static void compressed(bool unpadded)
{
    sf2_builder b;

    sf2_init(&b);
    b.unpadded_smpl = unpadded;
    sf2_sample_sf3(&b, "good", "BCDEFGHI", 8, 44100, 60, 1, 3);
    sf2_sample_sf3(&b, "bad", "A", 1, 44100, 60, 0, 0);
    sf2_instrument(&b, "i");
    for (uint32_t i = 0; i < 2; i++) {
        sf2_zone(&b, i);
        sf2_gen(&b, 54, 3);
        sf2_gen(&b, 0, 1);
    }
    sf2_simple_preset(&b, "p", 0, 0, 0);
    finish(&b, unpadded ? "compressed-unpadded" : "compressed", !unpadded);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: seed_soundfont FOLDER\n");
        return 2;
    }
    folder = argv[1];
    plain();
    every_generator();
    modulators();
    deep();
    compressed(false);
    compressed(true);
    return 0;
}
