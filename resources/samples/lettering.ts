/** Letters of 5×7 dots, to burn a name into pixels as ultrasound machines do. */
const glyphs: Record<string, string> = {
  A: '0e11111f111111',
  B: '1e11111e11111e',
  C: '0e11101010110e',
  D: '1e11111111111e',
  E: '1f10101e10101f',
  F: '1f10101e101010',
  G: '0e11101713110f',
  H: '1111111f111111',
  I: '0e04040404040e',
  J: '0702020202120c',
  K: '11121418141211',
  L: '1010101010101f',
  M: '111b1515111111',
  N: '11191513111111',
  O: '0e11111111110e',
  P: '1e11111e101010',
  Q: '0e11111115120d',
  R: '1e11111e141211',
  S: '0f10100e01011e',
  T: '1f040404040404',
  U: '1111111111110e',
  V: '11111111110a04',
  W: '11111115151b11',
  X: '11110a040a1111',
  Y: '11110a04040404',
  Z: '1f01020408101f',
  0: '0e11131519110e',
  1: '040c040404040e',
  2: '0e11010204081f',
  3: '1f02040201110e',
  4: '02060a121f0202',
  5: '1f101e0101110e',
  6: '0608101e11110e',
  7: '1f010204080808',
  8: '0e11110e11110e',
  9: '0e11110f01020c',
  '-': '0000001f000000',
  '.': '00000000000c0c',
  ':': '000c0c000c0c00',
  '/': '01010204081010',
  ',': '00000000060408',
  ' ': '00000000000000',
}

/** Writes text into RGB pixels at (left, top), scale dots a dot; what lies outside the frame is left out. */
export function burnIn(
  pixels: Uint8Array,
  columns: number,
  text: string,
  left: number,
  top: number,
  scale: number,
): void {
  const rows = pixels.length / columns / 3
  for (const [position, letter] of [...text.toUpperCase()].entries()) {
    const glyph = glyphs[letter] ?? glyphs[' ']!
    for (let dot = 0; dot < 35 * scale * scale; dot++) {
      const dx = dot % (5 * scale)
      const dy = Math.floor(dot / (5 * scale))
      const bits = Number.parseInt(glyph.slice(Math.floor(dy / scale) * 2, Math.floor(dy / scale) * 2 + 2), 16)
      const x = left + position * 6 * scale + dx
      const y = top + dy
      if (!(bits & (16 >> Math.floor(dx / scale))) || x >= columns || y >= rows) continue
      pixels.fill(235, (y * columns + x) * 3, (y * columns + x) * 3 + 3)
    }
  }
}
