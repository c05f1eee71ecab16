// Tells when sound begins at its input: the least that a page must do to notice it.
class Onset extends AudioWorkletProcessor {
  constructor() {
    super();
    this.silentFor = 0;
  }

  process([input]) {
    const isLoud = input.length > 0 && input[0].some((each) => Math.abs(each) > 0.03);
    if (isLoud && this.silentFor > sampleRate / 10) this.port.postMessage(null);
    this.silentFor = isLoud ? 0 : this.silentFor + 128;
    return true;
  }
}

registerProcessor("rc-onset", Onset);
