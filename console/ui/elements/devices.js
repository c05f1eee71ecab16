// The browser's microphones and speakers, as they come and go.

export class Devices {
  // `onChange({inputs, outputs})` hears the lists whenever they may have changed.
  constructor(onChange) {
    this.onChange = onChange;
    this.listeners = new AbortController();
  }

  listen() {
    const { signal } = this.listeners;
    navigator.mediaDevices?.addEventListener("devicechange", () => this.refresh(), { signal });
    return this.refresh();
  }

  stop() {
    this.listeners.abort();
  }

  async refresh() {
    const lists = await listDevices();
    if (!this.listeners.signal.aborted) this.onChange(lists);
  }
}

// Before the user gave leave, browsers list nameless devices; those are left out.
export async function listDevices() {
  const all = (await navigator.mediaDevices?.enumerateDevices?.().catch(() => [])) ?? [];
  const of = (kind) =>
    all
      // Chromium's "default" stands for the choice that the console has anyway.
      .filter((each) => each.kind === kind && each.deviceId !== "" && each.deviceId !== "default" && each.label !== "")
      .map(({ deviceId, label }) => ({ id: deviceId, label }));
  return { inputs: of("audioinput"), outputs: of("audiooutput") };
}

// The device that was chosen before: ids change when a browser forgets a site, names when a system
// is updated. Returns null when there is none of either.
export function findDevice(devices, { device_id: id, label }) {
  if (id === "") return null;
  return devices.find((each) => each.id === id) ?? devices.find((each) => each.label === label) ?? null;
}
