/*
 * MIDI Tuning Standard: tuning programs that give each key its own pitch, and how messages fill
 * them (MMA CA-020, CA-021, RP-020).
 */
#ifndef PLAINSONG_SYNTH_TUNING_H
#define PLAINSONG_SYNTH_TUNING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The tuning programs a file may define at a time; those beyond are ignored. */
#define PS_TUNINGS 16u

typedef struct ps_tuning {
    bool used;
    uint8_t bank, program;
    float cents[128]; /* away from equal temperament */
} ps_tuning;

typedef struct ps_tunings {
    ps_tuning programs[PS_TUNINGS];
} ps_tunings;

void ps_tunings_reset(ps_tunings *tunings);

/* Cents to add to a key under a tuning program; 0 when nothing has defined it. */
double ps_tunings_cents(const ps_tunings *tunings, uint8_t bank, uint8_t program, uint8_t key);

/*
 * Takes the tuning messages (sub-ID 08) that concern tuning programs: bulk dumps and key changes.
 * `data` begins after F0 7E/7F device 08. False when it is another or damaged.
 */
bool ps_tunings_message(ps_tunings *tunings, const uint8_t *data, size_t bytes);

#endif
