/**
 * A program of the official JavaScript client, run inside the tests' network: each thing it does is awaited, and any fault ends it with a
 * code. Called with the namespace of its own.
 */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { PassThrough } from 'node:stream'
import threads from 'node:worker_threads'
import zlib from 'node:zlib'

// The client's HTTP library wants these, which Node.js 20 has not.
Promise.withResolvers ??= () => {
  const made = {}
  made.promise = new Promise((resolve, reject) => Object.assign(made, { resolve, reject }))
  return made
}
threads.markAsUncloneable ??= () => {}
zlib.createZstdDecompress ??= () => {
  throw new Error('there is no zstd')
}
const k8s = await import('@kubernetes/client-node')

const [namespace] = process.argv.slice(2)
const config = new k8s.KubeConfig()
config.loadFromDefault()
const core = config.makeApiClient(k8s.CoreV1Api)
const objects = k8s.KubernetesObjectApi.makeApiClient(config)

/** All that a stream carries, as a promise of the text once `until` likes it. */
function textOf(stream, until) {
  return new Promise((resolve) => {
    let text = ''
    stream.on('data', (chunk) => {
      text += chunk
      if (until(text)) resolve(text)
    })
  })
}

await core.createNamespace({ body: { metadata: { name: namespace } } })

const seen = []
const list = () => core.listNamespacedPod({ namespace })
const informer = k8s.makeInformer(config, `/api/v1/namespaces/${namespace}/pods`, list)
const isReady = new Promise((resolve, reject) => {
  const look = (pod) => {
    seen.push(pod.status?.phase)
    if (pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')) resolve()
  }
  informer.on('add', look)
  informer.on('update', look)
  informer.on('error', reject)
})
await informer.start()

const command = ['sh', '-c', 'echo ready; exec httpd -f -p 8080 -h /etc']
const containers = [{ name: 'web', image: 'busybox', command }]
const pod = {
  metadata: { name: 'web', labels: { app: 'web' } },
  spec: { containers, terminationGracePeriodSeconds: 0 },
}
await core.createNamespacedPod({ namespace, body: pod })
await isReady
assert(seen.includes('Pending') || seen.includes('Running'))
assert.equal((await list()).items.length, 1)

const log = new PassThrough()
const logged = textOf(log, (text) => text.includes('\n'))
await new k8s.Log(config).log(namespace, 'web', 'web', log, { follow: false })
assert.equal(await logged, 'ready\n')

const stdout = new PassThrough()
const stdin = new PassThrough()
const echoed = textOf(stdout, (text) => text.includes('through'))
const status = await new Promise((resolve, reject) => {
  const run = ['sh', '-c', 'read line; echo $line; exit 3']
  new k8s.Exec(config).exec(namespace, 'web', 'web', run, stdout, null, stdin, false, resolve).catch(reject)
  stdin.write('through\n')
})
assert.equal(await echoed, 'through\n')
assert.equal(status.status, 'Failure')
assert.equal(status.details?.causes?.[0]?.message, '3')

const forward = new k8s.PortForward(config)
const server = createServer((socket) => void forward.portForward(namespace, 'web', [8080], socket, null, socket))
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const socket = connect(server.address().port, '127.0.0.1')
socket.write('GET /hostname HTTP/1.0\r\n\r\n')
assert.match(await textOf(socket, (text) => /\n\r\n.*web/s.test(text)), /200 OK/)
socket.destroy()
server.close()

const settings = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace }, data: { a: '1' } }
const apply = (object, manager, force) =>
  objects.patch(object, undefined, undefined, manager, force, k8s.PatchStrategy.ServerSideApply)
await apply(settings, 'one')
await assert.rejects(apply({ ...settings, data: { a: '2' } }, 'two'), { code: 409 })
assert.equal((await apply({ ...settings, data: { a: '2' } }, 'two', true)).data.a, '2')

const gone = new Promise((resolve, reject) => {
  const hear = (phase, object) => phase === 'DELETED' && object.metadata.name === 'settings' && resolve()
  new k8s.Watch(config).watch(`/api/v1/namespaces/${namespace}/configmaps`, {}, hear, reject).catch(reject)
})
await objects.delete(settings)
await gone

await core.deleteNamespacedPod({ namespace, name: 'web' })
await core.deleteNamespace({ name: namespace })
await informer.stop()
process.stdout.write('all done\n')
process.exit(0)
