/* The tables of what every voice takes around its own parameters. */
#include "voice/common.h"

#define NUMBER(name, glide, unit, preset, low, high, meaning)                                      \
    {                                                                                              \
        name, PS_PARAMETER_NUMBER, glide, unit, preset, low, high, NULL, meaning, NULL, NULL, 0.0, \
            0.0                                                                                    \
    }
#define CHOICE(name, glide, choices, meaning)                                                      \
    {                                                                                              \
        name, PS_PARAMETER_TEXT, glide, "", 0.0, 0.0, 0.0, choices, meaning, NULL, NULL, 0.0, 0.0  \
    }
#define FLAG(name, glide, preset, meaning)                                                         \
    {                                                                                              \
        name, PS_PARAMETER_FLAG, glide, "", preset, 0.0, 1.0, NULL, meaning, NULL, NULL, 0.0, 0.0  \
    }
#define VALUE(name, meaning)                                                                       \
    {                                                                                              \
        name, PS_PARAMETER_VALUE, PS_GLIDE_NONE, "", 0.0, 0.0, 0.0, NULL, meaning, NULL, NULL,     \
            0.0, 0.0                                                                               \
    }

#define MOVES  PS_GLIDE_APART
#define STAYS  PS_GLIDE_NONE
#define CHANGE PS_GLIDE_ONLY

/* clang-format off */
static const ps_parameter transition[] = {
    NUMBER("initial_offset", CHANGE, "s", 0.0, 0.0, 3600.0, "time before the change begins"),
    NUMBER("transition_duration", CHANGE, "s", 0.0, 0.0, 3600.0,
           "length of the change; absent: to the end of the step; 0: a switch"),
    NUMBER("post_offset", CHANGE, "s", 0.0, 0.0, 3600.0,
           "old form, for the flanger alone: time after the change when transition_duration is absent"),
    CHOICE("transition_curve", CHANGE, "linear logarithmic exponential",
           "course of the change, or an expression in alpha"),
};

/* In the order of the enum in common.h. */
static const ps_parameter flanger[PS_FLANGE_ROWS] = {
    FLAG("flangeEnable", MOVES, 0.0, "on; off or absent, everything about the flanger is ignored"),
    NUMBER("flangeDelayMs", MOVES, "ms", 1.2, 0.05, 20.0, "centre of the delay"),
    NUMBER("flangeDepthMs", MOVES, "ms", 0.6, 0.0, 10.0, "how far the delay moves"),
    NUMBER("flangeRateHz", MOVES, "Hz", 0.12, 0.0, 10.0, "speed of the movement"),
    CHOICE("flangeShape", MOVES, "sine triangle", "of the movement"),
    NUMBER("flangeFeedback", MOVES, "", 0.5, -1.0, 1.0, "share that goes round again"),
    NUMBER("flangeMix", MOVES, "", 0.3, 0.0, 1.0, "gain of the delayed sound"),
    NUMBER("flangeLoopLpfHz", MOVES, "Hz", 7000.0, 0.0, 20000.0,
           "low-pass in the feedback; 0 silences it"),
    NUMBER("flangeLoopHpfHz", MOVES, "Hz", 0.0, 0.0, 2000.0,
           "high-pass in the feedback; 0 silences it"),
    NUMBER("flangeStereoMode", MOVES, "", 0.0, 0.0, 3.0,
           "0 both ears alike, 1 the same, 2 the middle only, 3 the sides only"),
    NUMBER("flangeSpreadDeg", MOVES, "deg", 0.0, 0.0, 360.0, "no effect, as in the old engine"),
    NUMBER("flangeDelayLaw", MOVES, "", 0.0, 0.0, 2.0,
           "the delay moves 0 evenly, 1 evenly in 1/delay, 2 exponentially"),
    NUMBER("flangeInterp", MOVES, "", 0.0, 0.0, 1.0, "0 reads two frames of the delay, 1 four"),
    NUMBER("flangeMinDelayMs", MOVES, "ms", 0.25, 0.05, 20.0, "shortest delay"),
    NUMBER("flangeMaxDelayMs", MOVES, "ms", 8.0, 0.1, 50.0, "longest delay"),
    NUMBER("flangeDezipperDelayMs", MOVES, "ms", 30.0, 0.0, 1000.0, "smoothing of the delay"),
    NUMBER("flangeDezipperDepthMs", MOVES, "ms", 30.0, 0.0, 1000.0, "smoothing of the depth"),
    NUMBER("flangeDezipperRateMs", MOVES, "ms", 200.0, 0.0, 1000.0, "no effect: the rate is constant"),
    NUMBER("flangeDezipperFeedbackMs", MOVES, "ms", 30.0, 0.0, 1000.0,
           "no effect: the feedback is constant"),
    NUMBER("flangeDezipperWetMs", MOVES, "ms", 40.0, 0.0, 1000.0, "no effect: the mix is constant"),
    NUMBER("flangeDezipperFilterMs", MOVES, "ms", 60.0, 0.0, 1000.0,
           "no effect: the filters are constant"),
    NUMBER("flangeLoudnessMode", MOVES, "", 1.0, 0.0, 1.0, "1 keeps the level of the input, 0 does not"),
    NUMBER("flangeLoudnessTcMs", MOVES, "ms", 80.0, 1.0, 1000.0, "time constant of the level"),
    NUMBER("flangeLoudnessMinGain", MOVES, "", 0.5, 0.0, 1.0, "least gain that keeps it"),
    NUMBER("flangeLoudnessMaxGain", MOVES, "", 2.0, 1.0, 10.0, "most gain that keeps it"),
};

static const ps_parameter spatial[PS_SPACE_ROWS] = {
    FLAG("spatialEnable", STAYS, 0.0, "on"),
    VALUE("spatialTrajectory", "list of segments of a path, one after the other; absent: to and fro"),
    NUMBER("spatialUseIld", STAYS, "", 1.0, 0.0, 1.0, "1: levels differ between the ears"),
    NUMBER("spatialEarAngleDeg", STAYS, "deg", 30.0, 0.0, 90.0, "of the two cardioids (foa_cardioid)"),
    NUMBER("spatialHeadRadiusM", STAYS, "m", 0.0875, 0.0, 0.2, "of the head"),
    NUMBER("spatialItdScale", STAYS, "", 1.0, 0.0, 4.0, "stretches the delay between the ears"),
    NUMBER("spatialIldMaxDb", STAYS, "dB", 1.5, 0.0, 24.0, "largest difference of level"),
    NUMBER("spatialIldXoverHz", STAYS, "Hz", 700.0, 20.0, 5000.0, "no effect, as in the old engine"),
    NUMBER("spatialRefDistanceM", STAYS, "m", 1.0, 0.1, 10.0, "nearer than this nothing gets louder"),
    NUMBER("spatialRolloff", STAYS, "", 1.0, 0.0, 4.0, "how fast the level falls with distance"),
    NUMBER("spatialHfRollDbPerM", STAYS, "dB/m", 0.0, 0.0, 12.0,
           "loss beyond the reference distance (foa_cardioid)"),
    NUMBER("spatialDezipperThetaMs", STAYS, "ms", 60.0, 0.0, 1000.0, "smoothing of the angle"),
    NUMBER("spatialDezipperDistMs", STAYS, "ms", 80.0, 0.0, 1000.0, "smoothing of the distance"),
    CHOICE("spatialDecoder", STAYS, "itd_head foa_cardioid",
           "delays and levels of a head, or two cardioids"),
    NUMBER("spatialMinDistanceM", STAYS, "m", 0.1, 0.01, 1.0, "nothing comes nearer (itd_head)"),
    NUMBER("spatialMaxDegPerS", STAYS, "deg/s", 90.0, 1.0, 1000.0, "fastest turn (itd_head)"),
    NUMBER("spatialMaxDelayStepSamples", STAYS, "", 0.02, 0.0, 1.0,
           "fastest change of the delay, frames per frame (itd_head)"),
    NUMBER("spatialInterp", STAYS, "", 1.0, 0.0, 1.0,
           "0 reads two frames of the delay, 1 four (itd_head)"),
};
/* clang-format on */

#define COUNT(table) ((uint32_t)(sizeof(table) / sizeof *(table)))

const ps_parameter *ps_common_parameters(ps_common_group group, uint32_t *count)
{
    switch (group) {
    case PS_COMMON_TRANSITION:
        *count = COUNT(transition);
        return transition;
    case PS_COMMON_FLANGER:
        *count = COUNT(flanger);
        return flanger;
    case PS_COMMON_SPATIAL:
        *count = COUNT(spatial);
        return spatial;
    }
    *count = 0;
    return NULL;
}
