/* Makes a mono sound wide for two ears, as soundscapes/engine/sound/beds/ does: a copy, whose phases
   turn to and fro, is added in the left ear and subtracted in the right one. At the same size, a
   stereo file in Ogg Vorbis would lose its width above 6 kHz. */
import { audioContext } from "./sound.js";

const SAMPLE_RATE = 44100;
const SWAY = 2.404826; // radians that each rate turns the phases to and fro
const RATES = [0.7, 2.4]; // hertz
const POINTS = 4097; // of a cosine and a sine over all phases
const FULL = 131072; // the number in RESPONSE that is a gain of 1
/* The later halves of both filters' impulse responses: interleaved, 16 bits, little-endian. The
   earlier half is the same with the opposite sign, in reverse.
   tests/engine/test_quadrature.py compares them with the server's. */
const RESPONSE =
  "IvC+ASEkxP4LCE4QyvXSRUwPdeSQ9erpCQPV8oMQl9rC4TNJBwzO4t5UVPqu7NEC4/2XGOslN1FqAyUD6d4nNwvthhMiEQcM2zDf+Uzyv9YI68PYAdCu17H9TPCS20zY1fwP6hISJ/6U6B0LmgfMEw47MumSAXoiANKs28X2U9QbDAbpESusDtDxmftwLUEZBuAr1x/NACKa067x0/eTBbD/tANrBfwj1u25GInuqwJ2ODwVvPRWLGcLvwcW57zscyhK9xb4VAOWDy/+NdUe8pARsewfDpXpVyKE+b4UvzyB6t/ifQBwIFIgfRm//QDph/cw7ZAzKSqo2icE0fQJ4XQDWxd2EuX7jf3xEnIUCea370Adyxbz9r3na/Oy+j7v4xZp+tf0PwjwDicfqeuNHPnaZfuxH8r5yuewDKA9ZfR+3GrELt3vBfT3T0aD8wnmGvAE6fXxOwdxHEj2GxFgLSUdGv/z1UYb38Qm3uXlLeBX6DIJQRHQCfTOgfuh6rMRn/4wEHALPvivBVbTgByB3fUfmP6N/VsBJAlrBPnqV/hhG28M1RZ0FBL/Rtx5DbEH7RU56ZkaEePvBpoYUAUF9n3wThdx+ELuA/BYBAj/ntdrG/fwgOzO5MD2pxDS4abp1w0YDrUBe+rcJNX7hwNp+jsMAwDuEtgMkPHI9f8Dnvhh/0EdeAxTDFcK/RnAELwGLBBmAIUZBRdm7mUMZ/l87uL2fA6LFKYGcfhD4HwFSNgsFNUHnQBlBFINh+76/bQDH/pVB1IUNeu26GQ1wvUrE/Pl4e4CEaYMG/HrHZjehBEkEbkNMd4SBaTgAuV1EfAV5OpEAosbut7dCAgkDAMFHLMJ++p7/Z77UgTg2mQCcP/j2XYNdQmkCKvr9gp4AxoJx/7W+kQIyfi/DFT5BP4R88H7jOatEU7w2fDDDRPRPwt/6rD0QBO8ArILYAMNEW3xsvw4/zzfCw0J/0bv3vmU8Z/1bRXOCXUAGBeEHM8D1O9Y/W71rSe7CNEBOw5l26wABRPP6U7rpvvu8+gG4AFo/lEBiwH/7WQCVgSa9jQKnOTVAZoHx/VS+MwXfwy+/HUMifV+AwMEz+ya8ismYw8d9MwJsQvVAWALjPhgFHP1dfOQ84UROPzb6Dv5yA6b6e75FAtEB831vQ2SAE7wletc6/cTsfOFFWIDZghP4x75Og6U9s4Bv/229tL/nu3CATnzawCwDmkCXPaR+Rj5EPo9/YoJH/tzCPIBqA/eEFD/KQEe/u4MxfXL788G7wFgCvcH5gXm/j7zOQfWB3UAY/id7lolMuz6Djn7sQRuIdr6dAX1BO0CIP+s/lv7MgEyApMUXv4gBjLyYAW4+aX9VO7GA7EBwf5A/WICgxD/GVL+IQrc74X2dvI7B+cItfkpB6j4HgtNBGX3F/2TBtAGWgBLBtkH0Qa6CpgB1PkB+g39AAbxAwn84g2n+7oGd/xsAk/5EwGYB5r83/Sw++b7NPPr9CcOTP6FAKoON/T7BEn3aP2R/P/zEv6J9p0HB/zqAmr5r/8uCVfvkPyvBEoC5hMkBrn6Mg9+AeIA6QNHAarzrQIDArP7//wq/nEA5QTs9NkCafdw+8kC9P86/6f7eANZBPb9zvzNDVz4d/+v+yMGd/zKB2UNg/aVBDgDhgpjBc0ACQBA/FQALgLgCIwEM/kQBh8HDgAb+gcArvnV/KkGwPnf/bj5mQVfBRUGRQLU+X34Fv1l/hT87fqE/tIHcvc69AcM9PsPC/f6Fv1W+I38+Ptm/uj6h/gd/rf56PlT+C0JgAEW/5783giA/jIAlvp2ADH7iP+1AA37gQDE+hP5of2HBoD/Rv4iD3D9c/+dBin78QPL+k3/l/+PCF/+iwNXAfkEfwGy/1P+jQNgBCIA9QL1BuT9nP2C/EcFMgHY9jkBsQS9/C//ZwDR/z35bfsR/d8Dx/0AACIDggPj+fQCTgKv/gwBVvfs/WsCcgRdAI/5uwS8/5wCIQV5/AQDoP/XBUEIYP3B+o7/PwTC/ccAK/8/BfcGyPx3/er6AQO1+WECagLI/5j9pADP/2cDzf3C/K77uv1n/g4A+f8z/n4B9gCb/qr+nf5FBab8fwYGBJn///6eAPD+jwC+AIUCp/7QAKn8VwE2/LgAmwEx+vr+/vsQ/5MChf8HALEDFwLs/K7+OP76/CsB+QBFBBz9hACq/wICF/6FAaP+EP3L/nn/iADjAssAWv1iBL39tf0W/tz9NQQuALMCdgBB/1wCIvvZAj7+zv0AA0H+sACpAnL84f/2Aw3/BwD0AXIBwwAt/j8BXgEQ/Jr+6P8DALj/nABH/ywETAFh/mUAbAAdAPf9kgBS/7r/7P4PAx4BvQAd/0n9PQGTATD7ZP+0AM8BL/28/9AAGgAK/yL+sAHk/tb+vQCs/vb/uAGiATv/z/7E/zj/HQHrAO3/tgCZAfcBM/+2AqYCHv+3/xT/NgBWACj+AP58AG4As//w/2oA1v+sAfT+AQJh/1v/kv/iAN8AVgCI/6kABP2yAEcANADK/7f9KAAjAIb+AgH2AH0CMwDKAq0Cr/93/6gBWgHR/r8A8/5J/xQAfABF/kcA3v+q/tL/eQH2AGX/sf+FAQQBBgC+/RX/GwHh/B8AjwLi/5/+Hf2mAHoA1f/7/rQB3gDj/0P/A/6NAUz///5oAQ0BMv8x/kQBSQGl/+H9xf42ABz/Yf8eAi0Buv9e/yUA9v7j/tQBFwE=";

let response = null;

/* Return nodes for a mono sound: where it comes in, and where it goes out for two ears.

   `width` is the share of the power that differs between them; `position` pans with constant power. */
export function widener(width, position) {
  const context = audioContext();
  const input = new GainNode(context);
  const output = new ChannelMergerNode(context, { numberOfInputs: 2 });
  const copy = new GainNode(context, { gain: Math.sqrt(width) });
  const ears = [Math.cos, Math.sin].map((gainAt, ear) => {
    const node = new GainNode(context, { gain: gainAt(((position + 1) * Math.PI) / 4) });
    node.connect(output, 0, ear);
    return node;
  });
  response ??= decoded();
  const sound = new GainNode(context, { gain: Math.sqrt(1 - width) });
  const opposite = new GainNode(context, { gain: -1 });
  const delayTime = (response[0].length - 1) / 2 / SAMPLE_RATE; // half a response is earlier
  input.connect(new DelayNode(context, { delayTime })).connect(sound);
  for (const ear of ears) sound.connect(ear);
  copy.connect(ears[0]);
  copy.connect(opposite).connect(ears[1]);
  return { input, output, stop: turn(context, filtered(context, input), copy) };
}

/* Return both parts of the copy, each in a channel of its own. */
function filtered(context, input) {
  const { length } = response[0];
  const buffer = new AudioBuffer({ length, numberOfChannels: 2, sampleRate: SAMPLE_RATE });
  for (const [channel, samples] of response.entries()) buffer.copyToChannel(samples, channel);
  const filter = new ConvolverNode(context, { buffer, disableNormalization: true });
  const channels = new ChannelSplitterNode(context, { numberOfOutputs: 2 });
  input.connect(filter).connect(channels);
  return channels;
}

/* Add the parts, one with the cosine of the turning phase and one with its sine. Return what ends
   the turning: until then, the browser computes and keeps all nodes. */
function turn(context, channels, sum) {
  const most = SWAY * RATES.length;
  const phase = new GainNode(context, { gain: 1 / RATES.length });
  const turning = RATES.map((frequency) => new OscillatorNode(context, { frequency }));
  for (const each of turning) {
    each.connect(phase);
    each.start();
  }
  for (const [channel, shape] of [Math.cos, Math.sin].entries()) {
    const curve = Float32Array.from({ length: POINTS }, (_, at) =>
      shape(most * ((2 * at) / (POINTS - 1) - 1)),
    );
    const level = new GainNode(context, { gain: 0 });
    phase.connect(new WaveShaperNode(context, { curve })).connect(level.gain);
    channels.connect(level, channel).connect(sum);
  }
  return () => {
    for (const each of turning) each.stop();
  };
}

function decoded() {
  const bytes = Uint8Array.from(atob(RESPONSE), (character) => character.charCodeAt(0));
  const numbers = new DataView(bytes.buffer);
  const length = bytes.length / 4;
  return [0, 2].map((first) => {
    const gainAt = (at) => numbers.getInt16(4 * at + first, true) / FULL;
    const later = Float32Array.from({ length }, (_, at) => gainAt(at));
    return Float32Array.of(...later.map((value) => -value).reverse(), 0, ...later);
  });
}
