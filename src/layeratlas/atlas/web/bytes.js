// What the page holds, as bytes, and whether they are the ones on record.

const held = (id) => document.getElementById(id)?.textContent ?? null;

export const isHeld = (id) => document.getElementById(id) !== null;

function decoded(id) {
  const text = held(id);
  if (text === null) return null;
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let k = 0; k < binary.length; k += 1) bytes[k] = binary.charCodeAt(k);
  return bytes;
}

export async function sha256(bytes) {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// Everything in the page is packed by gzip, as text.
export async function unpacked(id) {
  const bytes = decoded(id);
  if (bytes === null) return null;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

// As an address that an image may have; a long string of characters takes a few at a time.
export function address(bytes, type) {
  let binary = "";
  for (let k = 0; k < bytes.length; k += 8192) binary += String.fromCharCode(...bytes.subarray(k, k + 8192));
  return `data:${type};base64,${btoa(binary)}`;
}
