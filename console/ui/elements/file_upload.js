// A file on its way to the session. NOTE: keep in step with file_upload.py, which hears what is refused.

// The session has told the page itself why it does not take the file.
const TOLD = [413, 422];

const mebibytes = (size) => (size / 1024 ** 2).toFixed(1).replace(/\.0$/, "");

// Sends the file; returns the sentence that its user is told, empty when there is nothing to tell.
export async function upload(file, path, { maxBytes, ifTooLarge = "", ifLost }) {
  if (file.size > maxBytes) {
    return `${file.name} has ${mebibytes(file.size)} MiB; ${mebibytes(maxBytes)} MiB is the most. ${ifTooLarge}`.trim();
  }
  try {
    const answer = await fetch(`${path}?name=${encodeURIComponent(file.name)}`, {
      method: "POST",
      body: file,
      headers: { "content-type": "application/octet-stream" },
    });
    return answer.ok || TOLD.includes(answer.status) ? "" : await reason(answer, file.name);
  } catch {
    return `${file.name} could not be read or sent. ${ifLost}`;
  }
}

async function reason(answer, name) {
  const { detail } = await answer.json().catch(() => ({}));
  return typeof detail === "string" ? detail : `${name} was not taken (${answer.status}).`;
}
