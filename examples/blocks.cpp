// Plays a score that is made on the spot into blocks, from C++: blocks BANK.sf2
// Prints the largest sample. A player would hand each block to the sound card instead.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <memory>

#include "plainsong/plainsong.h"

template <auto destroy> struct destroyer {
    template <typename T> void operator()(T *object) const
    {
        destroy(object);
    }
};
template <typename T, auto destroy> using owned = std::unique_ptr<T, destroyer<destroy>>;

using engine = owned<ps_engine, ps_engine_destroy>;
using bank_file = owned<ps_soundfont_file, ps_soundfont_file_close>;
using score = owned<ps_score, ps_score_destroy>;
using source = owned<ps_source, ps_source_destroy>;

static ps_event note(std::uint64_t tick, ps_event_kind kind, std::uint8_t key)
{
    ps_event event = {};

    event.tick = tick;
    event.kind = static_cast<std::uint8_t>(kind);
    event.a = key;
    event.b = 100;
    return event;
}

int main(int argc, char **argv)
{
    const ps_event events[] = {note(0, PS_EVENT_NOTE_ON, 60), note(0, PS_EVENT_NOTE_ON, 64),
                               note(960, PS_EVENT_NOTE_OFF, 60), note(960, PS_EVENT_NOTE_OFF, 64)};
    ps_engine *made_engine = nullptr;
    ps_soundfont_file *opened = nullptr;
    ps_score *built = nullptr;
    ps_source *made = nullptr;
    ps_error err = {};

    if (argc != 2)
        return std::fprintf(stderr, "usage: blocks BANK.sf2\n"), 2;
    if (ps_engine_create(&made_engine, nullptr, &err) != PS_OK)
        return std::fprintf(stderr, "%s\n", err.text), 1;
    const engine keep_engine(made_engine);
    if (ps_soundfont_file_open(&opened, argv[1], false, nullptr, &err) != PS_OK)
        return std::fprintf(stderr, "%s\n", err.text), 1;
    const bank_file keep_bank(opened);
    if (ps_score_build(&built, events, 4, 480, nullptr, &err) != PS_OK)
        return std::fprintf(stderr, "%s\n", err.text), 1;
    const score keep_score(built);

    const ps_bank_choice choice = {ps_soundfont_file_bank(opened), 0};
    if (ps_performance_create(&made, made_engine, built, &choice, 1, nullptr, &err) != PS_OK)
        return std::fprintf(stderr, "%s\n", err.text), 1;
    const source keep_source(made);

    float left[512], right[512], largest = 0.0f;
    const ps_block block = {left, right, 512};
    while (std::uint32_t got = ps_source_pull(made, block))
        for (std::uint32_t i = 0; i < got; i++)
            largest = std::max({largest, std::fabs(left[i]), std::fabs(right[i])});
    std::printf("largest sample %.3f\n", static_cast<double>(largest));
    return largest > 0.0f ? 0 : 1;
}
