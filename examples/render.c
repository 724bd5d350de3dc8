/* Renders a MIDI file with a SoundFont: render BANK.sf2 SONG.mid SONG.wav */
#include <stdio.h>

#include "plainsong/plainsong.h"

int main(int argc, char **argv)
{
    ps_render_request request = ps_render_defaults();
    ps_render_report report;
    ps_error err = {0};

    if (argc != 4) {
        fprintf(stderr, "usage: render BANK.sf2 SONG.mid SONG.wav\n");
        return 2;
    }
    request.soundfont_paths[0] = argv[1];
    request.soundfont_count = 1;
    request.input_path = argv[2];
    request.output_path = argv[3];
    if (ps_render_file(&request, &report, &err) != PS_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    printf("%.2f s, %.1f LUFS\n", report.seconds, report.levels.integrated_lufs);
    return 0;
}
