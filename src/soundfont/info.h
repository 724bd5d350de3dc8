/* Texts of a bank: the INFO chunk (SF2 5). */
#ifndef PLAINSONG_SOUNDFONT_INFO_H
#define PLAINSONG_SOUNDFONT_INFO_H

#include "soundfont/bank.h"
#include "soundfont/mends.h"
#include "soundfont/riff.h"

/* Makes every text of the bank's info "". */
void ps_info_begin(ps_soundfont_info *info);

/* Takes one chunk of the INFO list into bank->info; others than those known are ignored. */
ps_status ps_info_read(ps_soundfont *bank, const ps_chunk *chunk);

#endif
