/*
 * Plainsong: one audio engine for MIDI with SoundFonts, brainwave tracks, effects and practice.
 *
 * A whole program that renders a MIDI file:
 *
 *      #include <plainsong/plainsong.h>
 *
 *      int main(void)
 *      {
 *          ps_error err = { 0 };
 *          char line[640];
 *          ps_render_request request = ps_render_defaults();
 *
 *          request.input_path = "song.mid";
 *          request.output_path = "song.wav";
 *          request.soundfont_paths[0] = "/usr/share/sounds/sf2/TimGM6mb.sf2";
 *          request.soundfont_count = 1;
 *          if (ps_render_file(&request, NULL, &err) == PS_OK)
 *              return 0;
 *          ps_error_line(&err, "", line, sizeof line);
 *          fprintf(stderr, "%s\n", line);
 *          return 1;
 *      }
 *
 * Read in this order: status.h, memory.h, audio.h, source.h (the spine), engine.h, workers.h,
 * accelerator.h; score.h, soundfont.h, synth.h; value.h, track.h; effect.h, level.h; and the edges
 * that touch the world: file.h, threads.h, gpu.h, render.h, batch.h, picture.h.
 */
#ifndef PLAINSONG_PLAINSONG_H
#define PLAINSONG_PLAINSONG_H

#include "plainsong/accelerator.h"
#include "plainsong/audio.h"
#include "plainsong/batch.h"
#include "plainsong/effect.h"
#include "plainsong/effect_file.h"
#include "plainsong/engine.h"
#include "plainsong/file.h"
#include "plainsong/gpu.h"
#include "plainsong/level.h"
#include "plainsong/master.h"
#include "plainsong/memory.h"
#include "plainsong/picture.h"
#include "plainsong/render.h"
#include "plainsong/score.h"
#include "plainsong/soundfont.h"
#include "plainsong/source.h"
#include "plainsong/status.h"
#include "plainsong/synth.h"
#include "plainsong/threads.h"
#include "plainsong/track.h"
#include "plainsong/track_file.h"
#include "plainsong/value.h"
#include "plainsong/workers.h"

#endif
