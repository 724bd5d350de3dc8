/* Tuning programs and the messages that define them. */
#include "synth/tuning.h"

#include <string.h>

void ps_tunings_reset(ps_tunings *tunings)
{
    memset(tunings, 0, sizeof *tunings);
}

static const ps_tuning *find(const ps_tunings *tunings, uint8_t bank, uint8_t program)
{
    for (uint32_t i = 0; i < PS_TUNINGS; i++) {
        const ps_tuning *tuning = &tunings->programs[i];

        if (tuning->used && tuning->bank == bank && tuning->program == program)
            return tuning;
    }
    return NULL;
}

double ps_tunings_cents(const ps_tunings *tunings, uint8_t bank, uint8_t program, uint8_t key)
{
    const ps_tuning *tuning = find(tunings, bank, program);

    return tuning ? (double)tuning->cents[key] : 0.0;
}

static ps_tuning *define(ps_tunings *tunings, uint8_t bank, uint8_t program)
{
    ps_tuning *tuning = (ps_tuning *)find(tunings, bank, program);

    for (uint32_t i = 0; !tuning && i < PS_TUNINGS; i++) {
        if (!tunings->programs[i].used)
            tuning = &tunings->programs[i];
    }
    if (tuning) {
        tuning->used = true;
        tuning->bank = bank;
        tuning->program = program;
    }
    return tuning;
}

/* Three bytes: semitone, then 14 bits of a semitone; 7F 7F 7F is no change. */
static void set_key(ps_tuning *tuning, uint8_t key, const uint8_t *pitch)
{
    if (pitch[0] == 0x7f && pitch[1] == 0x7f && pitch[2] == 0x7f)
        return;
    tuning->cents[key & 127] = 100.0f * (float)(pitch[0] - (key & 127)) +
                               100.0f * (float)(pitch[1] << 7 | pitch[2]) / 16384.0f;
}

/* 01 program name(16) 128 x 3: bulk dump; 04 bank program name(16) 128 x 3: with a bank. */
static bool bulk_keys(ps_tunings *tunings, uint8_t bank, uint8_t program, const uint8_t *pitches,
                      size_t bytes)
{
    ps_tuning *tuning;

    if (bytes < 3 * 128)
        return false;
    tuning = define(tunings, bank, program);
    for (uint32_t key = 0; tuning && key < 128; key++)
        set_key(tuning, (uint8_t)key, pitches + 3 * key);
    return tuning;
}

/* 02 program count (key pitch)...: single notes; 07 bank program count (key pitch)... */
static bool some_keys(ps_tunings *tunings, uint8_t bank, uint8_t program, const uint8_t *changes,
                      size_t bytes)
{
    ps_tuning *tuning;
    size_t count;

    if (bytes < 1)
        return false;
    count = changes[0];
    tuning = define(tunings, bank, program);
    for (size_t i = 0; tuning && i < count && 1 + 4 * (i + 1) <= bytes; i++)
        set_key(tuning, changes[1 + 4 * i], changes + 2 + 4 * i);
    return tuning;
}

/* 05 bank program name(16) 12 x 1; 06 the same 12 x 2: scale dumps, the octave repeated. */
static bool bulk_octave(ps_tunings *tunings, uint8_t bank, uint8_t program, const uint8_t *steps,
                        size_t bytes, bool fine)
{
    ps_tuning *tuning;

    if (bytes < (fine ? 24u : 12u))
        return false;
    tuning = define(tunings, bank, program);
    for (uint32_t key = 0; tuning && key < 128; key++) {
        const uint32_t step = key % 12;

        tuning->cents[key] =
            fine
                ? 100.0f * ((float)(steps[2 * step] << 7 | steps[2 * step + 1]) - 8192.0f) / 8192.0f
                : (float)steps[step] - 64.0f;
    }
    return tuning;
}

bool ps_tunings_message(ps_tunings *tunings, const uint8_t *data, size_t bytes)
{
    if (bytes < 3)
        return false;
    switch (data[0]) {
    case 0x01:
        return bytes > 18 && bulk_keys(tunings, 0, data[1], data + 18, bytes - 18);
    case 0x02:
        return some_keys(tunings, 0, data[1], data + 2, bytes - 2);
    case 0x04:
        return bytes > 19 && bulk_keys(tunings, data[1], data[2], data + 19, bytes - 19);
    case 0x05:
    case 0x06:
        return bytes > 19 &&
               bulk_octave(tunings, data[1], data[2], data + 19, bytes - 19, data[0] == 0x06);
    case 0x07:
        return some_keys(tunings, data[1], data[2], data + 3, bytes - 3);
    default:
        return false;
    }
}
