/**
 * How many frames an image has by its Number of Frames (0028,0008): 0, an empty value, a negative one and what is no
 * whole number are one frame, as DCMTK and pydicom read them (PS3.3 C.7.6.6.1.1 allows numbers from 1).
 * @param NumberOfFrames as read; undefined when there is none or it is no number
 */
export function frameCount(NumberOfFrames: number | undefined): number {
  return Number.isInteger(NumberOfFrames) && NumberOfFrames! >= 1 ? NumberOfFrames! : 1
}
