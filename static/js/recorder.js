/* Recording with the microphone, into the file field of the same form.

   The microphone is asked for when the button is pressed, and released when the recording ends. */
import { keepPageWhile } from "./leaving.js";
import { clock } from "./waveform.js";

const RAW = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
/* They are made for voices and remove what surrounds them. */
const FORMATS = ["audio/webm;codecs=opus", "audio/ogg;codecs=opus", "audio/mp4"];
const ENDINGS = { "audio/webm": "webm", "audio/ogg": "ogg", "audio/mp4": "m4a" };
const BITS_PER_SECOND = 192_000;
const SOFTEST = -60; // decibels, the left end of the meter
const REFUSALS = {
  NotAllowedError: "The microphone is blocked. Allow it for this site in the browser, or upload a file.",
  NotFoundError: "There is no microphone. Connect one, or upload a file.",
  NotReadableError: "The microphone cannot be opened. Another program may be using it.",
};
const UNSUPPORTED = "This browser cannot record here: it needs HTTPS. Upload a file instead.";

class SoundRecorder extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector(".record");
    this.time = this.querySelector("time");
    this.meter = this.querySelector("meter");
    this.player = this.querySelector("audio");
    this.field = this.closest("form").querySelector("[type=file]");
    this.button.addEventListener("click", () => this.toggle());
    this.querySelector(".discard").addEventListener("click", () => this.discard());
    this.field.addEventListener("change", () => this.giveWay());
    this.closest("form").addEventListener("submit", () => (this.isSent = true));
    keepPageWhile(() => this.isConnected && !this.isSent && this.dataset.state !== "idle");
    addEventListener("pagehide", () => this.stop());
    this.show("idle");
  }

  disconnectedCallback() {
    this.stop();
  }

  get isRecording() {
    return this.recorder?.state === "recording";
  }

  toggle() {
    if (this.isRecording) this.stop();
    else if (!this.isAsking) this.start();
  }

  async start() {
    this.refuse("");
    this.isAsking = true;
    try {
      if (!navigator.mediaDevices || !window.MediaRecorder) return this.refuse(UNSUPPORTED);
      this.stream = await navigator.mediaDevices.getUserMedia({ audio: RAW });
      this.record();
    } catch (error) {
      this.release();
      this.refuse(REFUSALS[error.name] ?? `The microphone cannot be used: ${error.message}`);
    } finally {
      this.isAsking = false;
    }
  }

  record() {
    const parts = [];
    const mimeType = FORMATS.find((format) => MediaRecorder.isTypeSupported(format));
    this.recorder = new MediaRecorder(this.stream, { mimeType, audioBitsPerSecond: BITS_PER_SECOND });
    this.recorder.addEventListener("dataavailable", ({ data }) => parts.push(data));
    this.recorder.addEventListener("stop", () => this.keep(parts));
    this.recorder.start();
    this.began = performance.now();
    this.listen();
    this.show("recording");
    this.say("Recording.");
    this.follow();
  }

  listen() {
    this.context = new AudioContext();
    this.analyser = this.context.createAnalyser();
    this.context.createMediaStreamSource(this.stream).connect(this.analyser);
    this.samples = new Float32Array(this.analyser.fftSize);
  }

  /* Show time and level until the recording ends, by itself at the limit. */
  follow() {
    if (!this.isRecording) return;
    const seconds = (performance.now() - this.began) / 1000;
    this.time.textContent = clock(seconds);
    this.meter.value = this.level();
    if (seconds >= Number(this.dataset.seconds)) this.stop();
    else setTimeout(() => this.follow(), 50);
  }

  level() {
    this.analyser.getFloatTimeDomainData(this.samples);
    const peak = this.samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
    return Math.max(SOFTEST, 20 * Math.log10(peak + 1e-9));
  }

  stop() {
    if (this.isRecording) this.recorder.stop();
    this.release();
  }

  release() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.context?.close();
    this.stream = this.context = null;
  }

  /* Put the recording into the form's file field, which sends it like an upload. */
  keep(parts) {
    this.release(); // also if the microphone was pulled out
    if (this.dataset.state !== "recording") return;
    const type = this.recorder.mimeType.split(";")[0];
    const file = new File(parts, `recording.${ENDINGS[type] ?? "webm"}`, { type });
    const files = new DataTransfer();
    files.items.add(file);
    this.field.files = files.files;
    this.field.dispatchEvent(new Event("input")); // it is no longer missing
    this.show("recorded");
    this.player.src = URL.createObjectURL(file);
    this.say(`Recorded ${this.time.textContent}. Listen to it, then add it.`);
  }

  /* A file was chosen instead. */
  giveWay() {
    this.show("idle");
    this.stop();
  }

  discard() {
    this.field.value = "";
    this.show("idle");
    this.button.focus();
    this.say("Recording discarded.");
  }

  show(state) {
    this.dataset.state = state;
    this.button.textContent = { idle: "Record", recording: "Stop", recorded: "Record again" }[state];
    if (this.player.src && state !== "recorded") {
      URL.revokeObjectURL(this.player.src);
      this.player.removeAttribute("src");
    }
  }

  refuse(words) {
    this.querySelector("[role=alert]").textContent = words;
  }

  say(words) {
    document.getElementById("announcer").textContent = words;
  }
}

customElements.define("sound-recorder", SoundRecorder);
