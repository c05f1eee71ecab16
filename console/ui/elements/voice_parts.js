// Microphone and speaker of a session, for whoever shows them elsewhere on the page.
//
//   const voice = voiceOf(sessionId);
//   voice.addEventListener("change", () => ...);   // something was switched on or off
//   voice.parts                                    // {microphone, speaker, isHearing, isSounding,
//                                                //  isTalking, speakerSettings} or null

const voices = new Map();

export function voiceOf(sessionId) {
  if (!voices.has(sessionId)) voices.set(sessionId, Object.assign(new EventTarget(), { parts: null }));
  return voices.get(sessionId);
}

export function offer(sessionId, parts) {
  const voice = voiceOf(sessionId);
  voice.parts = parts;
  voice.dispatchEvent(new Event("change"));
}
