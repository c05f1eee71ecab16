// Texts in files of the user's machine.

/** Returns `{ text }` of a file in UTF-8, or why it was not read: `{ why }`, "size" or "text". */
export async function fileText(file, maxBytes) {
  if (file.size > maxBytes) return { why: "size" };
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(await file.arrayBuffer()) };
  } catch {
    return { why: "text" };
  }
}
