/**
 * Streams as new clients speak them, over WebSockets (v5.channel.k8s.io), inside the tests' network: prints what each gave as JSON.
 * Called with a Pod that runs a shell (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/).
 */

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import WebSocket from 'ws'
import { parse } from 'yaml'

const [pod] = process.argv.slice(2)
const { clusters, users } = parse(readFileSync(join(process.env.HOME, '.kube/config'), 'utf8'))
const bytes = (text) => Buffer.from(text, 'base64')
const options = {
  ca: bytes(clusters[0].cluster['certificate-authority-data']),
  cert: bytes(users[0].user['client-certificate-data']),
  key: bytes(users[0].user['client-key-data']),
}
const [STDIN, STDOUT, ERROR, RESIZE, CLOSE] = [0, 1, 3, 4, 255]

/** Runs a script in the Pod. `act` is handed what sends to a channel, and all that came so far, after each piece. */
function exec(script, { tty = false, protocol = 'v5.channel.k8s.io' }, act = () => {}) {
  const server = clusters[0].cluster.server.replace(/^https/, 'wss')
  const query = new URLSearchParams({ stdin: 'true', stdout: 'true', tty: String(tty) })
  for (const word of ['sh', '-c', script]) query.append('command', word)
  const url = `${server}/api/v1/namespaces/default/pods/${pod}/exec?${query}`
  const socket = new WebSocket(url, protocol, options)
  const send = (channel, data) => socket.send(Buffer.concat([Buffer.from([channel]), Buffer.from(data)]))
  return new Promise((resolve, reject) => {
    const answer = { protocol: '', out: '', status: undefined }
    socket.on('open', () => {
      answer.protocol = socket.protocol
      act(send, '')
    })
    socket.on('message', (message) => {
      const [channel] = message
      if (channel === STDOUT) act(send, (answer.out += message.subarray(1).toString()))
      if (channel === ERROR) answer.status = JSON.parse(message.subarray(1).toString())
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}

/** Does each thing once, when what it waits for has come. */
const inTurn = (steps) => (send, text) => {
  const next = steps.find(({ done, after }) => done !== true && text.includes(after))
  if (next === undefined) return
  next.done = true
  next.act(send)
}

const halfClosed = await exec('cat; echo over; exit 7', {}, (send, text) => {
  if (text !== '') return
  send(STDIN, 'through\n')
  send(CLOSE, [STDIN])
})
const terminal = await exec(
  'stty -echo; echo begin; while ! stty size 2> /dev/null | grep 100; do sleep 0.05; done; read line; echo "got $line"',
  { tty: true },
  inTurn([
    { after: 'begin', act: (send) => send(RESIZE, JSON.stringify({ Width: 100, Height: 40 })) },
    { after: '40 100', act: (send) => send(STDIN, 'a line\n') },
  ]),
)
const old = await exec('echo $((6 * 7)); exit 3', { protocol: 'v4.channel.k8s.io' })
const many = await Promise.all(
  Array.from({ length: 20 }, (_, at) => exec(`head -c 100000 /dev/zero | tr '\\0' ${at % 10}; exit ${at % 2}`, {})),
)
const isWhole = ({ out, status }, at) =>
  out === String(at % 10).repeat(100_000) && (status.status === 'Success') === (at % 2 === 0)
console.log(JSON.stringify({ halfClosed, terminal, old, whole: many.filter(isWhole).length }))
