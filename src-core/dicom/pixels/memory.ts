/**
 * Functions that provide memory for frames. A caller that shows one frame after another can use the same memory again.
 */

/** Returns an array of `length` bytes with any content, at the start of a buffer. */
export type Allocate = (length: number) => Uint8Array

/** New memory for each frame, for frames that are passed on. */
export const freshMemory: Allocate = (length) => new Uint8Array(length)
