// Why a browser gives no microphone: its error as one of the console's states.
//
// NOTE: the states are those of MicrophoneState in console/app/view_model.py.

const STATES = {
  NotFoundError: "missing",
  NotReadableError: "busy",
  AbortError: "busy",
  OverconstrainedError: "unfit",
  SecurityError: "blocked_by_policy",
};

// Call it with what `getUserMedia` was refused with.
export async function refusalOf(error) {
  if (error.name !== "NotAllowedError") return STATES[error.name] ?? "failed";
  const policy = document.permissionsPolicy ?? document.featurePolicy;
  if (policy?.allowsFeature("microphone") === false) return "blocked_by_policy";
  // Chromium says which it is; Firefox and Safari have one sentence for all.
  if (/dismissed/i.test(error.message)) return "dismissed";
  if (/system/i.test(error.message)) return "blocked_by_system";
  // The user lets this page have it, and yet it was refused: so by somebody else.
  return (await permission()) === "granted" ? "blocked_by_system" : "denied";
}

// "granted", "denied", "prompt", or null where the browser does not tell.
export async function permission() {
  const status = await navigator.permissions?.query({ name: "microphone" }).catch(() => null);
  return status?.state ?? null;
}
