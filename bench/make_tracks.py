"""The tracks that bench/run.py times: those whose cost with the old Python renderer is known, a long
one, and what they are made of."""
import json


def modulators(transition):
    """Every modulator of a binaural voice."""
    values = {'ampOscDepthL': .3, 'ampOscDepthR': .3, 'ampOscFreqL': .2, 'ampOscFreqR': .25,
              'ampOscSkewL': .2, 'ampOscSkewR': -.2, 'freqOscRangeL': 4, 'freqOscRangeR': 5,
              'freqOscFreqL': .3, 'freqOscFreqR': .35, 'freqOscSkewL': .1, 'freqOscSkewR': -.1,
              'ampOscPhaseOffsetL': .1, 'ampOscPhaseOffsetR': .2, 'freqOscPhaseOffsetL': .3,
              'freqOscPhaseOffsetR': .4, 'phaseOscFreq': .1, 'phaseOscRange': .5}
    if not transition:
        return values
    both = {}
    for name, value in values.items():
        both['start' + name[0].upper() + name[1:]] = value
        both['end' + name[0].upper() + name[1:]] = 1.3 * value
    return both


def voice(function, params=None, transition=False):
    return {'synth_function_name': function, 'is_transition': transition, 'params': params or {},
            'volume_envelope': None}


def track(steps, crossfade=1.0, **more):
    return {'global': {'sample_rate': 44100, 'crossfade_duration': crossfade,
                       'crossfade_curve': 'linear'},
            'progression': [{'duration': seconds, 'voices': voices} for seconds, voices in steps],
            **more}


def noise(colour='pink'):
    return {'params': {'noise_type': colour, 'lfo_freq': 1 / 12, 'sweeps': [
        {'start_min': 1000, 'end_min': 1000, 'start_max': 10000, 'end_max': 10000, 'start_q': 25,
         'end_q': 25, 'start_casc': 10, 'end_casc': 10}], 'start_lfo_phase_offset_deg': 90}, 'amp': .3}


PLAIN = [voice('binaural_beat'), voice('isochronic_tone')]
QAM = voice('qam_beat', {
    'qamAm2FreqL': 1.3, 'qamAm2DepthL': .3, 'qamAm2FreqR': 2.1, 'qamAm2DepthR': .25, 'modShapeL': 2.5,
    'modShapeR': .6, 'crossModDepth': .3, 'crossModDelay': .0153, 'harmonicDepth': .2,
    'harmonicRatio': 2.37, 'subHarmonicFreq': .7, 'subHarmonicDepth': .35, 'phaseOscFreq': .8,
    'phaseOscRange': 1.7, 'beatingSidebands': True, 'sidebandOffset': 3.3, 'sidebandDepth': .15,
    'attackTime': .25, 'releaseTime': .4})
FOUR = [voice('binaural_beat', {**modulators(True), 'endBaseFreq': 180, 'endBeatFreq': 8}, True),
        voice('isochronic_tone', {**modulators(True), 'endBaseFreq': 180, 'endBeatFreq': 8}, True),
        voice('monaural_beat_stereo_amps', {'endBaseFreq': 180, 'endBeatFreq': 8,
              'startPhaseOscFreq': .1, 'startPhaseOscRange': .5, 'startAmpOscDepth': .5,
              'startAmpOscFreq': .3, 'endAmpOscFreq': .5}, True),
        voice('hybrid_qam_monaural_beat', {'endQamCarrierFreqL': 140, 'endMonoCarrierFreqR': 150,
              'startMonoAmDepthR': .4, 'startMonoAmFreqR': .5, 'endMonoAmFreqR': .8,
              'startMonoFmRangeR': 4, 'startMonoFmFreqR': .3, 'startMonoPhaseOscFreqR': .2,
              'startMonoPhaseOscRangeR': .5}, True)]

# name: the track, and what the old renderer took for its 60 s on one core of such a machine (CPU s)
SIXTY = {
    'binaural': (track([(60, [voice('binaural_beat')])]), None),
    'binaural + isochronic': (track([(60, PLAIN)]), 0.37),
    'binaural + isochronic + swept-notch noise': (track([(60, PLAIN)], background_noise=noise()), 1.38),
    'qam, every modulator': (track([(60, [QAM])]), 0.79),
    'four voices in transition, every modulator': (track([(60, FOUR)]), 7.44),
    'binaural with flanger': (track([(60, [voice('binaural_beat', {'flangeEnable': True})])]), 0.44),
    'binaural in space + spatial angle, monaural': (track([(60, [
        voice('binaural_beat', {'spatialEnable': True}),
        voice('spatial_angle_modulation_monaural_beat')])]), 0.76),
    'two steps, 1 s crossfade': (track([(30.5, [voice('binaural_beat')]),
                                        (30.5, [voice('binaural_beat', {'baseFreq': 220})])]), 2.32),
}
HOUR_STEP = [voice('binaural_beat'), voice('isochronic_tone', {'baseFreq': 180}),
             voice('monaural_beat_stereo_amps', {'baseFreq': 150}),
             voice('binaural_beat', {'endBaseFreq': 180, 'endBeatFreq': 8}, True)]


def long_track(hours):
    """Four voices, a step every five minutes with a crossfade of ten seconds, and noise."""
    return track([(310.0, HOUR_STEP)] * int(12 * hours), 10.0, background_noise=noise('brown'))


def make_all(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for number, (document, _) in enumerate(SIXTY.values()):
        (folder / f'{number}.json').write_text(json.dumps(document))
    for hours in (1, 8):
        (folder / f'{hours}h.json').write_text(json.dumps(long_track(hours)))
