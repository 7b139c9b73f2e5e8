// A registry that sends BYTES_PER_SECOND, for tests of pulls that take their time: node slow-registry.mjs BLOBS DIGEST ADDRESS PORT
// BYTES_PER_SECOND. It serves the folder BLOBS of an image store under any repository; every tag is the image DIGEST.
import { createReadStream, readFileSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const [blobs = '', image = '', address, port, rate = ''] = process.argv.slice(2)
const STEP_MS = 50

createServer((request, response) => {
  const [, kind, reference = ''] = /\/(manifests|blobs)\/([^/?]+)/.exec(request.url ?? '') ?? []
  if (kind === undefined) return response.end('{}')
  const digest = reference.startsWith('sha256:') ? reference : image
  const file = path.join(blobs, digest.slice('sha256:'.length))
  const type = kind === 'blobs' ? 'application/octet-stream' : JSON.parse(readFileSync(file, 'utf8')).mediaType
  response.writeHead(200, {
    'Content-Type': type,
    'Content-Length': statSync(file).size,
    'Docker-Content-Digest': digest,
  })
  if (request.method === 'HEAD') return response.end()
  send(file, response).catch(() => response.destroy())
}).listen(Number(port), address, () => console.log('on'))

async function send(file, response) {
  const highWaterMark = Math.ceil((Number(rate) * STEP_MS) / 1000)
  for await (const chunk of createReadStream(file, { highWaterMark })) {
    response.write(chunk)
    await sleep(STEP_MS)
  }
  response.end()
}
