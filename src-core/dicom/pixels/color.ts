/** Converts colour spaces to RGB of 8 bits, in place, over samples that are stored by pixel (PS3.3 C.7.6.3.1.2). */

const clamp = (value: number): number => (value < 0 ? 0 : value > 255 ? 255 : Math.round(value))

/** Converts YBR_FULL (full range, ITU-R BT.601). */
export function ybrFullToRgb(pixels: Uint8Array): void {
  for (let i = 0; i + 2 < pixels.length; i += 3) {
    const y = pixels[i]!
    const blue = pixels[i + 1]! - 128
    const red = pixels[i + 2]! - 128
    pixels[i] = clamp(y + 1.402 * red)
    pixels[i + 1] = clamp(y - 0.344136 * blue - 0.714136 * red)
    pixels[i + 2] = clamp(y + 1.772 * blue)
  }
}

/**
 * Converts YBR_PARTIAL_422 and YBR_PARTIAL_420 after upsampling: black is Y 16, white is Y 235, chroma is from 16 to
 * 240.
 */
export function ybrPartialToRgb(pixels: Uint8Array): void {
  for (let i = 0; i + 2 < pixels.length; i += 3) {
    const y = 1.164383 * (pixels[i]! - 16)
    const blue = pixels[i + 1]! - 128
    const red = pixels[i + 2]! - 128
    pixels[i] = clamp(y + 1.596027 * red)
    pixels[i + 1] = clamp(y - 0.391762 * blue - 0.812968 * red)
    pixels[i + 2] = clamp(y + 2.017232 * blue)
  }
}

/** Converts HSV (retired): hue 0 to 255 is one turn of the circle, saturation and value are 0 to 255. */
export function hsvToRgb(pixels: Uint8Array): void {
  for (let i = 0; i + 2 < pixels.length; i += 3) {
    const sector = (pixels[i]! / 256) * 6
    const saturation = pixels[i + 1]! / 255
    const value = pixels[i + 2]!
    const channel = (shift: number): number => {
      const k = (shift + sector) % 6
      return clamp(value * (1 - saturation * Math.max(0, Math.min(k, 4 - k, 1))))
    }
    pixels[i] = channel(5)
    pixels[i + 1] = channel(3)
    pixels[i + 2] = channel(1)
  }
}
