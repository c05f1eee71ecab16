// Where the speaker's sound leaves the page: the system's default device, or one that was chosen.
//
// Chromium gives an AudioContext the choice. Firefox gives it to media elements only, so there the
// sound takes the way over one, and only while a device is chosen: it adds some delay.

const CONTEXT_CAN_CHOOSE = "setSinkId" in (window.AudioContext?.prototype ?? {});
const ELEMENT_CAN_CHOOSE = "setSinkId" in HTMLMediaElement.prototype;

export function canChooseOutput() {
  return CONTEXT_CAN_CHOOSE || ELEMENT_CAN_CHOOSE;
}

export class SpeakerOutput {
  // Plays what `node` gives. `onRemarks(sentences)` hears what is odd about the device; [] when nothing is.
  constructor(node, onRemarks) {
    this.node = node;
    this.context = node.context;
    this.onRemarks = onRemarks;
    this.wanted = { id: "", label: "" };
    this.used = "";
    this.element = null;
    this.working = Promise.resolve();
    this.listeners = new AbortController();
    node.connect(this.context.destination);
    // A device that goes or comes back; the choice stands in both cases.
    const { signal } = this.listeners;
    navigator.mediaDevices?.addEventListener("devicechange", () => this.settle(), { signal });
  }

  // Resolves when the sound leaves where it can: the default, if what is wanted cannot be had.
  choose(id, label) {
    this.wanted = { id, label };
    return this.settle();
  }

  // The context says that its device failed; the lists may not know yet.
  lost() {
    this.working = this.working.then(async () => {
      if (this.used === "") return;
      await this._try("");
      this._remarkMissing();
    });
    return this.working;
  }

  close() {
    this.listeners.abort();
    this.element?.pause();
    this.element = null;
  }

  // Goes where the sound is wanted, or back there. One change after the other: a context that is being
  // moved takes no other move.
  settle() {
    this.working = this.working.then(() => this._apply());
    return this.working;
  }

  async _apply() {
    if (this.context.state === "closed") return;
    const { id, label } = this.wanted;
    if (id !== "" && !canChooseOutput()) {
      this.onRemarks(["This browser plays on the system's speaker only; choose another there."]);
      return;
    }
    const found = id === "" ? "" : await findOutput(id, label);
    const failure = found === null ? "NotFoundError" : await this._try(found);
    if (failure === null) {
      this.onRemarks([]);
      return;
    }
    await this._try("");
    this._remarkMissing(failure);
  }

  _remarkMissing(failure = "NotFoundError") {
    const name = this.wanted.label ? `"${this.wanted.label}"` : "that was chosen";
    const what =
      failure === "NotFoundError"
        ? `The speaker ${name} is not there.`
        : `The browser does not play on the speaker ${name} (${failure}).`;
    this.onRemarks([`${what} You hear the system's speaker.`]);
  }

  // The name of what went wrong, or null.
  async _try(id) {
    try {
      await this._use(id);
      return null;
    } catch (error) {
      console.warn("this speaker cannot be used:", id, error);
      return error.name;
    }
  }

  async _use(id) {
    if (id === this.used) return;
    if (CONTEXT_CAN_CHOOSE) await this.context.setSinkId(id);
    else if (id === "") this._leaveElement();
    else await this._playOnElement(id);
    this.used = id;
  }

  async _playOnElement(id) {
    const element = this.element ?? new Audio();
    await element.setSinkId(id);
    if (this.element !== null) return;
    const stream = new MediaStreamAudioDestinationNode(this.context, { channelCount: 1 });
    element.srcObject = stream.stream;
    await element.play();
    this.element = element;
    this.stream = stream;
    this.node.connect(stream);
    this.node.disconnect(this.context.destination);
  }

  _leaveElement() {
    if (this.element === null) return;
    this.node.connect(this.context.destination);
    this.node.disconnect(this.stream);
    this.element.pause();
    this.element = null;
  }
}

// The id of the output that is meant, or null if it is not there. A browser may give new ids; the label
// tells it then. Without leave to list devices all that is known is the id.
async function findOutput(id, label) {
  const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  const outputs = devices.filter((each) => each.kind === "audiooutput" && each.deviceId !== "");
  if (outputs.length === 0) return id;
  const same = outputs.find((each) => each.deviceId === id) ?? outputs.find((each) => label && each.label === label);
  return same?.deviceId ?? null;
}
