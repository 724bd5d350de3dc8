//! Renders a MIDI file with rustysynth into memory, block by block, and prints what was rendered as
//! one line of JSON.
//!
//!   rustysynth-driver [--seconds S] [--no-effects] [--polyphony N] [--rate HZ] [--wav FILE]
//!                     SOUNDFONT MIDI
//!
//! --seconds S renders exactly S seconds (0: everything is loaded, nothing rendered); without it the
//! MIDI file's length plus two seconds. The voice count is not public, so it is not printed.

use rustysynth::{MidiFile, MidiFileSequencer, SoundFont, Synthesizer, SynthesizerSettings};
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::sync::Arc;

const BLOCK_FRAMES: usize = 64;
const TAIL_SEC: f64 = 2.0;

struct Request {
    seconds: Option<f64>,
    effects: bool,
    polyphony: usize,
    rate_hz: i32,
    wav: Option<String>,
    paths: Vec<String>,
}

type Failure = Box<dyn std::error::Error>;

fn read_options() -> Result<Request, Failure> {
    let mut request = Request {
        seconds: None,
        effects: true,
        polyphony: 256,
        rate_hz: 44100,
        wav: None,
        paths: Vec::new(),
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} needs a value"));
        match word.as_str() {
            "--no-effects" => request.effects = false,
            "--seconds" => request.seconds = Some(value()?.parse()?),
            "--polyphony" => request.polyphony = value()?.parse()?,
            "--rate" => request.rate_hz = value()?.parse()?,
            "--wav" => request.wav = Some(value()?),
            _ => request.paths.push(word),
        }
    }
    if request.paths.len() != 2 {
        return Err("wanted: a SoundFont and a MIDI file".into());
    }
    Ok(request)
}

/// 32-bit float stereo, the length known beforehand.
fn wav_header(rate_hz: u32, frames: u32) -> Vec<u8> {
    let mut header = Vec::new();
    header.extend(b"RIFF");
    header.extend((36 + frames * 8).to_le_bytes());
    header.extend(b"WAVEfmt \x10\0\0\0\x03\0\x02\0");
    header.extend(rate_hz.to_le_bytes());
    header.extend((rate_hz * 8).to_le_bytes());
    header.extend(b"\x08\0\x20\0data");
    header.extend((frames * 8).to_le_bytes());
    header
}

fn main() -> Result<(), Failure> {
    let request = read_options()?;
    let bank = Arc::new(SoundFont::new(&mut BufReader::new(File::open(&request.paths[0])?))?);
    let midi = Arc::new(MidiFile::new(&mut BufReader::new(File::open(&request.paths[1])?))?);
    let mut settings = SynthesizerSettings::new(request.rate_hz);
    settings.block_size = BLOCK_FRAMES;
    settings.maximum_polyphony = request.polyphony;
    settings.enable_reverb_and_chorus = request.effects;

    let seconds = request.seconds.unwrap_or(midi.get_length() + TAIL_SEC);
    let frames = (seconds * f64::from(request.rate_hz)).round() as usize;
    let mut sequencer = MidiFileSequencer::new(Synthesizer::new(&bank, &settings)?);
    sequencer.play(&midi, false);
    let mut wav = match &request.wav {
        Some(path) => Some(BufWriter::new(File::create(path)?)),
        None => None,
    };
    if let Some(file) = &mut wav {
        file.write_all(&wav_header(request.rate_hz as u32, frames as u32))?;
    }

    let (mut left, mut right) = ([0f32; BLOCK_FRAMES], [0f32; BLOCK_FRAMES]);
    let (mut done, mut peak) = (0, 0f32);
    while done < frames {
        let count = BLOCK_FRAMES.min(frames - done);
        sequencer.render(&mut left[..count], &mut right[..count]);
        for (l, r) in left[..count].iter().zip(&right[..count]) {
            peak = peak.max(l.abs()).max(r.abs());
        }
        if let Some(file) = &mut wav {
            for (l, r) in left[..count].iter().zip(&right[..count]) {
                file.write_all(&l.to_le_bytes())?;
                file.write_all(&r.to_le_bytes())?;
            }
        }
        done += count;
    }
    if let Some(file) = &mut wav {
        file.flush()?;
    }
    println!("{{\"seconds\": {:.3}, \"peak\": {:.6}}}", done as f64 / f64::from(request.rate_hz), peak);
    Ok(())
}
