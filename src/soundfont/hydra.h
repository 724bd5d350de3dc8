/*
 * Reads the nine chunks of pdta (SF2 7): headers, bags, generators and modulators of presets and
 * instruments, and the sample headers.
 */
#ifndef PLAINSONG_SOUNDFONT_HYDRA_H
#define PLAINSONG_SOUNDFONT_HYDRA_H

#include "soundfont/bank.h"
#include "soundfont/mends.h"

/* The records of one chunk, the terminal one among them. */
typedef struct ps_records {
    const uint8_t *bytes;
    uint32_t count;
    uint64_t offset_bytes; /* of the first, in the file */
} ps_records;

typedef enum ps_hydra_chunk {
    PS_PHDR,
    PS_PBAG,
    PS_PMOD,
    PS_PGEN,
    PS_INST,
    PS_IBAG,
    PS_IMOD,
    PS_IGEN,
    PS_SHDR,
    PS_HYDRA_CHUNKS,
} ps_hydra_chunk;

typedef struct ps_hydra {
    ps_records records[PS_HYDRA_CHUNKS];
} ps_hydra;

/* "phdr" and the bytes of one record. */
const char *ps_hydra_id(ps_hydra_chunk chunk);
uint32_t ps_hydra_record_bytes(ps_hydra_chunk chunk);

/* Fills the bank's samples, instruments and presets. smpl must be known. */
ps_status ps_hydra_read(ps_soundfont *bank, const ps_hydra *hydra, ps_mends *mends, ps_error *err);

#endif
