// Delivers sound to the playback worklet by the clock that renders it, for tests: a machine that is
// busy holds up both alike.
//
// processorOptions.deliveries: [[ms, {command, ...}], ...] in order; node.port receives {port}, the
// end of a MessageChannel whose other end the playback worklet has, and sends on what comes from there.
class Feeder extends AudioWorkletProcessor {
  constructor({ processorOptions }) {
    super();
    this.deliveries = processorOptions.deliveries;
    this.next = 0;
    this.began = null;
    this.line = null;
    this.port.onmessage = ({ data }) => {
      this.line = data.port;
      this.line.onmessage = (message) => this.port.postMessage(message.data);
    };
  }

  process() {
    if (this.line === null) return true;
    this.began ??= currentTime;
    const ms = (currentTime - this.began) * 1000;
    while (this.next < this.deliveries.length && this.deliveries[this.next][0] <= ms) {
      this.line.postMessage(this.deliveries[this.next++][1]);
    }
    return true;
  }
}

registerProcessor("rc-feeder", Feeder);
