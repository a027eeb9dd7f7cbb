/**
 * The server that `curl -T` sends to in the upload bench: it writes each body to FILE and answers once it is on disk.
 */
import { createWriteStream, fdatasyncSync, openSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'

const server = createServer((request, response) => {
  const fd = openSync(process.argv[2]!, 'w')
  pipeline(request, createWriteStream('', { fd, autoClose: false, highWaterMark: 2 ** 20 })).then(
    () => {
      fdatasyncSync(fd)
      response.writeHead(204).end()
    },
    () => response.destroy(),
  )
})
server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port))
process.once('disconnect', () => process.exit())
