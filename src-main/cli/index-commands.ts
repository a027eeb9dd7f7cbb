/** Commands that need only the index of a data folder. */
import { resolve } from 'node:path'
import { indexFolders, listStudies } from '../library/index-command.ts'
import { number, string, type Command } from './command.ts'
import { dataFolder } from './data-folder.ts'

export const index: Command = {
  usage: 'index DIR… [--quick]',
  words: [1, Infinity],
  options: { quick: { type: 'boolean', default: false } },
  async run(words, values) {
    let shown = 0
    const onProgress = (done: number, total: number | null) => {
      if (values.json === true || !process.stderr.isTTY || Date.now() - shown < 200) return
      shown = Date.now()
      process.stderr.write(`\r${done} of ${total ?? '…'} files`)
    }
    const report = await indexFolders(
      dataFolder(values),
      words.map((word) => resolve(word)),
      { quick: values.quick === true, onProgress },
    )
    return {
      json: report,
      text:
        `\n${report.files} files: ${report.indexed} read, ${report.unchanged} unchanged, ` +
        `${report.skipped.length} skipped. ${report.patients} patients, ${report.studies} studies, ` +
        `${report.instances} instances in the library.`,
    }
  },
}

export const studies: Command = {
  usage: 'studies [--search TEXT] [--limit N]',
  words: [0, 0],
  options: { search: { type: 'string' }, limit: { type: 'string' } },
  async run(_words, values) {
    const search = string(values, 'search')
    const limit = number(values, 'limit')
    return {
      json: listStudies(dataFolder(values), {
        ...(search === undefined ? {} : { search }),
        ...(limit === undefined ? {} : { limit }),
      }),
    }
  },
}
