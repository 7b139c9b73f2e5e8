/** Small programs that run in containers, or beside them, as `node -e` takes them. */

/** Sends back what it gets, on port 8080. */
export const ECHO_SERVER = `
require('node:net').createServer({ allowHalfOpen: true }, (socket) => {
  socket.on('error', () => {})
  socket.pipe(socket)
}).listen(8080)
`

/** A gRPC health server on port 5000, which says that \`web\` serves and that others do not. */
export const GRPC_SERVER = `
require('node:http2').createServer().on('stream', (stream) => {
  const chunks = []
  stream.on('data', (chunk) => chunks.push(chunk))
  stream.on('end', () => {
    const serving = Buffer.concat(chunks).subarray(7).toString() === 'web'
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true })
    stream.end(Buffer.from([0, 0, 0, 0, 2, 8, serving ? 1 : 2]))
  })
}).listen(5000)
`

/** Forwards to the Pod \`echo\`, and sends something else through each of fifty connections. */
export const FORWARD_MANY = `
const { spawn } = require('node:child_process'), net = require('node:net'), crypto = require('node:crypto')
const forward = spawn(process.env.KUBECTL, ['port-forward', 'pod/echo', '18080:8080'], { stdio: ['ignore', 'pipe', 'inherit'] })
const echoed = (length) => new Promise((resolve) => {
  const bytes = crypto.randomBytes(length), got = []
  let count = 0
  const socket = net.connect(18080, '127.0.0.1')
  socket.on('data', (chunk) => {
    got.push(chunk)
    count += chunk.length
    if (count >= length) socket.end()
  })
  socket.on('error', () => {})
  socket.on('close', () => resolve(Buffer.concat(got).equals(bytes)))
  socket.write(bytes)
})
forward.stdout.once('data', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, (_, index) => echoed(200_000 + index)))
  const right = answers.filter((is) => is).length
  console.log(JSON.stringify({ right, wrong: answers.length - right }))
  forward.kill()
})
`
