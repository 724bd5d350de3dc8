/* A track file into an audio file: what ps_render_file does when its input is a track. */
#ifndef PLAINSONG_EDGE_TRACK_RENDER_H
#define PLAINSONG_EDGE_TRACK_RENDER_H

#include "plainsong/render.h"

/* `file` holds the track's text and stays the caller's. */
ps_status ps_render_track(const ps_render_request *request, const ps_file *file,
                          ps_render_report *report, ps_error *err);

#endif
