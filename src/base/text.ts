/** Texts of limited length. */

/** The text, or as much of its beginning as `max` bytes hold, cut at a character. */
export function firstBytes(text: string, max: number): string {
  if (Buffer.byteLength(text) <= max) return text
  // Bytes of a character cut in two at the end would decode to replacement characters.
  return Buffer.from(text)
    .subarray(0, max)
    .toString('utf8')
    .replace(/\ufffd+$/, '')
}
