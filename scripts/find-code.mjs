// Finds a piece of code in a source by its syntax. Layout, quotes, parentheses and trailing commas do not matter, so
// that code is still found after a formatter has changed it.
import { parseSync } from 'vite'

/** The ways to parse a pattern: the code to put around it, and how to get the pattern's node from the result. */
const READINGS = [
  { before: 'async function* f() { (', after: ') }', of: (body) => body[0].body.body[0].expression },
  { before: 'async function* f() { for (;;) {', after: '} }', of: (body) => statement(body[0].body.body[0].body.body) },
  { before: '({', after: '})', of: (body) => only(body[0].expression.properties) },
  { before: 'async function* f() { switch (0) {', after: '} }', of: (body) => only(body[0].body.body[0].cases) },
  { before: 'class C {', after: '}', of: (body) => only(body[0].body.body) },
  { before: '<a ', after: ' />', of: (body) => only(body[0].expression.openingElement.attributes) },
]

const only = (nodes) => (nodes.length === 1 ? nodes[0] : undefined)
/** Returns nothing for a single expression, because the first reading finds that as an expression. */
const statement = (nodes) => (only(nodes)?.type === 'ExpressionStatement' ? undefined : only(nodes))
const isNode = (value) => typeof value?.type === 'string'
const NOT_MEANING = new Set(['start', 'end', 'range', 'raw', 'shorthand'])

/** @throws SyntaxError when the source does not parse */
export function parseCode(file, source) {
  const { program, errors } = parseSync(file, source, { preserveParens: false })
  if (errors.length > 0) throw new SyntaxError(`${file}: ${errors[0].message}`)
  return program
}

function* nodesOf(value) {
  if (typeof value !== 'object' || value === null) return
  if (isNode(value)) yield value
  for (const part of Object.values(value)) yield* nodesOf(part)
}

/** Removes differences without meaning: quotes around a property's key, and line breaks in JSX text. */
function normalized(node) {
  if (node.type === 'Property' && !node.computed && typeof node.key.value === 'string')
    return { ...node, key: { ...node.key, type: 'Identifier', name: node.key.value } }
  if (node.type === 'JSXText') return { type: node.type, value: node.value.replace(/\s+/g, ' ').trim() }
  return node
}

/**
 * Whether code means the same to the compiler as a pattern. In the pattern a name that begins with `$` stands for any
 * expression.
 * @param holes receives the node that each such name stands for
 */
function matches(pattern, code, holes) {
  if (pattern?.type === 'Identifier' && pattern.name.startsWith('$')) {
    holes.set(pattern.name, code)
    return isNode(code)
  }
  if (typeof pattern !== 'object' || pattern === null) return pattern === code
  if (typeof code !== 'object' || code === null || pattern.type !== code.type) return false
  if (Array.isArray(pattern) && pattern.length !== code.length) return false
  const [left, right] = isNode(pattern) ? [normalized(pattern), normalized(code)] : [pattern, code]
  // A field that only one of the two nodes has, such as the type annotation of a name, is ignored.
  return Object.keys(left).every(
    (key) => NOT_MEANING.has(key) || !(key in right) || matches(left[key], right[key], holes),
  )
}

/** Returns each node that a pattern can be: an expression, statement, property, case, class member or JSX attribute. */
function readingsOf(file, pattern) {
  const readings = READINGS.flatMap(({ before, after, of }) => {
    try {
      return of(parseCode(file, `${before}${pattern}${after}`).body) ?? []
    } catch {
      return []
    }
  })
  if (readings.length === 0) throw new SyntaxError(`Not one expression, statement or property: ${pattern}`)
  return readings
}

const isText = ({ type, value }) =>
  type === 'TemplateElement' || type === 'JSXText' || (type === 'Literal' && typeof value === 'string')

function placesOfText(program, source, text) {
  const words = text.split(/\s+/).map((word) => word.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  return [...nodesOf(program)].filter(isText).flatMap(({ start, end }) =>
    [...source.slice(start, end).matchAll(new RegExp(words.join('\\s+'), 'g'))].map((match) => ({
      start: start + match.index,
      end: start + match.index + match[0].length,
    })),
  )
}

/**
 * Returns where a piece of code is in a source.
 * @param {string} file its extension gives the language
 * @param {string} source
 * @param {string | { text: string }} find a whole expression, statement, property, case, class member or JSX attribute,
 *   in which a name that begins with `$` stands for any expression; or `{ text }`, a piece of a string, a template or
 *   JSX, in which spaces and line breaks count as equal
 * @returns `{ start, end, holes }` of each place, in UTF-16 units; holes: the nodes that the names with `$` stand for
 * @throws SyntaxError when pattern or source do not parse
 */
export function findCode(file, source, find) {
  const program = parseCode(file, source)
  if (typeof find !== 'string') return placesOfText(program, source, find.text)
  const readings = readingsOf(file, find)
  // The key is the range, because a shorthand property is found both as a key and as a value.
  const places = new Map()
  for (const node of nodesOf(program))
    for (const reading of readings) {
      const [{ start, end }, holes] = [node, new Map()]
      if (matches(reading, node, holes)) places.set(`${start}-${end}`, { start, end, holes })
    }
  return [...places.values()]
}

/**
 * Returns the source with one piece of code replaced.
 * @param {string} file
 * @param {string} source
 * @param {string | { text: string }} find as for `findCode`
 * @param {string} replacement in which a name that begins with `$` stands for the same as in `find`
 * @throws Error when the piece is not there exactly once, or when the result does not parse
 */
export function replaceCode(file, source, find, replacement) {
  const places = findCode(file, source, find)
  if (places.length !== 1) throw new Error(`${places.length} times in ${file}: ${find.text ?? find}`)
  const [{ start, end, holes }] = places
  const filled = replacement.replace(/\$\w+/g, (name) => {
    const node = holes?.get(name)
    return node ? source.slice(node.start, node.end) : name
  })
  const changed = source.slice(0, start) + filled + source.slice(end)
  parseCode(file, changed)
  return changed
}
