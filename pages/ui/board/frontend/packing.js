// What `pack` in __init__.py has packed.

/** Bytes -> the message, its arrays as views of the bytes: {"$": [start, size]} floats, {"$8": [start, size]} bytes. */
export function unpack(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true);
  const header = new TextDecoder().decode(bytes.subarray(4, 4 + length));
  const body = bytes.slice(4 + length).buffer;
  const arrays = { $: new Float32Array(body), $8: new Uint8Array(body) };
  return JSON.parse(header, (_, value) => {
    for (const [kind, all] of Object.entries(arrays))
      if (Array.isArray(value?.[kind])) return all.subarray(value[kind][0], value[kind][0] + value[kind][1]);
    return value;
  });
}

/** Whether two arrays, packed or not, hold the same. */
export function alike(a, b) {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
