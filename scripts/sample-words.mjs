// node scripts/sample-words.mjs [SEED] prints comments, exported names and English texts chosen by a seed, to be
// restated by a reader who does not know the repository. The seed is the first 8 hex digits of the last commit unless
// another one is given.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { chooseSome, randomFrom } from './seeded-random.mjs'
import { root } from './set-up.mjs'

const COUNT = 20

const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
const sources = git('ls-files', 'src-*')
  .split('\n')
  .filter((path) => /\.tsx?$/.test(path) && !/\.(test|generated|d)\.tsx?$/.test(path))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))

const comments = sources.flatMap(({ path, text }) =>
  [...text.matchAll(/\/\*\*[\s\S]*?\*\/|(?:^ *\/\/.*\n)+/gm)].map(
    ([comment]) =>
      `${path}: ${comment
        .replace(/^\s*(\/\*\*|\*\/|\*|\/\/)/gm, '')
        .replace(/\*\/|\s+/g, ' ')
        .trim()}`,
  ),
)
const names = sources.flatMap(({ path, text }) =>
  [...text.matchAll(/^export (?:async )?(?:function\*?|const|class|interface|type) (\w+)/gm)].map(
    ([, name]) => `${path}: ${name}`,
  ),
)
const textsOf = (value, key) =>
  typeof value === 'string'
    ? [`${key}: ${value}`]
    : Object.entries(value).flatMap(([name, inner]) => textsOf(inner, `${key}.${name}`))
const texts = git('ls-files', 'resources/messages/en')
  .split('\n')
  .flatMap((path) => textsOf(JSON.parse(readFileSync(join(root, path), 'utf8')), path.replace(/^.*\/|\.json$/g, '')))

const seed = process.argv[2] ?? git('rev-parse', 'HEAD').slice(0, 8)
const random = randomFrom(Number.parseInt(seed, 16))
console.log(`seed ${seed}`)
for (const [kind, all] of Object.entries({ comments, names, texts })) {
  console.log(`\n${kind} (of ${all.length})`)
  for (const [index, item] of chooseSome(all, COUNT, random).entries()) console.log(`${index + 1}. ${item}`)
}
