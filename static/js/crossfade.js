/* From one playback to the next without a pause. */
import { audioContext } from "./sound.js";

const STEPS = 64;
const rise = Float32Array.from({ length: STEPS }, (_, at) => Math.sin((Math.PI / 2) * (at / (STEPS - 1))));
const fall = rise.toReversed();

/* A tape that runs before its playback is played, which then does not start it again. */
class RunningTape {
  constructor(tape) {
    this.tape = tape;
    this.isEarly = true;
  }

  async start(position) {
    if (this.isEarly) this.isEarly = false;
    else await this.tape.start(position);
  }

  stop() {
    this.tape.stop();
  }

  get position() {
    return this.tape.position;
  }

  add(track, signal) {
    return this.tape.add(track, signal);
  }

  remove(track) {
    this.tape.remove(track);
  }

  release() {
    this.tape.release();
  }
}

/* Fade `next` in and `old` out, with equal power. `next` stays silent if `old` is paused meanwhile. */
export async function crossfade(old, next, seconds) {
  if (!next.loop) await next.load();
  const { loop: tape } = next;
  if (!old.isOn) return;
  next.output.gain.value = 0;
  await tape.start(0);
  bend(old, fall, seconds);
  bend(next, rise, seconds);
  await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
  if (old.isOn) {
    next.loop = new RunningTape(tape);
    await next.play();
  } else tape.stop();
  for (const { output } of [old, next]) open(output.gain);
}

function bend({ output: { gain } }, curve, seconds) {
  gain.cancelScheduledValues(0);
  gain.setValueCurveAtTime(curve, audioContext().currentTime, seconds);
}

function open(gain) {
  gain.cancelScheduledValues(0);
  gain.value = 1;
}
