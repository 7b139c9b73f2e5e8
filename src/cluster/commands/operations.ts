/** What the commands ask for, done. Each part loads when its command is used. */

import { UserError } from '../../base/user-error.ts'
import { systemClock } from '../../base/clock.ts'
import type { Operations } from '../../cli/operations.ts'
import { clusterPaths, imageStoreDir } from '../paths.ts'

const clock = systemClock

async function openStore(home: string) {
  const { ImageStore } = await import('../../images/store.ts')
  return new ImageStore(imageStoreDir(home), clock)
}

async function needCluster(home: string, name: string) {
  const { checkClusterName, readCluster } = await import('../record.ts')
  checkClusterName(name)
  const paths = clusterPaths(home, name)
  const record = readCluster(paths)
  if (record === undefined)
    throw new UserError(
      `there is no cluster "${name}"`,
      `make it with: gorae up${name === 'default' ? '' : ` --name ${name}`}`,
    )
  return { paths, record }
}

export const operations: Operations = {
  async up(options, ui, signal) {
    const { up } = await import('./up.ts')
    return up(options, { clock, ui }, signal)
  },
  async down(home, name, { keep }, ui, signal) {
    const { down } = await import('./down.ts')
    const onWait = (pid: number) => ui.note(waitingFor(pid, name))
    return down({ home, name, keep }, { clock, onWait, signal })
  },
  async tidy(home) {
    const { removeDeadLocks } = await import('../../linux/lock-file.ts')
    removeDeadLocks(home)
  },
  async exists(home, name) {
    const { hasRemains } = await import('./down.ts')
    return hasRemains(home, name)
  },
  async clusters(home) {
    const [{ listClusters }, { clustersThatRan }] = await Promise.all([import('../record.ts'), import('./down.ts')])
    return [...new Set([...listClusters(home), ...clustersThatRan(home)])]
  },
  async status(home, name) {
    const { clusterStatus } = await import('./status.ts')
    return clusterStatus(clusterPaths(home, name), clock)
  },
  async kubeconfig(home, name) {
    const { readFileSync } = await import('node:fs')
    const { paths } = await needCluster(home, name)
    return readFileSync(paths.kubeconfig, 'utf8')
  },
  async logFile(home, name, part) {
    const { paths, record } = await needCluster(home, name)
    if (part === 'server') return paths.serverLog
    if (record.nodes.includes(part)) return paths.node(part).log
    throw new UserError(
      `the cluster "${name}" has no part "${part}"`,
      `it has: ${['server', ...record.nodes].join(', ')}`,
    )
  },
  async diagnose() {
    return (await import('./doctor.ts')).diagnose()
  },
  async install(diagnosis, ui, signal) {
    await (await import('./doctor.ts')).install(diagnosis, ui, signal)
  },
  async start(home, manifest, ui, signal) {
    const { start } = await import('./start.ts')
    const print = (text: string) => void process.stdout.write(text)
    await start({ home, manifest }, { clock, ui, operations, print }, signal)
  },
  async loadImages(home, file, progress) {
    const { loadArchive } = await import('../../images/load.ts')
    return loadArchive(await openStore(home), file, progress)
  },
  async listImages(home) {
    const images = await (await openStore(home)).list()
    return images.map(({ name, descriptor, size }) => ({ name, digest: descriptor.digest, size }))
  },
  async removeImage(home, name) {
    const { normalizeName } = await import('../../images/reference.ts')
    return (await openStore(home)).remove(normalizeName(name))
  },
  async makeImage(home, name, binaries, command) {
    const [{ makeImage }, { appletsOf }] = await Promise.all([
      import('../../images/make.ts'),
      import('../../images/machine.ts'),
    ])
    const options = { name, binaries, appletsOf, ...(command === undefined ? {} : { command }) }
    return makeImage(await openStore(home), options)
  },
  async server(_home, name) {
    await runProgram('server', ['--name', name])
  },
  async revive(home, name, signal) {
    const { revive } = await import('./revive.ts')
    await revive(home, name, clock, signal)
  },
  async node(_home, name, node) {
    await runProgram('node', [node, '--name', name])
  },
}

const waitingFor = (pid: number, name: string) => `Waiting for process ${pid}, which works on the cluster "${name}".`

/** In the foreground, what `up` runs in the background. */
async function runProgram(name: string, args: readonly string[]): Promise<void> {
  const [{ launch }, { daemonFolder }] = await Promise.all([
    import('../daemons/launch.ts'),
    import('../daemons/daemon.ts'),
  ])
  await launch(daemonFolder(), name, args)
}
