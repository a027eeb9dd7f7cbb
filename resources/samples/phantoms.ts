/**
 * Pictures of bodies that do not exist: smooth shapes in which a reader recognises what is meant. All deterministic.
 */

/** A small repeatable generator of noise (mulberry32): numbers from 0 up to 1. */
export function noise(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

/** Grain of n×n samples around 0, made once and shifted per slice so that slices do not look alike. */
function grain(n: number, amplitude: number, seed: number): Float32Array {
  const next = noise(seed)
  return Float32Array.from({ length: n * n }, () => (next() + next() + next() - 1.5) * amplitude)
}

interface Ellipsoid {
  x: number
  y: number
  z: number
  rx: number
  ry: number
  rz: number
  value: number
}

const inside = (e: Ellipsoid, x: number, y: number, z: number) =>
  ((x - e.x) / e.rx) ** 2 + ((y - e.y) / e.ry) ** 2 + ((z - e.z) / e.rz) ** 2 < 1

/**
 * Chest and upper abdomen; millimetres, x to the patient's left, y to the back, z to the head; values in HU. Later
 * shapes cover earlier ones.
 */
const torso: readonly Ellipsoid[] = [
  { x: 0, y: 0, z: 0, rx: 172, ry: 112, rz: 900, value: -95 },
  { x: 0, y: 0, z: 0, rx: 158, ry: 99, rz: 900, value: 45 },
  { x: -72, y: 0, z: 55, rx: 60, ry: 78, rz: 125, value: -840 },
  { x: 74, y: 2, z: 55, rx: 57, ry: 78, rz: 120, value: -845 },
  { x: -62, y: -2, z: -105, rx: 84, ry: 72, rz: 62, value: 62 },
  { x: 92, y: 34, z: -102, rx: 34, ry: 36, rz: 46, value: 55 },
  { x: 60, y: -38, z: -96, rx: 46, ry: 34, rz: 40, value: 12 },
  { x: 26, y: -34, z: 10, rx: 52, ry: 44, rz: 54, value: 48 },
  { x: 34, y: -34, z: 8, rx: 20, ry: 18, rz: 26, value: 165 },
  { x: 8, y: -26, z: 14, rx: 15, ry: 14, rz: 24, value: 160 },
  { x: -98, y: 44, z: -150, rx: 25, ry: 24, rz: 52, value: 38 },
  { x: 100, y: 44, z: -146, rx: 25, ry: 24, rz: 52, value: 38 },
  { x: 0, y: 66, z: 0, rx: 21, ry: 17, rz: 900, value: 260 },
  { x: 0, y: 86, z: 0, rx: 7, ry: 7, rz: 900, value: 20 },
  { x: 17, y: 42, z: 0, rx: 12, ry: 12, rz: 900, value: 175 },
  { x: 0, y: -92, z: 60, rx: 20, ry: 6, rz: 90, value: 320 },
  { x: 0, y: 12, z: 110, rx: 9, ry: 9, rz: 75, value: -980 },
]

/** The finding of the sample: a nodule in the right lung at slice 40 of 80. */
const nodule: Ellipsoid = { x: -88, y: 18, z: 60, rx: 9, ry: 9, rz: 9, value: 42 }

const ctGrain = grain(512, 34, 7)

/** One axial CT slice, size×size stored values of 16 bits = HU + 1024. z in millimetres. */
export function ctSlice(size: number, z: number, slice: number): Uint16Array {
  const out = new Uint16Array(size * size)
  const spacing = 400 / size
  const reach = torso.filter((e) => Math.abs(z - e.z) < e.rz)
  const breath = 1 - 0.12 * Math.max(0, z / 140) ** 2
  for (let row = 0; row < size; row++) {
    const y = ((row + 0.5) * spacing - 200) / breath
    for (let column = 0; column < size; column++) {
      const x = ((column + 0.5) * spacing - 200) / breath
      let value = -1000
      for (const e of reach) if (inside(e, x, y, z)) value = e.value
      if (value > -100 && value < 100 && ribbed(x, y, z)) value = 420
      if (value < -700 && value > -990) value += vessels(x, y, z)
      if (inside(nodule, x, y, z)) value = nodule.value
      // the table under the patient
      if (value === -1000 && y > 128 && y < 134 && Math.abs(x) < 190) value = -350
      const index = row * size + column
      out[index] = Math.max(
        0,
        Math.min(
          4095,
          Math.round(value + 1024 + (value > -990 ? ctGrain[(index + slice * 7919) % ctGrain.length]! : 4)),
        ),
      )
    }
  }
  return out
}

/** Ribs: tilted rings just under the skin. */
function ribbed(x: number, y: number, z: number): boolean {
  const r = Math.sqrt((x / 146) ** 2 + (y / 90) ** 2)
  if (r < 0.93 || r > 1.03 || z < -130) return false
  const tilted = z + y * 0.55 + Math.abs(x) * 0.1
  return ((tilted % 26) + 26) % 26 < 9
}

/** Vessels of the lung: thin bright tubes that branch away from the hilum. */
function vessels(x: number, y: number, z: number): number {
  const dx = Math.abs(x) - 36
  const a = Math.sin(dx * 0.32 + z * 0.21) + Math.sin(y * 0.29 - z * 0.17) + Math.sin((dx + y) * 0.23)
  return a > 2.35 - 0.35 * Math.exp(-dx / 40) ? 620 : 0
}

const brain: readonly Ellipsoid[] = [
  { x: 0, y: 0, z: 0, rx: 78, ry: 96, rz: 88, value: 760 },
  { x: 0, y: 0, z: 0, rx: 73, ry: 91, rz: 83, value: 90 },
  { x: 0, y: 0, z: 0, rx: 68, ry: 86, rz: 78, value: 430 },
  { x: -32, y: 0, z: 2, rx: 30, ry: 70, rz: 58, value: 640 },
  { x: 32, y: 0, z: 2, rx: 30, ry: 70, rz: 58, value: 640 },
  { x: -13, y: -14, z: 8, rx: 8, ry: 27, rz: 20, value: 130 },
  { x: 13, y: -14, z: 8, rx: 8, ry: 27, rz: 20, value: 130 },
  { x: 0, y: 18, z: -10, rx: 4, ry: 12, rz: 20, value: 130 },
  { x: -20, y: 4, z: 0, rx: 12, ry: 16, rz: 14, value: 500 },
  { x: 20, y: 4, z: 0, rx: 12, ry: 16, rz: 14, value: 500 },
]
const mrGrain = grain(256, 40, 11)

/** One axial T1-like MR slice, size×size stored values of 12 bits. */
export function mrSlice(size: number, z: number, slice: number): Uint16Array {
  const out = new Uint16Array(size * size)
  const spacing = 230 / size
  for (let row = 0; row < size; row++) {
    for (let column = 0; column < size; column++) {
      const x = (column + 0.5) * spacing - 115
      const y = (row + 0.5) * spacing - 115
      let value = 12
      const fold = 5 * Math.sin(Math.atan2(y, x) * 17 + z * 0.15) * Math.min(1, Math.hypot(x, y) / 60)
      for (const e of brain)
        if (inside(e, x + (e.value === 640 ? fold : 0), y + (e.value === 640 ? fold : 0), z)) value = e.value
      if (Math.abs(x) < 1.2 && value > 300) value = 140
      const index = row * size + column
      out[index] = Math.max(0, Math.min(4095, Math.round(value + mrGrain[(index + slice * 4219) % mrGrain.length]!)))
    }
  }
  return out
}

interface Bone {
  x0: number
  y0: number
  x1: number
  y1: number
  r: number
}

/** Phalanges, metacarpals, carpals, radius and ulna of a left hand; unit square, y down. */
function handBones(): Bone[] {
  const bones: Bone[] = []
  const fingers = [
    { x: 0.33, top: 0.14, lean: -0.05 },
    { x: 0.45, top: 0.07, lean: -0.015 },
    { x: 0.565, top: 0.1, lean: 0.02 },
    { x: 0.675, top: 0.2, lean: 0.06 },
  ]
  for (const { x, top, lean } of fingers) {
    const joints = [top, top + 0.075, top + 0.17, top + 0.29, 0.63]
    for (let i = 0; i < 4; i++) {
      const at = (y: number) => x + lean * (0.63 - y) * 1.6 + (0.5 - x) * Math.max(0, y - 0.35) * 0.9
      bones.push({
        x0: at(joints[i]! + 0.012),
        y0: joints[i]! + 0.012,
        x1: at(joints[i + 1]! - 0.012),
        y1: joints[i + 1]! - 0.012,
        r: 0.013 + i * 0.0022,
      })
    }
  }
  bones.push(
    { x0: 0.155, y0: 0.405, x1: 0.19, y1: 0.47, r: 0.015 },
    { x0: 0.2, y0: 0.49, x1: 0.26, y1: 0.57, r: 0.017 },
    { x0: 0.275, y0: 0.59, x1: 0.37, y1: 0.67, r: 0.019 },
  )
  for (const [x, y] of [
    [0.42, 0.67],
    [0.475, 0.665],
    [0.53, 0.67],
    [0.585, 0.68],
    [0.44, 0.715],
    [0.5, 0.715],
    [0.555, 0.72],
  ] as const)
    bones.push({ x0: x, y0: y, x1: x + 0.006, y1: y + 0.006, r: 0.024 })
  bones.push(
    { x0: 0.455, y0: 0.775, x1: 0.44, y1: 1.1, r: 0.042 },
    { x0: 0.56, y0: 0.785, x1: 0.565, y1: 1.1, r: 0.028 },
  )
  return bones
}

function distance(b: Bone, x: number, y: number): number {
  const dx = b.x1 - b.x0
  const dy = b.y1 - b.y0
  const t = Math.max(0, Math.min(1, ((x - b.x0) * dx + (y - b.y0) * dy) / (dx * dx + dy * dy || 1)))
  return Math.hypot(x - b.x0 - t * dx, y - b.y0 - t * dy)
}

/** A hand radiograph of 12 bits; bright bone on dark ground. */
export function handRadiograph(columns: number, rows: number): Uint16Array {
  const out = new Uint16Array(rows * columns)
  const bones = handBones()
  const next = noise(23)
  for (let row = 0; row < rows; row++) {
    const y = (row / rows) * 1.0
    for (let column = 0; column < columns; column++) {
      const x = column / columns
      let nearest = 1
      let bone = 0
      for (const b of bones) {
        const d = distance(b, x, y)
        if (d < nearest) nearest = d
        // cortex brighter than marrow
        if (d < b.r) bone = Math.max(bone, 900 + 650 * Math.exp(-(((b.r - d) / b.r - 0.16) ** 2) / 0.02))
      }
      const flesh = nearest < 0.062 ? 760 * Math.sqrt(1 - nearest / 0.062) + 120 : 0
      out[row * columns + column] = Math.max(0, Math.min(4095, Math.round(260 + flesh + bone + (next() - 0.5) * 60)))
    }
  }
  return out
}

/** A chest radiograph of 12 bits, MONOCHROME1: large values are dark. */
export function chestRadiograph(columns: number, rows: number): Uint16Array {
  const out = new Uint16Array(rows * columns)
  const next = noise(31)
  for (let row = 0; row < rows; row++) {
    const y = (row / rows) * 2 - 1
    for (let column = 0; column < columns; column++) {
      const x = (column / columns) * 2 - 1
      let bright = Math.abs(x) < 0.82 - 0.1 * y ? 2100 : 300
      const lung =
        ((Math.abs(x) - 0.38) / 0.3) ** 2 + ((y + 0.02) / 0.68) ** 2 < 1 && y < 0.55 - 0.18 * Math.abs(x - 0.1)
      if (lung) bright = 1000 + 260 * Math.abs(y)
      if (((x - 0.12) / 0.3) ** 2 + ((y - 0.28) / 0.34) ** 2 < 1) bright = 2350
      if (Math.abs(x) < 0.1) bright += 420 + (((row / rows) * 26) % 1 < 0.14 ? -160 : 0)
      if (Math.abs(x) < 0.75 && (((y * 7 + x * x * 3.2) % 1) + 1) % 1 < 0.22 && y < 0.55) bright += 240
      if (Math.abs(y + 0.74 - Math.abs(x) * 0.12) < 0.03 && Math.abs(x) > 0.08 && Math.abs(x) < 0.62) bright += 420
      out[row * columns + column] = Math.max(0, Math.min(4095, 4095 - Math.round(bright + (next() - 0.5) * 90)))
    }
  }
  return out
}

/** A sector of speckle with a beating chamber, as RGB bytes; phase from 0 to 1 through one beat. */
export function ultrasoundFrame(columns: number, rows: number, phase: number): Uint8Array {
  const out = new Uint8Array(rows * columns * 3)
  const next = noise(47)
  const beat = 1 + 0.16 * Math.sin(phase * 2 * Math.PI)
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const speckle = next()
      const x = column - columns / 2
      const y = row - 44
      const radius = Math.hypot(x, y)
      const angle = Math.atan2(x, y)
      if (radius < 30 || radius > rows - 70 || Math.abs(angle) > 0.72) continue
      let level = (52 + 70 * Math.exp(-(((radius - 210) / 90) ** 2))) * (0.35 + speckle * 1.1)
      const chamber = ((x + 40) / (58 * beat)) ** 2 + ((y - 190) / (84 * beat)) ** 2
      const second = ((x - 62) / (44 / beat)) ** 2 + ((y - 205) / (70 / beat)) ** 2
      if (chamber < 1 || second < 1) level = 6 + speckle * 14
      else if (chamber < 1.3 || second < 1.35) level = 150 * (0.6 + speckle * 0.6)
      const index = (row * columns + column) * 3
      const grey = Math.max(0, Math.min(255, Math.round(level)))
      out[index] = grey
      out[index + 1] = grey
      out[index + 2] = Math.min(255, grey + 6)
    }
  }
  return out
}
