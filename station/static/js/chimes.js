/** Short tunes, and how they are played: each note rings out like a bell. */

const C4 = 261.63, E4 = 329.63, C5 = 523.25, E5 = 659.26, G5 = 783.99, C6 = 1046.5; // Hz, equal temperament
const BETWEEN_S = 0.15;
const RINGING_S = 0.7;
const ATTACK_S = 0.01;
const LEVEL = 0.1; // of each note; several ring at a time
const SILENCE = 0.0001;

/** Notes by the screen that they announce. */
export const CHIMES = Object.freeze({
  choose: [C5, G5],
  arrived: [C5, E5, G5, C6],
  interrupted: [E4, C4],
});

/** Has an AudioContext play a tune, from the time `atS` of its clock on. */
export function schedule(audio, tune, atS) {
  tune.forEach((frequencyHz, index) => ring(audio, frequencyHz, atS + index * BETWEEN_S));
}

function ring(audio, frequencyHz, atS) {
  const tone = audio.createOscillator();
  const level = audio.createGain();
  tone.frequency.value = frequencyHz;
  level.gain.setValueAtTime(SILENCE, atS);
  level.gain.exponentialRampToValueAtTime(LEVEL, atS + ATTACK_S);
  level.gain.exponentialRampToValueAtTime(SILENCE, atS + RINGING_S);
  tone.connect(level).connect(audio.destination);
  tone.start(atS);
  tone.stop(atS + RINGING_S);
}
