// Changes the sample rate of a stream: windowed sinc, one kernel for each phase of the ratio.
//
// Standard rates have short ratios (48 kHz: 2/1, 44.1 kHz: 147/80), so every phase has its exact
// kernel and nothing drifts. `push` allocates nothing.

const ZERO_CROSSINGS = 24;
// Share of the narrower band that passes; the rest is room for the slope, so nothing folds back.
const PASS_BAND = 0.92;
// A ratio with more phases than this (an odd rate) takes the nearest kernel of as many.
const MOST_KERNELS = 512;
const LONGEST_BLOCK = 1024;

export class Resampler {
  constructor(inputHz, outputHz) {
    const divisor = greatestDivisor(inputHz, outputHz);
    this.inputStep = inputHz / divisor;
    this.phases = outputHz / divisor;
    const narrowing = Math.min(1, outputHz / inputHz);
    this.half = Math.ceil(ZERO_CROSSINGS / narrowing);
    this.width = 2 * this.half;
    this.nKernels = Math.min(this.phases, MOST_KERNELS);
    this.kernels = [];
    for (let k = 0; k < this.nKernels; k++) {
      this.kernels.push(makeKernel(this.half, narrowing * PASS_BAND, k / this.nKernels));
    }
    this.history = new Float32Array(this.width + LONGEST_BLOCK);
    // Zeros ahead of the first sample, so that output sample 0 stands at input sample 0.
    this.filled = this.half - 1;
    this.phase = 0;
  }

  // Takes `input` (at most 1024 samples), writes what it yields to `output`, returns how many.
  push(input, output) {
    this.history.set(input, this.filled);
    this.filled += input.length;
    let start = 0;
    let written = 0;
    while (start + this.width <= this.filled) {
      const kernel = this.kernels[Math.floor((this.phase * this.nKernels) / this.phases)];
      let sum = 0;
      for (let k = 0; k < this.width; k++) sum += this.history[start + k] * kernel[k];
      output[written++] = sum;
      this.phase += this.inputStep;
      const whole = Math.floor(this.phase / this.phases);
      start += whole;
      this.phase -= whole * this.phases;
    }
    this.history.copyWithin(0, start, this.filled);
    this.filled -= start;
    return written;
  }
}

// Blackman-windowed sinc whose peak lies `fraction` of a sample after index `half - 1`.
function makeKernel(half, cutoff, fraction) {
  const kernel = new Float32Array(2 * half);
  let sum = 0;
  for (let k = 0; k < kernel.length; k++) {
    const x = k - (half - 1) - fraction;
    const angle = (Math.PI * x) / half;
    const window = Math.abs(x) >= half ? 0 : 0.42 + 0.5 * Math.cos(angle) + 0.08 * Math.cos(2 * angle);
    const turn = Math.PI * x * cutoff;
    kernel[k] = (x === 0 ? 1 : Math.sin(turn) / turn) * window;
    sum += kernel[k];
  }
  for (let k = 0; k < kernel.length; k++) kernel[k] /= sum;
  return kernel;
}

function greatestDivisor(a, b) {
  return b === 0 ? a : greatestDivisor(b, a % b);
}
