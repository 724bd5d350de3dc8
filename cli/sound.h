/*
 * What commands that render MIDI files and tracks share: the options of banks, notes and tracks. A
 * command's struct of values begins with an `output`, has a `sound`, and its table takes the rows
 * below with the name of that struct.
 */
#ifndef PLAINSONG_CLI_SOUND_H
#define PLAINSONG_CLI_SOUND_H

#include "output.h"

typedef struct sound {
    render_banks banks;
    int bank_mode;
    int interpolation;
    int64_t polyphony;
    double gain_db;
    bool no_reverb, no_chorus;
    int64_t loops;
    int compat;
    bool strict, yes;
} sound;

/* clang-format off */
#define SOUND_AT(type, field) offsetof(type, sound.field)
#define SOUND_NOTE_ROWS(type) \
    {"soundfont", 's', "FILE[@BANK]", CLI_CUSTOM, SOUND_AT(type, banks), NULL, \
     "SF2 or SF3 bank; may be repeated, the first that has a preset wins; @BANK is added to its" \
     " bank numbers", .parse = render_parse_bank, .files = true}, \
    {"interpolation", 'i', "nearest|linear|cubic|sinc8|sinc32", CLI_CHOICE, SOUND_AT(type, interpolation), \
     "cubic", "how samples are read between their frames"}, \
    {"polyphony", 'p', "N", CLI_INTEGER, SOUND_AT(type, polyphony), "256", "most notes at once, 1..4096", \
     .low = 1, .high = 4096}, \
    {"bank-mode", 0, "gm|gs|xg|mma", CLI_CHOICE, SOUND_AT(type, bank_mode), "gs", \
     "how bank select is read until the piece says otherwise"}, \
    {"gain", 'g', "DB", CLI_NUMBER, SOUND_AT(type, gain_db), "0", "louder or softer, -60..40 dB", \
     .low = -60, .high = 40}, \
    {"no-reverb", 0, NULL, CLI_FLAG, SOUND_AT(type, no_reverb), NULL, "leave the synthesizer's reverb out"}, \
    {"no-chorus", 0, NULL, CLI_FLAG, SOUND_AT(type, no_chorus), NULL, "leave the synthesizer's chorus out"}

#define SOUND_MIX_ROWS(type) \
    OUTPUT_EFFECT_ROWS("effects on the mix, \"eq:100hz-3 | limiter:-1\", a preset, or FILE.json;" \
     " \"10:CHAIN\" for channel 10 of MIDI alone; may be repeated"), \
    OUTPUT_LEVEL_ROW( \
     "none: the mix as it is; fixed: as a stream has it, a track at a quarter, nothing measured;" \
     " peak:DB, true-peak:DB, lufs:LUFS: measured first; auto: MIDI none, and peak:-1 if that would" \
     " clip, a track peak:-12.04"), \
    {"compat", 0, "own|reference", CLI_CHOICE, SOUND_AT(type, compat), "own", \
     "reference: a track exactly as the old offline renderer made it, defects included"}

#define SOUND_TIME_ROWS(type) \
    {"tail", 0, "TIME", CLI_SECONDS, OUTPUT_AT(tail_sec), "30", \
     "the longest time to wait for silence after the last event", .low = 0, .high = 3600}, \
    {"loops", 0, "N", CLI_INTEGER, SOUND_AT(type, loops), "0", "times to play a marked loop again", \
     .low = 0, .high = 10000}

#define SOUND_WORK_ROWS(type) \
    OUTPUT_WORK_ROWS("of the dither, and a track's noise and glitches"), \
    {"strict", 0, NULL, CLI_FLAG, SOUND_AT(type, strict), NULL, "refuse damaged files instead of mending them"}, \
    {"yes", 'y', NULL, CLI_FLAG, SOUND_AT(type, yes), NULL, "write a track of more than 16 GiB, too"}
/* clang-format on */

/* Puts them into a request, which borrows from `s`. */
void sound_request(const sound *s, const output *out, ps_render_request *request);

#endif
