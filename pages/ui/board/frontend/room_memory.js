// What this browser remembers of rooms, without any account: by chance a name for the device, the nickname, and the secret of
// the room that it hosts.

const DEVICE = "gan_room_device", NAME = "gan_room_name", HOSTED = "gan_room_hosted";
const here = new Map(); // where a browser keeps nothing

function read(key) {
  try {
    return localStorage.getItem(key) ?? here.get(key) ?? null;
  } catch {
    return here.get(key) ?? null;
  }
}

function write(key, value) {
  if (value === null) here.delete(key);
  else here.set(key, value);
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch { /* it is kept for this page, then */ }
}

/** What the server counts votes by: one a device. */
export function device() {
  let name = read(DEVICE);
  if (!name) {
    name = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    write(DEVICE, name);
  }
  return name;
}

export const nickname = () => read(NAME) ?? "";
export const keepNickname = (name) => write(NAME, name || null);

/** { code, secret } of the room that this browser hosts, or null. */
export function hosted() {
  try {
    return JSON.parse(read(HOSTED));
  } catch {
    return null;
  }
}

export const keepHosted = (room) => write(HOSTED, room && JSON.stringify(room));
