// Listens to what a node plays and keeps all of it, for tests.
class Tap extends AudioWorkletProcessor {
  constructor() {
    super();
    this.blocks = [];
    this.port.onmessage = () => this.port.postMessage(this.blocks);
  }

  process([input]) {
    if (input.length) this.blocks.push(input[0].slice());
    return true;
  }
}

registerProcessor("rc-tap", Tap);
