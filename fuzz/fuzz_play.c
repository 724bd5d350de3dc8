/*
 * Any bytes as messages and a bank, played: no window of a sample lies outside the bank's bytes, no
 * loop runs away, and what comes out is finite.
 *
 *      byte 0: interpolation and kernel row; byte 1: count of messages; 4 bytes each: frames to
 *      wait in 32s, status, two data bytes; the rest is the bank
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plainsong/synth.h"

#define CHECK(condition)                                                                           \
    do {                                                                                           \
        if (!(condition))                                                                          \
            abort();                                                                               \
    } while (0)

#define FRAMES 1000u

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes);

static ps_event event_of(const uint8_t *message)
{
    static const uint8_t kinds[8] = {
        PS_EVENT_NOTE_OFF, PS_EVENT_NOTE_ON,          PS_EVENT_POLY_PRESSURE, PS_EVENT_CONTROL,
        PS_EVENT_PROGRAM,  PS_EVENT_CHANNEL_PRESSURE, PS_EVENT_PITCH_BEND,    PS_EVENT_NOTE_ON,
    };
    ps_event event;

    memset(&event, 0, sizeof event);
    event.kind = kinds[message[1] >> 4 & 7];
    event.channel = message[1] & 15;
    event.a = message[2] & 127;
    event.b = message[3] & 127;
    return event;
}

static void render(ps_synth *synth)
{
    static float left[FRAMES], right[FRAMES];

    for (int i = 0; i < 4; i++) {
        ps_synth_render(synth, (ps_block){left, right, FRAMES});
        for (uint32_t k = 0; k < FRAMES; k++)
            CHECK(isfinite(left[k]) && isfinite(right[k]));
    }
}

static void play(ps_soundfont *bank, const uint8_t *bytes)
{
    const uint32_t count = bytes[1] % 64;
    ps_engine_options engine_options = {NULL, NULL, NULL};
    ps_synth_options options = ps_synth_defaults();
    ps_engine *engine = NULL;
    ps_synth *synth = NULL;
    uint64_t frame = 0;

    options.interpolation = (ps_interpolation)(bytes[0] % 5);
    options.polyphony = 1 + bytes[0] / 5;
    engine_options.kernel_row = ps_kernel_row_name(bytes[1] / 64);
    CHECK(ps_engine_create(&engine, &engine_options, NULL) == PS_OK);
    CHECK(ps_synth_create(&synth, engine, &options, NULL) == PS_OK);
    CHECK(ps_synth_add_bank(synth, bank, 0, NULL) == PS_OK);
    for (uint32_t i = 0; i < count; i++) {
        const uint8_t *message = bytes + 2 + 4 * (size_t)i;
        const ps_event event = event_of(message);

        frame += 32u * message[0];
        ps_synth_send(synth, frame < 3999 ? frame : 3999, &event);
    }
    render(synth);
    ps_synth_destroy(synth);
    ps_engine_destroy(engine);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size_bytes)
{
    ps_soundfont *bank = NULL;
    size_t head;

    if (size_bytes < 2)
        return 0;
    head = 2 + 4 * (size_t)(bytes[1] % 64);
    if (size_bytes <= head)
        return 0;
    if (ps_soundfont_open(&bank, bytes + head, size_bytes - head, NULL, NULL) == PS_OK)
        play(bank, bytes);
    ps_soundfont_destroy(bank);
    return 0;
}
